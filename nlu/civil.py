"""Whether money is gone in a dispute or by a bank's notice rather than by a fraud: words in ``rules/civil.yml``."""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.rulebook import reader


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], ...]:
    expand, data = reader("civil.yml")
    return tuple(expand.compile("|".join(data[name])) for name in ("dispute", "fraud", "notice"))


def told_without_fraud(text: str) -> bool:
    """Whether a text of the rules' spelling tells of a dispute and of no fraud, or is a bank's notice and no more."""
    dispute, fraud, notice = _words()
    if notice.search(text) is not None:
        return True
    return dispute.search(text) is not None and fraud.search(text) is None
