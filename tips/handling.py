"""Who has a tip in hand: assigned, taken over, or offered to somebody who accepts or refuses.

While nobody has answered an offer the tip stays with whoever made it: it is never without a holder because of one.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from tips import telling, words
from tips.models import Outcome, Tip, TipState, TipTransfer
from tips.record import HeldByOther, TipError, locked, note, reason_of
from tips.telling import Step

LONGEST_UNIT = 64


def hold(session: Session, tip: Tip, staff: Staff, now: datetime) -> None:
    """Whoever acts on a tip nobody holds has it from then on. Raises :class:`HeldByOther`."""
    if tip.holder_id is None:
        tip.holder_id = staff.id
        note(session, tip, now, "taken", staff=staff)
    elif tip.holder_id != staff.id:
        raise HeldByOther(_name(session, tip.holder_id))


def assign(session: Session, tip_id: uuid.UUID, to_id: uuid.UUID, staff: Staff, reason: str, now: datetime) -> Tip:
    """Give a tip that nobody holds to an officer, perhaps oneself. Raises :class:`TipError`."""
    tip = _open(session, tip_id)
    if tip.holder_id not in (None, to_id):
        raise HeldByOther(_name(session, tip.holder_id))
    if tip.holder_id == to_id:
        return tip
    to = _officer(session, to_id)
    if to.id == staff.id:
        hold(session, tip, staff, now)
        return tip
    detail = words.HANDED.format(before=staff.name, after=to.name, reason=reason_of(reason))
    tip.holder_id = to.id
    note(session, tip, now, "assigned", staff=staff, detail=detail)
    return tip


def take_over(session: Session, tip_id: uuid.UUID, staff: Staff, reason: str, now: datetime) -> Tip:
    """Take a tip out of the hand of somebody who cannot go on; what was offered is withdrawn. Raises TipError."""
    tip = _open(session, tip_id)
    if tip.holder_id in (None, staff.id):
        hold(session, tip, staff, now)
        return tip
    said, before = reason_of(reason), _name(session, tip.holder_id)
    offered = pending(session, tip.id)
    if offered is not None:
        _answer(session, tip, offered, Outcome.WITHDRAWN, staff, said, now)
    tip.holder_id = staff.id
    note(
        session,
        tip,
        now,
        "taken_over",
        staff=staff,
        detail=words.HANDED.format(before=before, after=staff.name, reason=said),
    )
    return tip


def offer(
    session: Session,
    tip_id: uuid.UUID,
    staff: Staff,
    reason: str,
    now: datetime,
    *,
    to_id: uuid.UUID | None = None,
    unit: str = "",
) -> TipTransfer:
    """The holder offers a tip to a colleague or a unit outside. Raises :class:`TipError`."""
    tip = _open(session, tip_id)
    hold(session, tip, staff, now)
    unit = unit.strip()[:LONGEST_UNIT]
    if (to_id is None) == (not unit):
        raise TipError(words.TO_WHOM)
    if to_id == staff.id:
        raise TipError(words.TO_ONESELF)
    if pending(session, tip.id) is not None:
        raise TipError(words.STILL_PENDING)
    whom = unit or _officer(session, to_id).name
    transfer = TipTransfer(
        tip_id=tip.id, from_id=staff.id, to_id=to_id, unit=unit, asked_at=now, outcome=Outcome.PENDING.value
    )
    session.add(transfer)
    session.flush()
    note(
        session,
        tip,
        now,
        "offered",
        staff=staff,
        detail=words.HANDED.format(before=staff.name, after=whom, reason=reason_of(reason)),
    )
    return transfer


def answer(session: Session, transfer_id: uuid.UUID, outcome: Outcome, staff: Staff, reason: str, now: datetime) -> Tip:
    """Accept, refuse or withdraw an offer.

    A colleague answers for himself; what a unit outside has answered, its holder writes down, with who said it there.
    Only the holder withdraws. Only accepting as a colleague needs no reason. Raises :class:`TipError`.
    """
    transfer = session.get(TipTransfer, transfer_id)
    if transfer is None:
        raise TipError(words.NO_TRANSFER)
    tip = locked(session, transfer.tip_id)
    session.refresh(transfer)
    if transfer.outcome != Outcome.PENDING:
        raise TipError(_answered(session, transfer))
    by_holder = bool(transfer.unit) or outcome is Outcome.WITHDRAWN
    if staff.id != (tip.holder_id if by_holder else transfer.to_id):
        raise TipError(words.NOT_YOURS_TO_ANSWER)
    colleague_accepts = outcome is Outcome.ACCEPTED and not transfer.unit
    said = reason.strip() if colleague_accepts else reason_of(reason)
    _answer(session, tip, transfer, outcome, staff, said, now)
    return tip


def _answer(
    session: Session, tip: Tip, transfer: TipTransfer, outcome: Outcome, staff: Staff, said: str, now: datetime
) -> None:
    transfer.outcome, transfer.answered_at, transfer.answered_by = outcome.value, now, staff.id
    if outcome is Outcome.ACCEPTED and transfer.to_id is not None:
        tip.holder_id = transfer.to_id
    elif outcome is Outcome.ACCEPTED:
        tip.unit = transfer.unit
    whom = f"{transfer.unit}：" if transfer.unit else ""
    note(session, tip, now, outcome.value, staff=staff, detail=f"{whom}{said}")
    if outcome is Outcome.ACCEPTED and transfer.unit:
        telling.owe(session, tip, Step.TRANSFERRED, staff, now)


def pending(session: Session, tip_id: uuid.UUID) -> TipTransfer | None:
    """The offer of a tip nobody has answered."""
    return session.scalar(
        select(TipTransfer).where(TipTransfer.tip_id == tip_id, TipTransfer.outcome == Outcome.PENDING)
    )


def offered_to(session: Session, staff: Staff, limit: int = 50) -> list[tuple[TipTransfer, str]]:
    """What waits for somebody's answer, with the tips' numbers, oldest first."""
    query = (
        select(TipTransfer, Tip.number)
        .join(Tip, Tip.id == TipTransfer.tip_id)
        .where(TipTransfer.to_id == staff.id, TipTransfer.outcome == Outcome.PENDING)
        .order_by(TipTransfer.asked_at)
        .limit(limit)
    )
    return [(transfer, number) for transfer, number in session.execute(query)]


def give_up_all(session: Session, gone: Staff, by: Staff, now: datetime) -> int:
    """Somebody is gone: what they hold waits for others, what was offered to them goes back. Returns how many."""
    offers = session.scalars(
        select(TipTransfer).where(TipTransfer.to_id == gone.id, TipTransfer.outcome == Outcome.PENDING)
    ).all()
    held = session.scalars(select(Tip.id).where(Tip.holder_id == gone.id, Tip.state != TipState.CLOSED)).all()
    for tip_id in sorted({*held, *(offer.tip_id for offer in offers)}):
        tip = locked(session, tip_id)
        open_offer = pending(session, tip_id)
        if open_offer is not None and gone.id in (open_offer.to_id, tip.holder_id):
            _answer(session, tip, open_offer, Outcome.WITHDRAWN, by, words.GONE.format(name=gone.name), now)
        if tip.holder_id == gone.id:
            tip.holder_id = None
            note(session, tip, now, "put_back", staff=by, detail=words.GONE.format(name=gone.name))
    return len(held)


def officers(session: Session) -> list[Staff]:
    """Who may have tips in hand, by name."""
    active = session.scalars(select(Staff).where(Staff.active).order_by(Staff.name, Staff.login))
    return [staff for staff in active if "officer" in staff.role_set]


def _open(session: Session, tip_id: uuid.UUID) -> Tip:
    tip = locked(session, tip_id)
    if tip.state == TipState.CLOSED:
        raise TipError(words.CLOSED)
    return tip


def _officer(session: Session, staff_id: uuid.UUID | None) -> Staff:
    staff = session.get(Staff, staff_id) if staff_id else None
    if staff is None or not staff.active or "officer" not in staff.role_set:
        raise TipError(words.NO_OFFICER)
    return staff


def _name(session: Session, staff_id: uuid.UUID | None) -> str:
    return session.get_one(Staff, staff_id).name


def _answered(session: Session, transfer: TipTransfer) -> str:
    name = _name(session, transfer.answered_by)
    return words.ANSWERED_ALREADY.format(name=name, what=words.EVENTS[transfer.outcome])
