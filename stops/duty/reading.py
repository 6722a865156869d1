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

_QUOTED = re.compile(r"“([^”]+)”")
MOST = 64 * 1024  # characters of a file
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
    _check_shape(node, file)
    raw = _plain(node)
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
    leaves = _nodes(node) if node is not None else []
    lines = [leaf.start_mark.line + 1 for leaf in leaves if isinstance(leaf, yaml.ScalarNode) and leaf.value == word]
    return min(lines, default=1)


def _compose(text: str, file: str) -> yaml.Node:
    if len(text) > MOST:
        raise PlanError([Problem(file, 1, "", words.TOO_LONG)])
    try:
        # An alias could refer to itself or grow without end; a plan needs none.
        alias = next((event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)), None)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PlanError([Problem(file, line, "", words.NOT_YAML)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PlanError([Problem(file, 1, "", words.NOT_YAML)]) from error
    if alias is not None:
        line = alias.start_mark.line + 1 if alias.start_mark else 1
        raise PlanError([Problem(file, line, "", words.NO_ALIASES)])
    if not isinstance(node, yaml.MappingNode):
        raise PlanError([Problem(file, 1, "", words.WHAT_IS_IT)])
    return node


def _check_shape(node: yaml.Node, file: str) -> None:
    """YAML takes the last of two equal keys in silence; a shift would be lost."""
    for inner in _nodes(node):
        if not isinstance(inner, yaml.MappingNode):
            continue
        seen = set()
        for key, _ in inner.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise PlanError([Problem(file, key.start_mark.line + 1, "", words.TWICE.format(key=key.value))])
            seen.add(key.value)


def _nodes(node: yaml.Node) -> list[yaml.Node]:
    found = [node]
    for inner in found:
        if isinstance(inner, yaml.MappingNode):
            found += [part for pair in inner.value for part in pair]
        elif isinstance(inner, yaml.SequenceNode):
            found += inner.value
    return found


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value


def _problem(node: yaml.Node, error: object, file: str) -> Problem:
    details: dict[str, object] = dict(error)  # type: ignore[call-overload]
    where = details["loc"]
    assert isinstance(where, tuple)
    line, rule, path = node.start_mark.line + 1, "", []
    for step in where:
        found = _inside(node, step)
        if found is None:
            path.append(str(step))
            continue
        node = found
        line = node.start_mark.line + 1
        rule = _name(node) or rule
        if isinstance(step, str):
            path.append(step)
    kind = str(details["type"])
    context = details.get("ctx")
    values = {"error": "", "expected": "", **(context if isinstance(context, dict) else {})}
    said = words.MISTAKES.get(kind, words.MISTAKE).format_map(values).replace(" or ", ", ")
    if not path:
        line, rule = _named(node, said) or (line, rule)
    return Problem(file, line, rule, f"{path[-1]}: {said}" if path else said)


def _named(node: yaml.Node, said: str) -> tuple[int, str] | None:
    """Where the last thing stands that a sentence about the whole document puts in quotes."""
    for name in reversed(_QUOTED.findall(said)):
        lines = [leaf.start_mark.line + 1 for leaf in _nodes(node) if leaf.value == name]
        if lines:
            return max(lines), name
    return None


def _inside(node: yaml.Node, step: object) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _name(node: yaml.Node) -> str:
    named = _inside(node, "name")
    return str(named.value) if isinstance(named, yaml.ScalarNode) else ""
