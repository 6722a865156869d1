"""Which of many regular expressions can match a text at all, told from short strings they cannot do without.

Nearly all of the rules' patterns are sure not to match a given message, and a set of strings of one or two characters
shows it faster than the patterns do. The idea is that of RE2's ``FilteredRE2``; the patterns here look around, which
RE2 does not know, so they stay Python's own.

Runs in Rasa's environment too (Python 3.10): standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

try:
    from re import _constants as sre  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # before Python 3.11
    import sre_constants as sre
    import sre_parse as parser

_MOST_SPELLINGS = 128  # of a part of a pattern that is written out in full
_KEPT = 4  # sets looked at for a pattern; more of them rule out next to nothing
Atoms = frozenset[str]  # strings of one or two characters


class Prefilter:
    """Built once from compiled patterns; ``possible`` is pure."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._always: list[int] = []
        self._by_atom: dict[str, list[int]] = {}
        self._others: list[tuple[Atoms, ...]] = []
        for place, pattern in enumerate(patterns):
            first, *others = required(pattern)[:_KEPT] or [frozenset()]
            self._others.append(tuple(others))
            if not first:
                self._always.append(place)
            for atom in first:
                self._by_atom.setdefault(atom, []).append(place)

    def possible(self, text: str) -> list[int]:
        """Places, ascending, of the patterns that may match somewhere in ``text``; no other one does."""
        atoms = {*text, *map("".join, pairwise(text))}
        candidates = set(self._always)
        for atom in atoms & self._by_atom.keys():
            candidates.update(self._by_atom[atom])
        found = []
        for place in candidates:
            for needed in self._others[place]:
                if atoms.isdisjoint(needed):
                    break
            else:
                found.append(place)
        return sorted(found)


def required(pattern: re.Pattern[str]) -> list[Atoms]:
    """Sets of strings; whatever the pattern matches has at least one of each set in it. The strictest come first."""
    if pattern.flags & re.IGNORECASE:
        return []
    return _required(parser.parse(pattern.pattern, pattern.flags))


def _required(sequence: Iterable[Any]) -> list[Atoms]:
    found: set[Atoms] = set()
    spelt = {""}
    for node in sequence:
        ways = _spellings(node)
        if ways is not None and len(spelt) * len(ways) <= _MOST_SPELLINGS:
            spelt = _joined(spelt, ways)
            continue
        found |= _atoms(spelt)
        spelt = ways or {""}
        found.update(() if ways else _inside(node))
    return sorted(found | _atoms(spelt), key=_looseness)


def _inside(node: Any) -> list[Atoms]:
    """What a part needs that has too many spellings to write them out."""
    operation, value = node
    if operation is sre.SUBPATTERN:
        return [] if value[1] & re.IGNORECASE else _required(value[-1])
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _required(value[2]) if value[0] else []
    if operation is sre.BRANCH:
        ways = [_required(way) for way in value[1]]
        return [frozenset().union(*sets) for sets in zip(*ways)]  # noqa: B905 - as many as the poorest has
    return []


def _spellings(node: Any) -> set[str] | None:
    """Everything a part can match, or None where that is too much. What takes no space is left out: it only forbids."""
    operation, value = node
    if operation is sre.LITERAL:
        return {chr(value)}
    if operation is sre.IN:
        return _characters(value)
    if operation is sre.SUBPATTERN:
        return None if value[1] & re.IGNORECASE else _all_spellings(value[-1])
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT) and value[:2] == (0, 1):
        ways = _all_spellings(value[2])
        return None if ways is None else {"", *ways}
    if operation is sre.BRANCH:
        every = [_all_spellings(way) for way in value[1]]
        united = {spelling for ways in every for spelling in ways or ()}
        return None if None in every or len(united) > _MOST_SPELLINGS else united
    return {""} if operation in (sre.AT, sre.ASSERT, sre.ASSERT_NOT) else None


def _all_spellings(sequence: Iterable[Any]) -> set[str] | None:
    spelt = {""}
    for node in sequence:
        ways = _spellings(node)
        if ways is None or len(spelt) * len(ways) > _MOST_SPELLINGS:
            return None
        spelt = _joined(spelt, ways)
    return spelt


def _characters(members: Iterable[Any]) -> set[str] | None:
    found: set[str] = set()
    for operation, value in members:
        if operation is sre.LITERAL:
            found.add(chr(value))
        elif operation is sre.RANGE and value[1] - value[0] < _MOST_SPELLINGS:
            found.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return found


def _joined(starts: set[str], ends: set[str]) -> set[str]:
    return {start + end for start in starts for end in ends}


def _atoms(spelt: set[str]) -> set[Atoms]:
    """One of the first pairs is in the text, and one of the last."""
    if "" in spelt:
        return set()
    return {frozenset(way[:2] for way in spelt), frozenset(way[-2:] for way in spelt)}


def _looseness(atoms: Atoms) -> int:
    """A single character is found in far more texts than a pair."""
    return sum(1 if len(atom) > 1 else 12 for atom in atoms)
