"""Villages and communities of the place: a YAML file of the office's own, against which a tip's place is recognised.

Every mistake in the file is named with file, line and village.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from storage.documents import DocumentError, compose, locate, plain
from tips import words

SAMPLE = Path(__file__).with_name("villages.sample.yml")
IN_DATA = "villages.yml"  # its name in the data folder
LONGEST = 64  # characters of a name
_GAPS = re.compile(r"\s+")


class Village(BaseModel):
    """One village or community. ``also``: how else people call it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=2, max_length=LONGEST)
    also: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _recognisable(self) -> Village:
        if any(len(folded(one)) < 2 for one in (self.name, *self.also)):
            raise PydanticCustomError("too_few_letters", "a name of one letter is found everywhere")
        return self


class VillageList(BaseModel):
    """The whole file. ``sample``: made up, for the sandbox only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Literal["villages"]
    name: str = Field(min_length=1, max_length=LONGEST)
    sample: bool = False
    villages: tuple[Village, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> VillageList:
        seen: set[str] = set()
        for village in self.villages:
            for name in dict.fromkeys(folded(one) for one in (village.name, *village.also)):
                if name in seen:
                    raise PydanticCustomError("name_twice", "a name stands twice: {name}", {"name": name})
                seen.add(name)
        return self


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``village``: the one it is in, or empty."""

    file: str
    line: int
    village: str
    text: str

    def __str__(self) -> str:
        village = words.IN_VILLAGE.format(village=self.village) if self.village else ""
        return words.PROBLEM.format(file=self.file, line=self.line, village=village, text=self.text)


class VillagesError(Exception):
    """The list cannot be used; the text says for staff what is wrong, a line for each mistake."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class Villages:
    """The list in use, perhaps empty."""

    def __init__(self, villages: Sequence[Village] = (), *, sample: bool = False) -> None:
        self.names = tuple(village.name for village in villages)
        self.sample = sample
        self._called = {folded(one): village.name for village in villages for one in (village.name, *village.also)}
        by_length = sorted(self._called, key=len, reverse=True)  # the longer name first: it may hold a shorter one
        self._pattern = re.compile("|".join(map(re.escape, by_length))) if by_length else None

    @classmethod
    def load(cls, path: Path | None, data_dir: Path, *, sandbox: bool = False) -> Villages:
        """The file of the setting, else the one in the data folder, else none (in the sandbox the sample).

        Raises :class:`VillagesError`; outside the sandbox a sample is refused.
        """
        in_data = data_dir / IN_DATA
        path = path or (in_data if in_data.is_file() else SAMPLE if sandbox else None)
        if path is None:
            return cls()
        found = read_file(path)
        if found.sample and not sandbox:
            raise VillagesError([Problem(path.name, 1, "", words.SAMPLE_IN_FORCE)])
        return cls(found.villages, sample=found.sample)

    def find(self, text: str) -> str:
        """The village a text speaks of; empty where it names none, or more than one."""
        if self._pattern is None:
            return ""
        named = {self._called[found] for found in self._pattern.findall(folded(text))}
        return named.pop() if len(named) == 1 else ""


def folded(text: str) -> str:
    """A text without spaces and full width."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def read_file(path: Path) -> VillageList:
    """The list in a file. Raises :class:`VillagesError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise VillagesError([Problem(path.name, 1, "", words.NO_FILE)]) from error
    except UnicodeDecodeError as error:
        raise VillagesError([Problem(path.name, 1, "", words.NOT_UTF8)]) from error
    return read(text, path.name)


def read(text: str, file: str) -> VillageList:
    """The list in a text. Raises :class:`VillagesError` with everything that is wrong."""
    try:
        node = compose(text)
    except DocumentError as error:
        said = words.FAULTS[error.fault].format(key=error.key)
        raise VillagesError([Problem(file, error.line, "", said)]) from error
    try:
        return VillageList.model_validate(plain(node))
    except ValidationError as error:
        raise VillagesError([_problem(text, file, one) for one in error.errors()]) from error


def _problem(text: str, file: str, problem: ErrorDetails) -> Problem:
    place = locate(compose(text), problem["loc"], "name")
    values = problem.get("ctx", {})
    said = words.MISTAKES.get(problem["type"], words.MISTAKE).format_map({"name": "", **values})
    line = _line_of(text, values["name"]) if problem["type"] == "name_twice" else place.line
    field = f"{place.path[-1]}：" if place.path else ""
    return Problem(file, line, "" if place.name == problem["input"] else place.name, field + said)


def _line_of(text: str, name: str) -> int:
    """The last line on which a name stands."""
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if name in folded(line)]
    return max(lines, default=1)
