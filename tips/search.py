"""Finding tips among very many: by what stands on them, by what they name, a page at a time, the newest first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from linkage import clusters
from linkage.models import Sighting, Source
from linkage.subjects import ACCOUNT, APP, PHONE, QQ, URL, WECHAT, normal
from tips.grams import grams
from tips.models import Tip
from tips.villages import folded

PAGE = 50
NOBODY = "nobody"  # as a holder: tips nobody has in hand
OFTEN = 5000  # a subject named in more tips is searched only in the newest of them
_KINDS = (PHONE, URL, ACCOUNT, QQ, WECHAT, APP)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; empty: anything. ``holder``: the id of a member of staff or :data:`NOBODY`.

    ``subject``: a phone, link, account … as somebody writes it, found exactly; ``place``: a part of the place's text.
    ``since`` and ``until``: moments of registration, the second not included.
    """

    number: str = ""
    subject: str = ""
    state: str = ""
    kind: str = ""
    village: str = ""
    holder: str = ""
    place: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ends: the next one begins below it."""

    registered_at: datetime
    id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Page:
    """Some tips and, where there may be more, the mark to go on from."""

    tips: Sequence[Tip]
    more: Mark | None


def page(session: Session, wanted: Wanted, below: Mark | None = None, limit: int = PAGE) -> Page:
    """The newest tips that fit, below a mark. A page may be short, even empty, and still have more after it."""
    query = select(Tip).where(*_conditions(wanted))
    if below is not None:
        query = query.where(tuple_(Tip.registered_at, Tip.id) < tuple_(below.registered_at, below.id))
    found = session.scalars(query.order_by(Tip.registered_at.desc(), Tip.id.desc()).limit(limit)).all()
    more = Mark(found[-1].registered_at, found[-1].id) if len(found) == limit else None
    looked_for = folded(wanted.place)
    return Page([tip for tip in found if looked_for in folded(tip.place)] if looked_for else found, more)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in ((Tip.state, wanted.state), (Tip.kind, wanted.kind), (Tip.village, wanted.village)):
        if value:
            found.append(column == value)
    if wanted.number:
        found.append(Tip.number == wanted.number.strip().upper())
    if wanted.holder:
        found.append(Tip.holder_id.is_(None) if wanted.holder == NOBODY else Tip.holder_id == uuid.UUID(wanted.holder))
    if wanted.since is not None:
        found.append(Tip.registered_at >= wanted.since)
    if wanted.until is not None:
        found.append(Tip.registered_at < wanted.until)
    if wanted.place:
        found.append(Tip.place_grams.contains(grams(wanted.place)))
    if wanted.subject:
        found.append(Tip.id.in_(_naming(wanted.subject)))
    return found


def _naming(subject: str) -> Select[uuid.UUID]:
    """Ids of the tips that name something, whatever kind of thing it is."""
    indexes = {clusters.index_of(one) for kind in _KINDS if (one := normal(kind, subject)) is not None}
    return (
        select(Sighting.record_id)
        .where(Sighting.value_index.in_(sorted(indexes)), Sighting.source == Source.TIP.value)
        .order_by(Sighting.seen_at.desc())
        .limit(OFTEN)
    )
