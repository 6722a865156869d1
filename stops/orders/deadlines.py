"""Until when each step of an order has to be done: a file of the office's own, for no rule we know names any limit.

The file is a list of versions with the day from which each counts. A step that a version does not name has no
deadline, and without a file none has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from stops.orders.models import Step
from storage.clock import china_date

SAMPLE = Path(__file__).parent / "sample.yml"


class DeadlinesError(Exception):
    """The file cannot be used; the text names it and says what is wrong."""


class Limit(BaseModel):
    """Minutes from the receipt of an order, and how many before that a reminder comes (0: none)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within: int = Field(gt=0)
    warn: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _warns_before(self) -> Limit:
        if self.warn >= self.within:
            raise ValueError("warn must be less than within")
        return self


class Version(BaseModel):
    """The limits in force from a day on. ``sample``: made up, for the sandbox only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effective_from: date
    sample: bool = False
    steps: dict[Step, Limit]


@dataclass(frozen=True, slots=True)
class Due:
    """When a step has to be done, and when somebody is reminded; None: never."""

    due_at: datetime | None = None
    warn_at: datetime | None = None


class Deadlines:
    """All versions of one office."""

    def __init__(self, versions: list[Version]) -> None:
        self._versions = sorted(versions, key=lambda version: version.effective_from, reverse=True)

    @classmethod
    def load(cls, path: Path | None, *, sandbox: bool = False) -> Deadlines:
        """The file; without one no deadlines, in the sandbox the sample. Raises :class:`DeadlinesError`."""
        path = path or (SAMPLE if sandbox else None)
        if path is None:
            return cls([])
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
            versions = TypeAdapter(list[Version]).validate_python(raw)
        except OSError as error:
            raise DeadlinesError(f"{path.name}: cannot be read: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise DeadlinesError(f"{path.name}: not readable as YAML") from error
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise DeadlinesError(f"{path.name}: {wrong}") from error
        if not sandbox and any(version.sample for version in versions):
            raise DeadlinesError(f"{path.name}: sample limits are for the sandbox only")
        return cls(versions)

    def of(self, received_at: datetime, feedback_due: datetime | None = None) -> dict[Step, Due]:
        """The deadlines of an order; ``feedback_due``: what the order itself demands, which wins."""
        day = china_date(received_at)
        version = next((one for one in self._versions if one.effective_from <= day), None)
        limits = version.steps if version else {}
        return {step: _due(limits.get(step), received_at, feedback_due, step) for step in Step}

    @property
    def sample(self) -> bool:
        """Whether these are the made-up ones."""
        return any(version.sample for version in self._versions)


def _due(limit: Limit | None, received_at: datetime, feedback_due: datetime | None, step: Step) -> Due:
    at = received_at + timedelta(minutes=limit.within) if limit else None
    if step is Step.FEEDBACK and feedback_due is not None:
        at = feedback_due
    if at is None or limit is None or not limit.warn:
        return Due(at)
    return Due(at, at - timedelta(minutes=limit.warn))
