"""An officer corrects what was recognised of a tip: its kind and its village."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from linkage import clusters
from linkage.models import Source
from tips import words
from tips.handling import hold
from tips.models import Tip, TipEvent
from tips.record import TipError, locked, note

FIELDS = ("kind", "village")


def amend(
    session: Session,
    tip_id: uuid.UUID,
    staff: Staff,
    typed: Mapping[str, str],
    was: Mapping[str, str],
    villages: Collection[str],
    now: datetime,
) -> list[str]:
    """Set kind and village; ``was``: as they stood on the page. Returns the changes in words, perhaps none.

    Raises :class:`TipError`, also where somebody else has changed one of them since.
    """
    tip = locked(session, tip_id)
    for field in FIELDS:
        if field in typed and was.get(field, "") != getattr(tip, field) != typed[field]:
            raise TipError(_changed_meanwhile(session, tip))
    if typed.get("kind") and typed["kind"] not in words.KINDS:
        raise TipError(words.NO_SUCH_KIND)
    if typed.get("village") and typed["village"] not in {*villages, tip.village}:
        raise TipError(words.NO_SUCH_VILLAGE)
    changed = {field: typed[field] for field in FIELDS if field in typed and typed[field] != getattr(tip, field)}
    if not changed:
        return []
    hold(session, tip, staff, now)
    said = [_said(field, getattr(tip, field), value) for field, value in changed.items()]
    for field, value in changed.items():
        setattr(tip, field, value)
    if "village" in changed:
        clusters.set_place(session, Source.TIP, tip.id, tip.village)
    note(session, tip, now, "amended", staff=staff, detail="；".join(said))
    return said


def _said(field: str, before: str, after: str) -> str:
    shown = words.KINDS if field == "kind" else {}
    return words.CHANGED.format(
        field=words.FIELDS[field],
        before=shown.get(before, before) or words.NOTHING,
        after=shown.get(after, after) or words.NOTHING,
    )


def _changed_meanwhile(session: Session, tip: Tip) -> str:
    last = session.scalar(
        select(TipEvent)
        .where(TipEvent.tip_id == tip.id, TipEvent.what == "amended")
        .order_by(TipEvent.at.desc(), TipEvent.id.desc())
        .limit(1)
    )
    if last is None or last.staff_id is None:
        return words.CHANGED_MEANWHILE
    return words.CHANGED_BY.format(name=session.get_one(Staff, last.staff_id).name, change=last.detail)
