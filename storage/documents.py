"""YAML documents that people edit: every part knows its line, and every scalar stays the text that was written.

YAML itself would read ``20:00`` as a number and ``0.1`` as a binary fraction; the models type the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import yaml

MOST = 64 * 1024  # characters of a file
NULL = "tag:yaml.org,2002:null"


class Fault(StrEnum):
    """Why a text is no document."""

    TOO_LONG = "too_long"
    NOT_YAML = "not_yaml"
    ALIAS = "alias"
    NOT_MAPPING = "not_mapping"
    TWICE = "twice"


class DocumentError(Exception):
    """A text that cannot be read. ``line`` counts from 1; ``key``: what stands there twice."""

    def __init__(self, fault: Fault, line: int = 1, key: str = "") -> None:
        super().__init__(f"line {line}: {fault.value} {key}".strip())
        self.fault = fault
        self.line = line
        self.key = key


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads. ``name``: that of the innermost named part; ``path``: the keys on the way."""

    node: yaml.Node
    line: int
    name: str
    path: tuple[str, ...]


def compose(text: str) -> yaml.MappingNode:
    """The parts of a document, no key in one mapping twice. Raises :class:`DocumentError`."""
    if len(text) > MOST:
        raise DocumentError(Fault.TOO_LONG)
    try:
        # An alias could refer to itself or grow without end; a document of ours needs none.
        alias = next((event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)), None)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise DocumentError(Fault.NOT_YAML, error.problem_mark.line + 1 if error.problem_mark else 1) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise DocumentError(Fault.NOT_YAML) from error
    if alias is not None:
        raise DocumentError(Fault.ALIAS, alias.start_mark.line + 1 if alias.start_mark else 1)
    if not isinstance(node, yaml.MappingNode):
        raise DocumentError(Fault.NOT_MAPPING)
    _no_key_twice(node)
    return node


def _no_key_twice(node: yaml.Node) -> None:
    """YAML takes the last of two equal keys in silence; the first would be lost."""
    for inner in nodes(node):
        if not isinstance(inner, yaml.MappingNode):
            continue
        seen = set()
        for key, _ in inner.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise DocumentError(Fault.TWICE, key.start_mark.line + 1, str(key.value))
            seen.add(key.value)


def nodes(node: yaml.Node) -> list[yaml.Node]:
    """A part and everything in it."""
    found = [node]
    for inner in found:
        if isinstance(inner, yaml.MappingNode):
            found += [part for pair in inner.value for part in pair]
        elif isinstance(inner, yaml.SequenceNode):
            found += inner.value
    return found


def plain(node: yaml.Node, *, nulls: bool = False) -> object:
    """Dicts, lists and texts. ``nulls``: an empty value or ``null`` becomes None."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value, nulls=nulls) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item, nulls=nulls) for item in node.value]
    return None if nulls and node.tag == NULL else node.value


def locate(node: yaml.Node, where: Sequence[object], naming: str) -> Place:
    """Follow the steps that exist; ``naming``: the key that holds the name of a part."""
    line, name, path = node.start_mark.line + 1, "", []
    for step in where:
        found = inside(node, step)
        if found is None:
            path.append(str(step))
            continue
        node = found
        line = node.start_mark.line + 1
        named = inside(node, naming)
        name = str(named.value) if isinstance(named, yaml.ScalarNode) else name
        if isinstance(step, str):
            path.append(step)
    return Place(node, line, name, tuple(path))


def inside(node: yaml.Node, step: object) -> yaml.Node | None:
    """The value of a key or the item of a position; None where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None
