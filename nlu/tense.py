"""Whether the money of an urgent text is still to go: rules in ``rules/tense.yml``."""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.normalise import normal
from nlu.rulebook import reader

_CLAUSE = re.compile("[^,。!?\\n]*$")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, list[re.Pattern[str]]]:
    expand, data = reader("tense.yml")
    return {name: [expand.compile(pattern) for pattern in patterns] for name, patterns in data.items()}


def still_to_go(text: str, *, heard: bool = False) -> bool:
    """Whether the money of this urgent text has not gone yet but is about to.

    ``heard``: the safety net's rules have heard a payment under way. A payment that was made counts before one that
    is to be made.
    """
    text = normal(text)
    if _says("gone", text) or _has_paid(text):
        return False
    if heard or _says("not_yet", text):
        return True
    return _says("asked", text) and not _says("cheated", text)


def _says(name: str, text: str) -> bool:
    return any(pattern.search(text) for pattern in _patterns()[name])


def _has_paid(text: str) -> bool:
    (ahead,) = _patterns()["ahead"]
    for pattern in _patterns()["paid"]:
        for found in pattern.finditer(text):
            before = _CLAUSE.search(text, max(0, found.start() - 20), found.end())
            if before is None or ahead.search(before.group()) is None:
                return True
    return False
