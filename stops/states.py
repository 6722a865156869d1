"""The states of a card: which follows which, what an officer must state, and what goes with the step.

The bot opens and enriches cards. Every state after 新建 is a named officer's word (``set_state`` takes one, and the
database refuses a state without).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from conversations.models import Staff
from stops import events, stop_orders, tasks, telling, timers
from stops.acts import Act
from stops.models import CardState, StopCard, StopEvent
from stops.record import CardError, locked, note

S = CardState
# Which state an officer may set after which.
NEXT: dict[CardState, tuple[CardState, ...]] = {
    S.NEW: (S.ACCEPTED,),
    S.ACCEPTED: (S.FORWARDED, S.INITIATED, S.CLOSED),
    S.FORWARDED: (S.INITIATED, S.CLOSED),
    S.INITIATED: (S.SUCCEEDED, S.PARTIAL, S.FAILED, S.LAPSED),
    S.SUCCEEDED: (S.EXTENDED, S.FROZEN, S.LAPSED),
    S.PARTIAL: (S.EXTENDED, S.FROZEN, S.LAPSED),
    S.FAILED: (S.INITIATED, S.CLOSED),
    S.EXTENDED: (S.FROZEN, S.LAPSED),
    S.FROZEN: (S.RETURNED, S.LAPSED, S.CLOSED),
    S.LAPSED: (S.CLOSED,),
    S.RETURNED: (S.CLOSED,),
    S.CLOSED: (),
}


@dataclass(frozen=True, slots=True)
class Demand:
    """What must be stated with a state. ``note``: a reference or a reason; ``reason``: words, no reference will do.

    ``amount``: what the money is called on the card (``stopped_fen``, ``returned_fen``); empty: none is stated.
    """

    note: bool = True
    reason: bool = False
    amount: str = ""


NOTHING = Demand(note=False)
DEMANDS: dict[CardState, Demand] = {
    S.ACCEPTED: NOTHING,
    S.FORWARDED: NOTHING,
    S.INITIATED: Demand(),
    S.SUCCEEDED: Demand(amount="stopped_fen"),
    S.PARTIAL: Demand(amount="stopped_fen"),
    S.FAILED: Demand(),
    S.EXTENDED: Demand(),
    S.FROZEN: Demand(),
    S.LAPSED: Demand(),
    S.RETURNED: Demand(amount="returned_fen"),
    S.CLOSED: Demand(reason=True),
}
EARLIEST = timedelta(days=30)  # an act may be entered late, but not so late


def set_state(
    session: Session,
    card_id: uuid.UUID,
    to: CardState,
    officer: Staff,
    now: datetime,
    note: str = "",
    act: Act | None = None,
) -> StopCard:
    """An officer moves a card on. Raises :class:`CardError` when that step does not follow or something is wanting.

    ``note`` alone stands for ``Act(note=note)``.
    """
    act = act or Act(note=note)
    card = locked(session, card_id)
    _permitted(session, card, to, officer)
    amount_fen = _stated(card, to, act, now)
    happened_at = act.happened_at or now
    card.officer_id = officer.id
    card.state_by = officer.id
    card.state_at = now
    card.state = to.value
    if to is S.CLOSED:
        card.closed_at = now
    _effects(session, card, to, officer, act, happened_at, now)
    event = _written(session, card, to, officer, act, amount_fen, now)
    telling.owe(session, card, event, now)
    events.card_changed(session, card, "state", now)
    return card


def _permitted(session: Session, card: StopCard, to: CardState, officer: Staff) -> None:
    if to not in NEXT[CardState(card.state)]:
        raise CardError("当前状态下不能这样操作，请刷新页面再看。")
    if card.officer_id not in (None, officer.id):
        other = session.get_one(Staff, card.officer_id)
        raise CardError(f"这张止付单由{other.name}在办理。")


def _stated(card: StopCard, to: CardState, act: Act, now: datetime) -> int | None:
    """Check what was stated; returns the money of this step."""
    demand = DEMANDS[to]
    if demand.reason and not act.note.strip():
        raise CardError("结案要写明原因。")
    if demand.note and not (act.note.strip() or act.reference.strip()):
        raise CardError("请填写办理时间、文号或原因。")
    if act.happened_at is not None and not now - EARLIEST <= act.happened_at <= now + timedelta(minutes=1):
        raise CardError("办理时间不对：不能晚于现在，也不能早于30天前。")
    if not demand.amount:
        return None
    amount = act.amount_fen
    if amount is None and to is S.SUCCEEDED:
        amount = reported_fen(card)
    if to is S.SUCCEEDED and amount is None:
        return None  # nobody knows how much was reported
    if amount is None or amount <= 0:
        raise CardError("请填写金额。")
    if demand.amount == "stopped_fen":
        card.stopped_fen = amount
    else:
        card.returned_fen = amount
    return amount


def reported_fen(card: StopCard) -> int | None:
    """What the resident says was lost, in fen; None where no amount is known."""
    known = [transfer.amount_fen for transfer in card.transfers if transfer.amount_fen]
    return sum(known) if known else None


def _effects(
    session: Session, card: StopCard, to: CardState, officer: Staff, act: Act, happened_at: datetime, now: datetime
) -> None:
    if to in (S.INITIATED, S.EXTENDED):
        card.expires_at = stop_orders.place(session, card, officer, happened_at, act, again=to is S.EXTENDED)
        card.initiated_at = happened_at
        card.stop_round += 1
        timers.drop(session, card, timers.EXPIRY)
        if not card.drill:
            timers.set_expiry(session, card)
    elif to in (S.SUCCEEDED, S.PARTIAL, S.FAILED):
        stop_orders.conclude(session, card, to.value)
    if to in (S.FAILED, S.FROZEN, S.LAPSED, S.CLOSED):
        timers.drop(session, card, timers.EXPIRY)
        card.expires_at = None
    if to in (S.EXTENDED, S.FROZEN, S.LAPSED, S.FAILED, S.CLOSED):
        tasks.settle(session, card, (tasks.EXPIRY, tasks.LAPSED), officer, now)
    if to is S.CLOSED:
        timers.drop(session, card, (timers.REMIND,))


def _written(
    session: Session, card: StopCard, to: CardState, officer: Staff, act: Act, amount_fen: int | None, now: datetime
) -> StopEvent:
    return note(
        session,
        card,
        now,
        "state",
        state=to.value,
        staff_id=officer.id,
        detail=act.note.strip(),
        reference=act.reference.strip()[:64],
        happened_at=act.happened_at,
        amount_fen=amount_fen,
    )
