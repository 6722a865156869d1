"""One stop card with everything on it: fields, pictures, conversation, who has it in hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, moments, words
from console.pages import board, conversation, handling, linked, transfers, typed, work
from console.pages.board import Row
from console.pages.history import Entry, people
from console.pages.linked import Named
from console.pages.media import Media, media_of
from console.pages.transfers import Field, Payment
from console.pages.work import Work
from conversations.inbound import Kind
from conversations.models import Evidence, Staff
from linkage.models import Source
from stops import cards
from stops.facts import missing
from stops.models import CardState, StopCard, StopEvent

PICTURES = 12


@dataclass(frozen=True, slots=True)
class View:
    """One card, nothing hidden. ``desk``: what this reader can do: mine, free, other, closed."""

    row: Row
    version: int
    desk: str
    held: str
    conversation_id: uuid.UUID
    third_party: bool
    confirmed: bool
    phone: str
    victim: str
    fraud: str
    story: str
    own_fields: list[Field]
    payments: list[Payment]
    pictures: list[Media]
    linked: list[Named]
    missing: list[str]
    history: list[Entry]
    work: Work
    everything: str
    talk: conversation.View


def load(
    session: Session,
    card_id: uuid.UUID,
    me: Staff,
    now: datetime,
    fraud_names: Mapping[str, str],
    alert_after: timedelta,
) -> View | None:
    """One card; None where there is none."""
    card = cards.load(session, card_id)
    talk = conversation.load(session, card.conversation_id, me, now, alert_after) if card else None
    if card is None or talk is None:
        return None
    events = cards.history(session, card.id)
    names = people(session, [card.officer_id, card.state_by, *(event.staff_id for event in events)])
    shown = transfers.payments(card, now)
    lacking = [words.CARD_NEEDS[need] for need in missing(card, now)]
    fraud = fraud_names.get(card.fraud_type, "")
    return View(
        row=board.row(card, names, me, now),
        version=card.version,
        desk=_desk(card, me),
        held=_held(card, me, names, now),
        conversation_id=card.conversation_id,
        third_party=card.third_party,
        confirmed=card.confirmed,
        phone=card.callback_phone,
        victim=card.victim_name,
        fraud=fraud,
        story=masking.query_code(card.story),
        own_fields=transfers.own_fields(card),
        payments=shown,
        pictures=_pictures(session, card),
        linked=[item for item in linked.named(session, Source.CARD, card.id) if item.others or item.finding],
        missing=lacking,
        history=_history(session, card, events, names),
        work=work.load(session, card, me, now),
        everything=transfers.as_text(card, shown, lacking, fraud),
        talk=talk,
    )


def _history(
    session: Session, card: StopCard, events: Sequence[StopEvent], names: Mapping[uuid.UUID, str]
) -> list[Entry]:
    """What happened to the card, and who had its conversation, in one line of time."""
    told = [(event.at, _entry(event, names)) for event in events]
    both = sorted([*told, *handling.load(session, card.conversation_id)], key=lambda entry: entry[0])
    return [entry for _, entry in both]


def _entry(event: StopEvent, names: Mapping[uuid.UUID, str]) -> Entry:
    stated = [words.REFERENCE.format(number=event.reference)] if event.reference else []
    stated += [words.ACTED_AT.format(time=moments.full(event.happened_at))] if event.happened_at else []
    stated += [board.money(event.amount_fen, approximate=False)] if event.amount_fen else []
    note = "；".join([*stated, *filter(None, [event.detail, typed.changed(cards.changes_of(event))])])
    entry = Entry.of(event.at, event.staff_id, names, _event(event.what, event.state), note)
    return replace(entry, who=words.RESIDENT) if event.actor == "resident" else entry


def _desk(card: StopCard, me: Staff) -> str:
    if card.state == CardState.CLOSED:
        return "closed"
    if card.officer_id is None:
        return "free"
    return "mine" if card.officer_id == me.id else "other"


def _held(card: StopCard, me: Staff, names: Mapping[uuid.UUID, str], now: datetime) -> str:
    if card.state == CardState.CLOSED:
        return words.CARD_CLOSED_BY.format(name=names.get(card.state_by, "")) if card.state_by else ""
    if card.officer_id is None:
        return words.CARD_UNHELD
    who = words.CARD_MINE if card.officer_id == me.id else words.CARD_HELD.format(name=names.get(card.officer_id, ""))
    since = words.CARD_TAKEN_AT.format(time=moments.clock(card.taken_at, now)) if card.taken_at else ""
    return f"{who}{since}"


def _event(what: str, state: str) -> str:
    return words.CARD_STATES[state] if what == "state" and state else words.CARD_EVENTS.get(what, what)


def _pictures(session: Session, card: StopCard) -> list[Media]:
    """Those a payment names first, then whatever else the resident sent, newest first."""
    named = {transfer.evidence_id for transfer in card.transfers if transfer.evidence_id}
    found = session.scalars(
        select(Evidence)
        .where(Evidence.conversation_id == card.conversation_id, Evidence.kind == Kind.IMAGE)
        .order_by(Evidence.created_at.desc())
        .limit(PICTURES)
    ).all()
    return [media_of(item, {}) for item in sorted(found, key=lambda item: item.id not in named)]
