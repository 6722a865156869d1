"""The versions of the reward scheme this hotline knows, and which one is in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path

from rewards.schemes import words
from rewards.schemes.model import Kind, Scheme
from rewards.schemes.reading import Problem, SchemeError, load_scheme
from rewards.telling import day_words

FOLDER = Path(__file__).parent / "schemes"
SAMPLE = FOLDER / "sample.yaml"
SUFFIXES = frozenset({".yaml", ".yml"})
NOT_HERE = {Kind.EXAMPLE: words.EXAMPLE_IN_FORCE, Kind.SAMPLE: words.SAMPLE_IN_FORCE}


class Schemes:
    """The versions this hotline knows. At most one is in force on any day; without a file, none ever."""

    def __init__(self, schemes: Iterable[Scheme]) -> None:
        self._schemes = sorted(schemes, key=lambda scheme: scheme.effective_from or date.max)
        for earlier, later in pairwise(self._schemes):
            day = later.effective_from
            if day is not None and earlier.in_force(day):
                names = {"earlier": f"{earlier.id} {earlier.version}", "later": f"{later.id} {later.version}"}
                said = words.BOTH_IN_FORCE.format(day=day, **names)
                raise SchemeError([Problem(later.id, 0, "", said)])

    @classmethod
    def load(cls, path: Path | None, *, sandbox: bool = False) -> Schemes:
        """The scheme file, or every ``*.yaml`` of a folder.

        No path: no scheme, in the sandbox the sample. Outside the sandbox a sample is refused, an example everywhere.
        Raises :class:`SchemeError`.
        """
        if path is None:
            path = SAMPLE if sandbox else None
        if path is None:
            return cls([])
        files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES) if path.is_dir() else [path]
        if not files:
            raise SchemeError([Problem(path.name, 0, "", words.NO_FILES)])
        allowed = {Kind.LOCAL, Kind.SAMPLE} if sandbox else {Kind.LOCAL}
        schemes = []
        for file in files:
            scheme = load_scheme(file)
            if scheme.kind not in allowed:
                raise SchemeError([Problem(file.name, _line_of_kind(file), "", NOT_HERE[scheme.kind])])
            schemes.append(scheme)
        return cls(schemes)

    def in_force(self, on: date) -> Scheme | None:
        """The version in force that day, or None."""
        return next((scheme for scheme in self._schemes if scheme.in_force(on)), None)

    def status(self, on: date) -> str:
        """One sentence for staff and the start-up log: which scheme is in force, or that none is."""
        scheme = self.in_force(on)
        if scheme is None:
            return words.NONE_IN_FORCE
        start = day_words(scheme.effective_from)
        return words.IN_FORCE.format(name=scheme.name, version=scheme.version, start=start)


def examples() -> list[Path]:
    """The published schemes of other places, in force nowhere here."""
    return sorted(FOLDER.glob("example-*.yaml"))


def _line_of_kind(file: Path) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if line.startswith("kind:")), 0)
