"""Tips that belong together: the same clue again (a duplicate of the earliest), or one report of several people.

Nothing is deleted: a duplicate keeps its number, its code and its history. Tips of one joint report bear the same
``joint_id``, in whatever order they were put together; the scheme shares one reward among them (``rewards.sharing``).
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations.models import Staff
from storage.ids import new_id
from tips import words
from tips.models import Tip
from tips.record import TipError, locked, locked_pair, note, reason_of


def mark_duplicate(session: Session, one: uuid.UUID, other: uuid.UUID, staff: Staff, reason: str, now: datetime) -> Tip:
    """Two tips are the same clue: the later one points at the earlier, whichever was named first.

    Returns the earlier one. Raises :class:`TipError`.
    """
    said = reason_of(reason)
    earlier, later = locked_pair(session, one, other)
    if earlier.duplicate_of is not None:
        earlier = locked(session, earlier.duplicate_of)
    if later.duplicate_of is not None or later.id == earlier.id:
        raise TipError(words.DUPLICATE_ALREADY.format(number=later.number))
    if later.joint_id is not None:
        raise TipError(words.JOINT_ALREADY.format(number=later.number))
    # What pointed at the later one points at the earliest from now on.
    session.execute(update(Tip).where(Tip.duplicate_of == later.id).values(duplicate_of=earlier.id))
    later.duplicate_of = earlier.id
    for tip, about in ((later, earlier), (earlier, later)):
        note(session, tip, now, "duplicate", staff=staff, detail=f"{about.number}：{said}")
    return earlier


def unmark_duplicate(session: Session, tip_id: uuid.UUID, staff: Staff, reason: str, now: datetime) -> None:
    """It is a clue of its own after all. Raises :class:`TipError`."""
    said = reason_of(reason)
    tip = locked(session, tip_id)
    if tip.duplicate_of is None:
        raise TipError(words.NOT_A_DUPLICATE)
    original = session.get_one(Tip, tip.duplicate_of)
    tip.duplicate_of = None
    for one, about in ((tip, original), (original, tip)):
        note(session, one, now, "unduplicate", staff=staff, detail=f"{about.number}：{said}")


def join(session: Session, one: uuid.UUID, other: uuid.UUID, staff: Staff, reason: str, now: datetime) -> None:
    """Two tips are one report of several people. Raises :class:`TipError`."""
    said = reason_of(reason)
    pair = locked_pair(session, one, other)
    if any(tip.duplicate_of is not None for tip in pair):
        raise TipError(words.DUPLICATE_FIRST)
    groups = sorted({tip.joint_id for tip in pair if tip.joint_id is not None})
    if len(groups) == 1 and all(tip.joint_id is not None for tip in pair):
        raise TipError(words.JOINED_ALREADY)
    group = groups[0] if groups else new_id()
    if len(groups) == 2:
        session.execute(update(Tip).where(Tip.joint_id == groups[1]).values(joint_id=group))
    for tip, about in (pair, pair[::-1]):
        tip.joint_id = group
        note(session, tip, now, "joined", staff=staff, detail=f"{about.number}：{said}")


def leave(session: Session, tip_id: uuid.UUID, staff: Staff, reason: str, now: datetime) -> None:
    """A tip is no part of its joint report; where only one is left, that is none. Raises :class:`TipError`."""
    said = reason_of(reason)
    tip = locked(session, tip_id)
    others = joint_with(session, tip)
    if not others:
        raise TipError(words.NOT_JOINT)
    tip.joint_id = None
    if len(others) == 1:
        locked(session, others[0].id).joint_id = None
    for one in (tip, *others):
        note(session, one, now, "left", staff=staff, detail=f"{tip.number}：{said}")


def joint_with(session: Session, tip: Tip) -> list[Tip]:
    """The other tips of a joint report, by their registration."""
    if tip.joint_id is None:
        return []
    query = select(Tip).where(Tip.joint_id == tip.joint_id, Tip.id != tip.id)
    return list(session.scalars(query.order_by(Tip.registered_at, Tip.number)))


def same_clue(session: Session, tip: Tip) -> list[Tip]:
    """Everybody's tip of one clue, this one among them: the first, those reported with it, and who came later."""
    first = tip if tip.duplicate_of is None else session.get_one(Tip, tip.duplicate_of)
    together = [first, *joint_with(session, first)]
    ids = [one.id for one in together]
    later = select(Tip).where(Tip.duplicate_of.in_(ids))
    return sorted([*together, *session.scalars(later)], key=lambda one: (one.registered_at, one.number))


def duplicates_of(session: Session, tip: Tip, limit: int = 100) -> list[Tip]:
    """The tips that are the same clue as this one and came later."""
    query = select(Tip).where(Tip.duplicate_of == tip.id).order_by(Tip.registered_at, Tip.number)
    return list(session.scalars(query.limit(limit)))
