"""The ground under every change of a card: its lock, its history and what follows from its fields."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from linkage import clusters
from linkage.models import Source
from linkage.subjects import ACCOUNT, PHONE, Subject, normal, subjects_of
from nlu.entities import extract
from stops import events
from stops.facts import deadline, missing
from stops.models import CardKind, CardState, StopCard, StopEvent
from stops.plausible import CLOCKS_DIFFER, account_fault_of
from storage.sealing import installed


class CardError(Exception):
    """What an officer tried is not possible; the text is for their screen."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after. ``field``: of the card, or ``2.payee_account`` of its second transfer."""

    field: str
    before: Any
    after: Any


def locked(session: Session, card_id: uuid.UUID) -> StopCard:
    """The card with its transfers, its row locked until the transaction ends. Raises :class:`CardError`."""
    card = session.scalar(
        select(StopCard)
        .where(StopCard.id == card_id)
        .with_for_update()
        .options(selectinload(StopCard.transfers))
        .execution_options(populate_existing=True)
    )
    if card is None:
        raise CardError("没有这张止付单。")
    return card


def note(
    session: Session,
    card: StopCard,
    now: datetime,
    what: str,
    *,
    actor: str = "bot",
    staff_id: uuid.UUID | None = None,
    changes: Sequence[Change] = (),
    **more: Any,
) -> StopEvent:
    """Add to the history, and give the card a new version. ``more``: columns of the event."""
    event = StopEvent(
        card_id=card.id,
        at=now,
        actor="staff" if staff_id else actor,
        staff_id=staff_id,
        what=what,
        version=card.version or 0,
        **more,
    )
    if changes:
        event.changes = {"changes": [{"field": c.field, "before": c.before, "after": c.after} for c in changes]}
    session.add(event)
    flag_modified(card, "deadline")  # a change of a transfer alone is a change of the card, too
    session.flush()
    return event


def changes_of(event: StopEvent) -> list[Change]:
    """What an event changed, field by field."""
    return [Change(item["field"], item["before"], item["after"]) for item in event.changes.get("changes", ())]


def history(session: Session, card_id: uuid.UUID) -> list[StopEvent]:
    """Everything that happened to a card and to those merged into it, oldest first."""
    merged = select(StopCard.id).where(StopCard.merged_into == card_id)
    return list(
        session.scalars(
            select(StopEvent)
            .where(or_(StopEvent.card_id == card_id, StopEvent.card_id.in_(merged)))
            .order_by(StopEvent.at, StopEvent.id)
        )
    )


def account_index(account: str) -> bytes | None:
    """The keyed digest an account is found by; None without one."""
    plain = "".join(account.split()).replace("-", "").lower()
    return installed().blind("stop.account", plain) if plain else None


def _named(card: StopCard, now: datetime) -> tuple[Subject, ...]:
    """Whom the card points at: the payees, and what the story names beside the victim's own phone."""
    accounts = [normal(ACCOUNT, transfer.payee_account) for transfer in card.transfers]
    told = subjects_of(card.story, extract(card.story, now)) if card.story else ()
    own = {normal(PHONE, card.callback_phone)}
    named = dict.fromkeys([*(one for one in accounts if one is not None), *told])
    paid_from = {normal(ACCOUNT, transfer.payer_account) for transfer in card.transfers}
    return tuple(one for one in named if one not in own | paid_from)


def refresh(session: Session, card: StopCard, now: datetime) -> None:
    """Bring what follows from the fields up to date: digests, checks, deadline, completeness."""
    for transfer in card.transfers:
        transfer.account_index = account_index(transfer.payee_account)
        transfer.payee_account_valid = not account_fault_of(transfer)
    card.deadline = deadline(
        card.reported_at,
        [
            t.transferred_at
            for t in card.transfers
            if t.transferred_at is None or t.transferred_at <= now + CLOCKS_DIFFER
        ],
        about_to_pay=card.kind == CardKind.DISSUADE,
    )
    clusters.renew(session, Source.CARD, card.id, card.contact_id, _named(card, now), now)
    complete = not missing(card, now)
    if complete and card.completed_at is None and card.state != CardState.CLOSED:
        card.completed_at = now
        note(session, card, now, "complete")
        events.card_changed(session, card, "complete", now)
    card.complete = complete
