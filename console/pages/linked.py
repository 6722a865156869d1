"""The same phone, link or account in several records, for the screen."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import moments, words
from console.pages.history import people
from linkage import clusters
from linkage.clusters import Related
from linkage.models import Sighting, Source, Verdict
from stops.models import StopCard
from tips.models import Tip


@dataclass(frozen=True, slots=True)
class Named:
    """Something a record points at. ``key``: of its own page; ``others``: where else it stands, in words."""

    kind: str
    value: str
    key: str
    others: str
    finding: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record that names the subject. ``endpoint``: of its page, empty for a question."""

    source: str
    number: str
    endpoint: str
    record_id: uuid.UUID
    seen: str
    place: str
    about: str


@dataclass(frozen=True, slots=True)
class View:
    """One subject with everything that names it."""

    key: str
    kind: str
    value: str
    people: int
    tips: int
    cards: int
    checks: int
    first: str
    last: str
    places: str
    finding: str
    steps: list[tuple[str, str]]
    verdicts: list[tuple[str, str, str, str]]
    records: list[Record]
    beside: list[Named]


def named(session: Session, source: Source, record_id: uuid.UUID) -> list[Named]:
    """What a record points at."""
    return [
        Named(
            words.SUBJECTS.get(item.kind, item.kind),
            item.value,
            item.index.hex(),
            others(item),
            words.FINDINGS.get(item.finding, ""),
        )
        for item in clusters.related(session, source, record_id)
    ]


def others(item: Related) -> str:
    """In how many other records it stands, in words; empty where in none."""
    parts = (
        (item.tips, words.RELATED_TIPS),
        (item.cards, words.RELATED_CARDS),
        (item.checks, words.RELATED_CHECKS),
    )
    return "，".join(text.format(count=count) for count, text in parts if count)


def load(session: Session, key: str, now: datetime) -> View | None:
    """One subject by its key; None where nothing names it."""
    try:
        index = bytes.fromhex(key)
    except ValueError:
        return None
    seen = clusters.sightings(session, index)
    if not seen:
        return None
    known = clusters.known_by_index(session, index)
    return View(
        key=key,
        kind=words.SUBJECTS.get(seen[0].kind, seen[0].kind),
        value=seen[0].value,
        people=known.people,
        tips=known.tips,
        cards=known.cards,
        checks=known.checks,
        first=moments.clock(known.first_seen, now) if known.first_seen else "",
        last=moments.clock(known.last_seen, now) if known.last_seen else "",
        places="、".join(known.places),
        finding=words.FINDINGS.get(known.finding, ""),
        steps=[(step, label) for step, label in words.FINDING_STEPS.items() if step != known.finding],
        verdicts=_verdicts(session, index, now),
        records=_records(session, seen, now),
        beside=[
            Named(words.SUBJECTS.get(row.kind, row.kind), row.value, row.value_index.hex(), str(times), "")
            for row, times in clusters.beside(session, index)
        ],
    )


def _verdicts(session: Session, index: bytes, now: datetime) -> list[tuple[str, str, str, str]]:
    rows = list(session.scalars(select(Verdict).where(Verdict.value_index == index).order_by(Verdict.at.desc())))
    names = people(session, [row.staff_id for row in rows])
    return [
        (moments.clock(row.at, now), words.FINDINGS[row.finding], names.get(row.staff_id, ""), row.reason)
        for row in rows
    ]


def _records(session: Session, seen: Iterable[Sighting], now: datetime) -> list[Record]:
    rows = list(seen)
    tips = _by_id(session, rows, Source.TIP)
    cards = _by_id(session, rows, Source.CARD)
    return [_record(row, tips, cards, now) for row in rows]


def _by_id(session: Session, rows: Iterable[Sighting], source: Source) -> dict[uuid.UUID, tuple[str, str]]:
    ids = [row.record_id for row in rows if row.source == source]
    if source is Source.TIP:
        tips = session.execute(select(Tip.id, Tip.number, Tip.state).where(Tip.id.in_(ids)))
        return {one.id: (one.number, words.TIP_STATES[one.state]) for one in tips}
    cards = session.execute(select(StopCard.id, StopCard.number, StopCard.state).where(StopCard.id.in_(ids)))
    return {one.id: (one.number, words.CARD_STATES[one.state]) for one in cards}


def _record(
    row: Sighting,
    tips: dict[uuid.UUID, tuple[str, str]],
    cards: dict[uuid.UUID, tuple[str, str]],
    now: datetime,
) -> Record:
    number, state = (tips if row.source == Source.TIP else cards).get(row.record_id, ("", ""))
    endpoint = {Source.TIP.value: "tips.show", Source.CARD.value: "cards.show"}.get(row.source, "") if number else ""
    about = words.TOLD.get(row.told, "") if row.source == Source.CHECK else state
    return Record(
        words.SOURCES[row.source], number, endpoint, row.record_id, moments.clock(row.seen_at, now), row.place, about
    )
