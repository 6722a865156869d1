"""The list of tips: what was asked for, a page of what was found, and the way to the next one.

What somebody looks for may be a person's number or a place. So it stands in an address only sealed.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from console import masking, moments, words
from console.pages.history import people
from conversations.models import Staff
from linkage import clusters
from linkage.models import Sighting, Source
from storage.clock import CHINA
from storage.sealing import SealingError, installed
from tips import handling, search
from tips import words as tip_words
from tips.models import Tip
from tips.search import NOBODY, Mark, Wanted

STORY = 30  # characters in a list
LONGEST = 64  # characters of what is looked for
CHOICES = ("state", "kind", "village", "holder")
SEALED = ("q", "place")
DAYS = ("since", "until")
_CONTEXT = "tips.search"


@dataclass(frozen=True, slots=True)
class Row:
    """One tip in the list."""

    id: uuid.UUID
    number: str
    state: str
    state_word: str
    registered: str
    about: str
    story: str
    kind: str
    village: str
    holder: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A tip that waits for the reader's answer."""

    tip_id: uuid.UUID
    number: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class View:
    """A page. ``asked``: the fields of the form as they were filled in; ``next``: the address of the next page."""

    rows: list[Row]
    asked: Mapping[str, str]
    next: str
    narrowed: bool
    problem: str
    holders: list[tuple[str, str]]
    offered: list[Offered]


def address(form: Mapping[str, str]) -> str:
    """The query of an address that holds what a form asks; what may be somebody's is sealed."""
    asked = {name: form.get(name, "").strip()[:LONGEST] for name in (*CHOICES, *DAYS, *SEALED)}
    return urlencode({name: _seal(value) if name in SEALED else value for name, value in asked.items() if value})


def load(session: Session, query: Mapping[str, str], me: Staff, now: datetime) -> View:
    """What a query of :func:`address` finds."""
    asked = {name: query.get(name, "")[:LONGEST] for name in (*CHOICES, *DAYS)}
    asked |= {name: _open(query.get(name, "")) for name in SEALED}
    wanted, problem = _wanted(asked)
    found = search.page(session, wanted, _mark(query.get("below", "")))
    return View(
        rows=rows(session, found.tips, now),
        asked=asked,
        next=_next(query, found.more),
        narrowed=any(asked.values()),
        problem=problem,
        holders=[(str(staff.id), staff.name) for staff in handling.officers(session)],
        offered=_offered(session, me, now),
    )


def _wanted(asked: Mapping[str, str]) -> tuple[Wanted, str]:
    text = asked["q"]
    number = text if text.upper().startswith("XS") else ""
    since, bad_since = _day(asked["since"])
    until, bad_until = _day(asked["until"])
    holder = asked["holder"] if asked["holder"] == NOBODY or _is_id(asked["holder"]) else ""
    wanted = Wanted(
        number=number,
        subject="" if number else text,
        state=asked["state"],
        kind=asked["kind"],
        village=asked["village"],
        holder=holder,
        place=asked["place"] if len(asked["place"]) > 1 else "",
        since=since,
        until=until + timedelta(days=1) if until else None,
    )
    if bad_since or bad_until:
        return wanted, tip_words.BAD_DAY
    return wanted, tip_words.SHORT_PLACE if len(asked["place"]) == 1 else ""


def _day(said: str) -> tuple[datetime | None, bool]:
    """The beginning of a day in China, and whether it was no day."""
    try:
        return (
            (datetime.combine(date.fromisoformat(said), datetime.min.time(), CHINA), False) if said else (None, False)
        )
    except ValueError:
        return None, True


def _is_id(said: str) -> bool:
    try:
        uuid.UUID(said)
    except ValueError:
        return False
    return True


def _next(query: Mapping[str, str], more: Mark | None) -> str:
    if more is None:
        return ""
    kept = {name: query[name] for name in (*CHOICES, *DAYS, *SEALED) if query.get(name)}
    return urlencode({**kept, "below": f"{more.registered_at.isoformat()} {more.id}"})


def _mark(said: str) -> Mark | None:
    moment, _, row_id = said.partition(" ")
    try:
        at = datetime.fromisoformat(moment)
        return Mark(at, uuid.UUID(row_id)) if at.tzinfo else None
    except ValueError:
        return None


def _seal(value: str) -> str:
    return base64.urlsafe_b64encode(installed().seal(value.encode(), _CONTEXT)).decode() if value else ""


def _open(token: str) -> str:
    """What was sealed; empty where this process's key did not seal it."""
    try:
        return installed().open(base64.urlsafe_b64decode(token), _CONTEXT).decode() if token else ""
    except (binascii.Error, SealingError, ValueError):
        return ""


def _offered(session: Session, me: Staff, now: datetime) -> list[Offered]:
    found = handling.offered_to(session, me)
    names = people(session, [transfer.from_id for transfer, _ in found])
    return [
        Offered(transfer.tip_id, number, names.get(transfer.from_id, ""), moments.clock(transfer.asked_at, now))
        for transfer, number in found
    ]


def rows(session: Session, tips: Sequence[Tip], now: datetime) -> list[Row]:
    """Tips as lists show them, personal values masked."""
    subjects = clusters.of_records(session, Source.TIP, [tip.id for tip in tips])
    names = people(session, [tip.holder_id for tip in tips])
    return [row(tip, subjects.get(tip.id, ()), names, now) for tip in tips]


def row(tip: Tip, subjects: Sequence[Sighting], names: Mapping[uuid.UUID, str], now: datetime) -> Row:
    """One of them."""
    story = masking.text(" ".join(tip.story.split()))
    return Row(
        id=tip.id,
        number=tip.number,
        state=tip.state,
        state_word=words.TIP_STATES[tip.state],
        registered=moments.clock(tip.registered_at, now),
        about="、".join(masking.subject(item.kind, item.value) for item in subjects[:3]),
        story=f"{story[: STORY - 1]}…" if len(story) > STORY else story,
        kind=tip_words.KINDS.get(tip.kind, ""),
        village=tip.village,
        holder=names.get(tip.holder_id, "") if tip.holder_id else "",
    )
