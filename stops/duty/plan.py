"""The two documents that say who is reached: a roster (who is on duty when) and a ladder (who after how long).

Both are versions with the day they come into force. Clock times are China's.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise, product
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from stops.duty import words
from stops.duty.days import DayKind, Hours
from stops.models import CardKind
from storage.clock import CHINA

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


class Who(StrEnum):
    """``first`` on duty; the ``next`` who was not reached yet; all on ``shift``; ``leader``; every ``officer``."""

    FIRST = "first"
    NEXT = "next"
    SHIFT = "shift"
    LEADER = "leader"
    OFFICERS = "officers"


class Way(StrEnum):
    """How somebody is reached. The two robots write to a group, not to a person."""

    CONSOLE = "console"
    SMS = "sms"
    WECOM = "wecom"
    DINGTALK = "dingtalk"


GROUPS = frozenset({Way.WECOM, Way.DINGTALK})


def _clock(said: object) -> time:
    found = _CLOCK.fullmatch(said) if isinstance(said, str) else None
    if found is None or (found[1] == "24" and found[2] != "00"):
        raise ValueError(words.NOT_A_CLOCK)
    return time(int(found[1]) % 24, int(found[2]))


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Login = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{1,31}$")]
Clock = Annotated[time, BeforeValidator(_clock)]


class Record(BaseModel):
    """Immutable, and strict about unknown keys: a misspelt key must not become a missing rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Team(Record):
    """Who works one shift together, in the order in which they are reached. ``leader``: 带班领导, if named."""

    people: Annotated[tuple[Login, ...], Field(min_length=1)]
    leader: Login | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.people)) != len(self.people):
            raise ValueError(words.PERSON_TWICE)
        return self


class Shift(Record):
    """One shift of a day; an end before its start, or at it, is on the next day.

    Several teams take turns, day by day or week by week (Monday), counted from the roster's first day.
    """

    name: Name
    days: Annotated[tuple[DayKind, ...], Field(min_length=1)]
    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")
    turn: Literal["day", "week"] = "day"
    teams: Annotated[tuple[Team, ...], Field(min_length=1)]

    def span(self, day: date) -> tuple[datetime, datetime]:
        """Begin and end of the shift that begins on a day."""
        start = datetime.combine(day, self.start, CHINA)
        last = day if self.end > self.start else day + timedelta(days=1)
        return start, datetime.combine(last, self.end, CHINA)

    def team(self, day: date, first: date) -> Team:
        """Whose turn it is."""
        turns = (_monday(day) - _monday(first)).days // 7 if self.turn == "week" else (day - first).days
        return self.teams[turns % len(self.teams)]


class OnDate(Record):
    """One shift of one day, worked by others than the plan says; nobody in ``people``: not worked."""

    date: date
    shift: Name
    people: tuple[Login, ...]
    leader: Login | None = None


class Roster(Record):
    """Who is on duty. ``substitutes``: who stands in for whom as a rule; ``days``: days the notice changes."""

    what: Literal["roster"]
    name: Name
    effective_from: date
    leaders: Annotated[tuple[Login, ...], Field(min_length=1)]
    substitutes: dict[Login, Login] = {}
    days: dict[date, DayKind] = {}
    shifts: Annotated[tuple[Shift, ...], Field(min_length=1)]
    dates: tuple[OnDate, ...] = ()

    @field_validator("substitutes")
    @classmethod
    def _others(cls, substitutes: dict[str, str]) -> dict[str, str]:
        for login, other in substitutes.items():
            if login == other:
                raise ValueError(words.OWN_SUBSTITUTE.format(login=login))
        return substitutes

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [shift.name for shift in self.shifts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(words.SHIFT_TWICE.format(name=name))
        seen = set()
        for entry in self.dates:
            if entry.shift not in names:
                raise ValueError(words.NO_SHIFT.format(date=entry.date, name=entry.shift))
            if (entry.date, entry.shift) in seen:
                raise ValueError(words.DATE_TWICE.format(date=entry.date, name=entry.shift))
            seen.add((entry.date, entry.shift))
        return self

    def logins(self) -> set[str]:
        """Everybody it names."""
        found = {*self.leaders, *self.substitutes, *self.substitutes.values()}
        for team in [team for shift in self.shifts for team in shift.teams] + list(self.dates):
            found |= {*team.people, *([team.leader] if team.leader else [])}
        return found


class Step(Record):
    """``after`` seconds without acceptance. ``say``: which text; ``fallback`` shows staff how to hand off."""

    after: Annotated[int, Field(ge=0, le=24 * 3600)]
    who: Annotated[tuple[Who, ...], Field(min_length=1)]
    by: Annotated[tuple[Way, ...], Field(min_length=1)]
    say: Literal["first", "next", "everybody", "fallback"]


class Rule(Record):
    """The steps for some kinds of cards, days and hours."""

    name: Name
    cards: Annotated[tuple[CardKind, ...], Field(min_length=1)]
    days: Annotated[tuple[DayKind, ...], Field(min_length=1)]
    hours: Annotated[tuple[Hours, ...], Field(min_length=1)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        if self.steps[0].after != 0:
            raise ValueError(words.NOT_AT_ONCE)
        if any(later.after <= earlier.after for earlier, later in pairwise(self.steps)):
            raise ValueError(words.NOT_IN_ORDER)
        if [step.say for step in self.steps].count("fallback") != 1 or self.steps[-1].say != "fallback":
            raise ValueError(words.NO_FALLBACK)
        return self

    def covers(self, card: CardKind, day: DayKind, hours: Hours) -> bool:
        """Whether these steps are for such a card at such a time."""
        return card in self.cards and day in self.days and hours in self.hours


class Daytime(Record):
    """From when to when it is day."""

    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")


class Ladder(Record):
    """Whom an unaccepted card reaches, after how long. Every kind of card, day and hour has exactly one rule."""

    what: Literal["ladder"]
    name: Name
    effective_from: date
    daytime: Daytime
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        for case in product(CardKind, DayKind, Hours):
            names = [rule.name for rule in self.rules if rule.covers(*case)]
            said = words.CASE.format(card=words.CARDS[case[0]], day=words.DAYS[case[1]], hours=words.HOURS[case[2]])
            if not names:
                raise ValueError(words.NOT_COVERED.format(case=said))
            if len(names) > 1:
                raise ValueError(words.COVERED_TWICE.format(case=said, names="、".join(f"“{name}”" for name in names)))
        return self

    def rule(self, card: CardKind, day: DayKind, hours: Hours) -> Rule:
        """The rule for a card that is opened at such a time."""
        return next(rule for rule in self.rules if rule.covers(card, day, hours))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
