"""Finding tips among very many: by what stands on them, by what they name, a page at a time, the newest first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Select, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.util import AliasedClass

from linkage import clusters
from linkage.models import Sighting, Source
from linkage.subjects import ACCOUNT, APP, PHONE, QQ, URL, WECHAT, normal
from tips.grams import grams
from tips.models import Tip
from tips.villages import folded

PAGE = 50
NOBODY = "nobody"  # as a holder: tips nobody has in hand
OFTEN = 2000  # a subject named in more tips is searched only in the newest of them
RECENT = 4000  # tips looked through one by one for a place, before the index of all is asked
Tips = type[Tip] | AliasedClass[Tip]
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
    found = _recent(session, wanted, below, limit) if wanted.place else []
    if len(found) < limit:
        found = session.scalars(_newest(select(Tip).where(*_conditions(Tip, wanted)), Tip, below, limit)).all()
    more = Mark(found[-1].registered_at, found[-1].id) if len(found) == limit else None
    looked_for = folded(wanted.place)
    return Page([tip for tip in found if looked_for in folded(tip.place)] if looked_for else found, more)


def _recent(session: Session, wanted: Wanted, below: Mark | None, limit: int) -> Sequence[Tip]:
    """The same among the newest alone: a place that fills a page there occurs too often for its index to help."""
    others = _newest(select(Tip).where(*_conditions(Tip, replace(wanted, place=""))), Tip, below, RECENT)
    window = aliased(Tip, others.subquery())
    query = select(window).where(*_conditions(window, Wanted(place=wanted.place)))
    return session.scalars(_newest(query, window, None, limit)).all()


def _newest(query: Select[Tip], tip: Tips, below: Mark | None, limit: int) -> Select[Tip]:
    if below is not None:
        query = query.where(tuple_(tip.registered_at, tip.id) < tuple_(below.registered_at, below.id))
    return query.order_by(tip.registered_at.desc(), tip.id.desc()).limit(limit)


def _conditions(tip: Tips, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in ((tip.state, wanted.state), (tip.kind, wanted.kind), (tip.village, wanted.village)):
        if value:
            found.append(column == value)
    if wanted.number:
        found.append(tip.number == wanted.number.strip().upper())
    if wanted.holder:
        found.append(tip.holder_id.is_(None) if wanted.holder == NOBODY else tip.holder_id == uuid.UUID(wanted.holder))
    if wanted.since is not None:
        found.append(tip.registered_at >= wanted.since)
    if wanted.until is not None:
        found.append(tip.registered_at < wanted.until)
    if wanted.place:
        found.append(tip.place_grams.contains(grams(wanted.place)))
    if wanted.subject:
        found.append(tip.id.in_(_naming(wanted.subject)))
    return found


def _naming(subject: str) -> CompoundSelect[uuid.UUID]:
    """Ids of the tips that name something, whatever kind of thing it is; of each kind the newest."""
    subjects = (normal(kind, subject) for kind in _KINDS)
    indexes = sorted({clusters.index_of(one) for one in subjects if one is not None})
    return union_all(
        *(
            select(Sighting.record_id)
            .where(Sighting.value_index == index, Sighting.source == Source.TIP.value)
            .order_by(Sighting.seen_at.desc())
            .limit(OFTEN)
            for index in indexes
        )
    )
