"""Scheme files as people edit them: every mistake is named with file, line and rule, in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rewards.schemes import words
from rewards.schemes.model import Scheme
from storage.documents import DocumentError, compose, locate, plain


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``rule``: the code of the rule it is in, or empty."""

    file: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        rule = words.IN_RULE.format(rule=self.rule) if self.rule else ""
        return words.PROBLEM.format(file=self.file, line=self.line, rule=rule, text=self.text)


class SchemeError(Exception):
    """A scheme file cannot be used; the text says for staff what is wrong, a line for each mistake."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def load_scheme(path: Path) -> Scheme:
    """The scheme in a file. Raises :class:`SchemeError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SchemeError([Problem(path.name, 1, "", words.NO_FILE)]) from error
    except UnicodeDecodeError as error:
        raise SchemeError([Problem(path.name, 1, "", words.NOT_UTF8)]) from error
    return read_scheme(text, path.name)


def read_scheme(text: str, file: str) -> Scheme:
    """The scheme in a text. Raises :class:`SchemeError` with everything that is wrong."""
    try:
        node = compose(text)
    except DocumentError as error:
        said = words.FAULTS[error.fault].format(key=error.key)
        raise SchemeError([Problem(file, error.line, "", said)]) from error
    try:
        return Scheme.model_validate(plain(node, nulls=True))
    except ValidationError as error:
        places = [problem["loc"] for problem in error.errors()]
        raise SchemeError(
            [_problem(node, problem, file) for problem in error.errors() if not _follows(problem, places)]
        ) from error


def _follows(problem: ErrorDetails, places: Sequence[tuple[int | str, ...]]) -> bool:
    """Whether a list is only too short because one of its items is wrong."""
    here = problem["loc"]
    inner = any(len(place) > len(here) and place[: len(here)] == here for place in places)
    return problem["type"] == "too_short" and inner


def _problem(node: yaml.Node, problem: ErrorDetails, file: str) -> Problem:
    values = {"expected": "", "tag": "", "expected_tags": "", **problem.get("ctx", {})}
    place = locate(node, (*problem["loc"], *values.get("at", ())), "code")
    kind = problem["type"]
    said = words.MISTAKES.get(kind, words.MISTAKE).format_map(values).replace(" or ", "、")
    keys = [key for key in place.path if key not in words.TAGS]
    field = f"{keys[-1]}：" if keys and kind not in words.WHOLE else ""
    return Problem(file, place.line, place.name, field + said)
