"""Rosters and ladders as YAML that people edit: every mistake is named with file, line and rule.

Scalars are read as text and typed by the models, because YAML would read ``20:00`` as a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from pydantic import ValidationError

from stops.duty import words
from stops.duty.plan import Ladder, Roster
from storage.documents import DocumentError, compose, locate, nodes, plain

_QUOTED = re.compile(r"“([^”]+)”")
KINDS: dict[str, type[Roster] | type[Ladder]] = {"roster": Roster, "ladder": Ladder}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``rule``: the name of the shift or ladder it is in, or empty."""

    file: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return words.PROBLEM.format(
            file=self.file,
            line=self.line,
            rule=words.IN_RULE.format(rule=self.rule) if self.rule else "",
            text=self.text,
        )


class PlanError(Exception):
    """A roster or ladder that cannot be used; the text is for the screen of staff."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def read(text: str, file: str) -> Roster | Ladder:
    """The document in a file of that name. Raises :class:`PlanError` with everything that is wrong."""
    node = _compose(text, file)
    raw = plain(node)
    what = raw.get("what") if isinstance(raw, dict) else None
    model = KINDS.get(what) if isinstance(what, str) else None
    if model is None:
        raise PlanError([Problem(file, node.start_mark.line + 1, "", words.WHAT_IS_IT)])
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise PlanError([_problem(node, problem, file) for problem in error.errors()]) from error


def line_of(text: str, word: str) -> int:
    """The first line on which a login stands; 1 where none does."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    leaves = nodes(node) if node is not None else []
    lines = [leaf.start_mark.line + 1 for leaf in leaves if isinstance(leaf, yaml.ScalarNode) and leaf.value == word]
    return min(lines, default=1)


def _compose(text: str, file: str) -> yaml.Node:
    try:
        return compose(text)
    except DocumentError as error:
        raise PlanError([Problem(file, error.line, "", words.FAULTS[error.fault].format(key=error.key))]) from error


def _problem(node: yaml.Node, error: object, file: str) -> Problem:
    details: dict[str, object] = dict(error)  # type: ignore[call-overload]
    where = details["loc"]
    assert isinstance(where, tuple)
    place = locate(node, where, "name")
    line, rule = place.line, place.name
    kind = str(details["type"])
    context = details.get("ctx")
    values = {"error": "", "expected": "", **(context if isinstance(context, dict) else {})}
    said = words.MISTAKES.get(kind, words.MISTAKE).format_map(values).replace(" or ", ", ")
    if not place.path:
        line, rule = _named(place.node, said) or (line, rule)
    return Problem(file, line, rule, f"{place.path[-1]}: {said}" if place.path else said)


def _named(node: yaml.Node, said: str) -> tuple[int, str] | None:
    """Where the last thing stands that a sentence about the whole document puts in quotes."""
    for name in reversed(_QUOTED.findall(said)):
        lines = [leaf.start_mark.line + 1 for leaf in nodes(node) if leaf.value == name]
        if lines:
            return max(lines), name
    return None
