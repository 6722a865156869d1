"""Stops on accounts: 48 hours each, two for one account, whichever cards ask for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops.acts import Act
from stops.models import StopCard, StopOrder, StopTransfer
from stops.record import CardError

LASTS = timedelta(hours=48)
MOST = 2
FAILED = "failed"


def place(session: Session, card: StopCard, officer: Staff, set_at: datetime, act: Act, *, again: bool) -> datetime:
    """Write down a stop on the card's accounts; returns when it ends. ``again``: it prolongs the card's own.

    Raises :class:`CardError` where no account is known or one has had its two stops.
    """
    accounts = _accounts(card, act)
    if again and not card.drill:
        own = set(session.scalars(select(StopOrder.account_index).where(_live(), StopOrder.card_id == card.id)))
        accounts = {index: account for index, account in accounts.items() if index in own}
    if not accounts:
        raise CardError("请先填好收款账号，再登记止付。")
    if card.drill:
        return set_at + LASTS  # no bank is asked for anything, so neither of an account's two stops is used up
    for index in sorted(accounts):  # in one order, so that two officers never wait for each other in a circle
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(index[:8], signed=True))))
        taken = list(session.execute(_stops_on(index)))
        if len(taken) >= MOST:
            numbers = "、".join(sorted({number for _, number in taken}))
            raise CardError(
                f"尾号{accounts[index][-4:]}的账号已经止付过{MOST}次（单号{numbers}），不能再止付；要控制资金请转冻结。"
            )
        free = min({1, 2} - {ordinal for ordinal, _ in taken})
        session.add(
            StopOrder(
                card_id=card.id,
                account_index=index,
                ordinal=free,
                set_at=set_at,
                expires_at=set_at + LASTS,
                staff_id=officer.id,
                reference=act.reference.strip()[:64],
                result="asked",
            )
        )
    session.flush()
    return set_at + LASTS


def _accounts(card: StopCard, act: Act) -> dict[bytes, str]:
    chosen = [t for t in card.transfers if not act.ordinals or t.ordinal in act.ordinals]
    return {t.account_index: t.payee_account for t in chosen if t.account_index}


def _live() -> ColumnElement[bool]:
    return StopOrder.result != FAILED


def _stops_on(index: bytes) -> Select[int, str]:
    return (
        select(StopOrder.ordinal, StopCard.number)
        .join(StopCard, StopCard.id == StopOrder.card_id)
        .where(_live(), StopOrder.account_index == index)
    )


def conclude(session: Session, card: StopCard, result: str) -> None:
    """The bank's answer to what was asked for: succeeded, partial or failed."""
    session.execute(
        update(StopOrder).where(StopOrder.card_id == card.id, StopOrder.result == "asked").values(result=result)
    )


def count_on(session: Session, transfer: StopTransfer) -> int:
    """How many of its two stops the transfer's account has had, 0 to 2, from any card."""
    if transfer.account_index is None:
        return 0
    return (
        session.scalar(
            select(func.count())
            .select_from(StopOrder)
            .where(_live(), StopOrder.account_index == transfer.account_index)
        )
        or 0
    )


def of_card(session: Session, card: StopCard) -> list[StopOrder]:
    """The stops a card asked for, oldest first."""
    return list(session.scalars(select(StopOrder).where(StopOrder.card_id == card.id).order_by(StopOrder.set_at)))
