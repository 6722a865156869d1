"""The same phone, link or account in several records: noted where it is named, found again by its keyed digest."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    LargeBinary,
    ScalarSelect,
    Subquery,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.orm.util import AliasedClass

from conversations.models import Contact
from linkage.models import Sighting, Source, Told, Verdict
from linkage.subjects import Subject
from storage.sealing import installed

REPORTS = (Source.TIP.value, Source.CARD.value)  # a question blackens nobody


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one subject. ``people``: how many different people reported it, in a tip or by a loss.

    ``tips``, ``cards``, ``checks``: records that name it, unfounded tips left out. ``finding``: an officer's, or empty.
    """

    people: int = 0
    tips: int = 0
    cards: int = 0
    checks: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    places: tuple[str, ...] = ()
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """A subject of a record and in how many other records it stands."""

    index: bytes
    kind: str
    value: str
    tips: int
    cards: int
    checks: int
    people: int
    finding: str


def index_of(subject: Subject) -> bytes:
    """The keyed digest a subject is found by, 32 bytes."""
    return installed().blind(f"subject:{subject.kind}", subject.value)


def note(
    session: Session,
    source: Source,
    record_id: uuid.UUID,
    contact_id: uuid.UUID | None,
    subjects: Iterable[Subject],
    now: datetime,
    *,
    place: str = "",
    told: Sequence[Told] = (),
) -> None:
    """A record names these subjects; naming one again changes nothing. ``told``: by subject, for a question.

    A drill names nobody: what was made up for it must never stand beside a real record, nor be told to a resident.
    """
    if contact_id is not None and session.get_one(Contact, contact_id).drill:
        return
    for at, subject in enumerate(dict.fromkeys(subjects)):
        row = Sighting(value=subject.value)
        session.execute(
            insert(Sighting)
            .values(
                id=row.id,
                kind=subject.kind,
                value_index=index_of(subject),
                value_sealed=row.value_sealed,
                source=source.value,
                record_id=record_id,
                contact_id=contact_id,
                place=place,
                seen_at=now,
                told=told[at].value if told else "",
            )
            .on_conflict_do_nothing()
        )


def renew(
    session: Session,
    source: Source,
    record_id: uuid.UUID,
    contact_id: uuid.UUID | None,
    subjects: Sequence[Subject],
    now: datetime,
) -> None:
    """A record names exactly these now: what was corrected away no longer points there."""
    wanted = {index_of(subject): subject for subject in subjects}
    of_record = (Sighting.source == source.value, Sighting.record_id == record_id)
    there = set(session.scalars(select(Sighting.value_index).where(*of_record)))
    gone = there - wanted.keys()
    if gone:
        session.execute(delete(Sighting).where(*of_record, Sighting.value_index.in_(gone)))
    note(session, source, record_id, contact_id, [wanted[index] for index in wanted if index not in there], now)


def set_baseless(session: Session, source: Source, record_id: uuid.UUID, *, baseless: bool) -> None:
    """Whether what a record says proved unfounded: then it counts no more."""
    session.execute(
        update(Sighting)
        .where(Sighting.source == source.value, Sighting.record_id == record_id)
        .values(baseless=baseless)
    )


def set_place(session: Session, source: Source, record_id: uuid.UUID, place: str) -> None:
    """The village of a record was corrected."""
    session.execute(
        update(Sighting).where(Sighting.source == source.value, Sighting.record_id == record_id).values(place=place)
    )


def known(session: Session, subject: Subject) -> Known:
    """What is known of a subject, by one question to the database; without the places, which no resident hears."""
    return _known(session, index_of(subject))


def known_by_index(session: Session, index: bytes, on_board: int = 12) -> Known:
    """The same by the digest, with the places, at most ``on_board``."""
    found = _known(session, index)
    if found.first_seen is None:
        return found
    places = session.scalars(
        select(Sighting.place)
        .where(Sighting.value_index == index, Sighting.place != "", ~Sighting.baseless)
        .group_by(Sighting.place)
        .order_by(func.count().desc(), Sighting.place)
        .limit(on_board)
    )
    return replace(found, places=tuple(places))


def _known(session: Session, index: bytes) -> Known:
    row = session.execute(_KNOWN, {"index": index}).one()
    return Known(
        row.people, int(row.tips), int(row.cards), int(row.checks), row.first, row.last, finding=row.finding or ""
    )


Seen = type[Sighting] | AliasedClass[Sighting]


def _by_person(seen: Seen) -> tuple[Label[Any], ...]:
    """The columns of a group of sightings, one group for each who reported it and one for the questions."""

    def of(source: Source) -> ColumnElement[int]:
        return func.count(case((seen.source == source.value, 1)))

    reporter = case((seen.source.in_(REPORTS), func.coalesce(seen.contact_id, seen.id)))
    return (
        reporter.label("reporter"),
        of(Source.TIP).label("tips"),
        of(Source.CARD).label("cards"),
        of(Source.CHECK).label("checks"),
        func.min(seen.seen_at).label("first"),
        func.max(seen.seen_at).label("last"),
    )


def _counts(groups: Subquery) -> tuple[Label[Any], ...]:
    """Counts over such groups: counting people by groups takes a third of the time a count of distinct ones does."""
    columns = groups.c
    return (
        func.count(columns.reporter).label("people"),
        func.coalesce(func.sum(columns.tips), 0).label("tips"),
        func.coalesce(func.sum(columns.cards), 0).label("cards"),
        func.coalesce(func.sum(columns.checks), 0).label("checks"),
        func.min(columns.first).label("first"),
        func.max(columns.last).label("last"),
    )


def _finding(index: ColumnElement[bytes] | InstrumentedAttribute[bytes]) -> ScalarSelect[str]:
    newest = select(Verdict.finding).where(Verdict.value_index == index).order_by(Verdict.at.desc()).limit(1)
    return newest.scalar_subquery()


# Built once: the bot asks it before it answers, and putting the expression together costs more than sending it.
_INDEX = bindparam("index", type_=LargeBinary)
_PEOPLE = select(*_by_person(Sighting)).where(Sighting.value_index == _INDEX, ~Sighting.baseless).group_by(text("1"))
_KNOWN = select(*_counts(_PEOPLE.subquery()), _finding(_INDEX).label("finding"))


def finding(session: Session, index: bytes) -> str:
    """What the newest verdict says, or empty."""
    query = select(Verdict.finding).where(Verdict.value_index == index).order_by(Verdict.at.desc()).limit(1)
    return session.scalar(query) or ""


def related(session: Session, source: Source, record_id: uuid.UUID) -> list[Related]:
    """The subjects of a record, each with the other records it stands in; one question to the database."""
    mine, other = aliased(Sighting), aliased(Sighting)
    elsewhere = (
        select(*_by_person(other))
        .where(
            other.value_index == mine.value_index,
            or_(other.source != source.value, other.record_id != record_id),
            ~other.baseless,
        )
        .group_by(text("1"))
        .correlate(mine)
        .subquery()
    )
    counts = select(*_counts(elsewhere)).lateral()
    rows = session.execute(
        select(mine, counts, _finding(mine.value_index).label("finding"))
        .join(counts, true())
        .where(mine.source == source.value, mine.record_id == record_id)
        .order_by(mine.kind, mine.id)
    )
    return [
        Related(
            row[0].value_index,
            row[0].kind,
            row[0].value,
            int(row.tips),
            int(row.cards),
            int(row.checks),
            row.people,
            row.finding or "",
        )
        for row in rows
    ]


def of_records(session: Session, source: Source, record_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Sighting]]:
    """The subjects of many records at once, by record."""
    found: dict[uuid.UUID, list[Sighting]] = {}
    query = select(Sighting).where(Sighting.source == source.value, Sighting.record_id.in_(list(record_ids)))
    for row in session.scalars(query.order_by(Sighting.id)):
        found.setdefault(row.record_id, []).append(row)
    return found


def sightings(session: Session, index: bytes, limit: int = 200) -> list[Sighting]:
    """Where a subject was named, newest first, unfounded records among them."""
    return list(
        session.scalars(
            select(Sighting).where(Sighting.value_index == index).order_by(Sighting.seen_at.desc()).limit(limit)
        )
    )


def beside(session: Session, index: bytes, limit: int = 50) -> list[tuple[Sighting, int]]:
    """Other subjects named in the same records, with in how many, the most frequent first."""
    here = select(Sighting.source, Sighting.record_id).where(Sighting.value_index == index).limit(1000).subquery()
    times = func.count().label("times")
    rows = session.execute(
        select(func.array_agg(Sighting.id).label("ids"), times)
        .join(here, and_(here.c.source == Sighting.source, here.c.record_id == Sighting.record_id))
        .where(Sighting.value_index != index)
        .group_by(Sighting.value_index)
        .order_by(times.desc())
        .limit(limit)
    ).all()
    shown = {row.id: row for row in session.scalars(select(Sighting).where(Sighting.id.in_([r.ids[0] for r in rows])))}
    return [(shown[row.ids[0]], row.times) for row in rows]
