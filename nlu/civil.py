"""Whether money is gone in a dispute or by a bank's notice rather than by a fraud: words in ``rules/civil.yml``."""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.rulebook import reader


@lru_cache(maxsize=1)
def _words() -> dict[str, re.Pattern[str]]:
    expand, data = reader("civil.yml")
    notice = {name: expand.compile(pattern) for name, pattern in data["notice"].items()}
    return {**notice, **{name: expand.compile("|".join(data[name])) for name in ("dispute", "fraud")}}


def told_without_fraud(text: str) -> bool:
    """Whether a text of the rules' spelling tells of a dispute and of no fraud, or is a bank's notice and no more."""
    words = _words()
    addressed = words["addressed"].search(text)
    if addressed is not None and words["paid"].search(text, addressed.end()) and not words["own"].search(text):
        return True
    return words["dispute"].search(text) is not None and words["fraud"].search(text) is None
