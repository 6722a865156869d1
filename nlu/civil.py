"""Whether money is missed in a dispute rather than by a fraud: words in ``rules/civil.yml``."""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.rulebook import reader


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    expand, data = reader("civil.yml")
    return expand.compile("|".join(data["dispute"])), expand.compile("|".join(data["fraud"]))


def told_as_dispute(text: str) -> bool:
    """Whether a text of the rules' spelling has words of a dispute and none that frauds are told with."""
    dispute, fraud = _words()
    return dispute.search(text) is not None and fraud.search(text) is None
