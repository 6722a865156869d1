"""One conversation: who holds it, what was said, what was collected, what belongs to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from console import masking, moments, words
from console.pages import collected, handling, inbox, thread
from console.pages.collected import Collected
from console.pages.history import Entry
from console.pages.thread import Bubble
from conversations import budget
from conversations.contacts import sender_index
from conversations.inbound import Channel
from conversations.models import Contact, Conversation, Holder, Staff
from rewards.models import Claim
from stops.models import StopCard
from tips.models import Tip


@dataclass(frozen=True, slots=True)
class Linked:
    """Something that belongs to the conversation. ``kind``: card, tip, claim or conversation."""

    kind: str
    id: uuid.UUID
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class View:
    """The page. ``desk``: what this reader can do: mine, free, other, closed."""

    id: uuid.UUID
    channel: str
    who: str
    drill: bool
    holder: str
    holder_id: uuid.UUID | None
    desk: str
    reason: str
    warning: str
    unread: int
    budget: str
    budget_low: bool
    bubbles: list[Bubble]
    forms: list[Collected]
    linked: list[Linked]
    history: list[Entry]


def load(session: Session, conversation_id: uuid.UUID, me: Staff, now: datetime, alert_after: timedelta) -> View | None:
    """One conversation; None where there is none."""
    conversation = session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .options(joinedload(Conversation.contact), joinedload(Conversation.staff))
    )
    if conversation is None:
        return None
    contact = conversation.contact
    left = budget.left(contact, now)
    return View(
        id=conversation.id,
        channel=conversation.channel,
        who=masking.sender(conversation.channel, contact.sender),
        drill=contact.drill,
        holder=inbox.holder_words(conversation, me),
        holder_id=conversation.staff_id,
        desk=_desk(conversation, me),
        reason=words.REASONS.get(conversation.waiting_reason, ""),
        warning=_warning(conversation, now, alert_after),
        unread=conversation.unread,
        budget=budget_words(left, now),
        budget_low=not left.unlimited and left.messages <= 1,
        bubbles=thread.load(session, conversation.id, now),
        forms=collected.load(session, conversation.id),
        linked=_linked(session, conversation, now),
        history=[entry for _, entry in handling.load(session, conversation.id)],
    )


def _desk(conversation: Conversation, me: Staff) -> str:
    if conversation.closed_at is not None:
        return "closed"
    if conversation.holder != Holder.STAFF:
        return "free"
    return "mine" if conversation.staff_id == me.id else "other"


def _warning(conversation: Conversation, now: datetime, alert_after: timedelta) -> str:
    if conversation.waiting_since is None or now - conversation.waiting_since < alert_after:
        return ""
    return words.WAITING_LONG.format(time=moments.length(now - conversation.waiting_since))


def budget_words(left: budget.Left, now: datetime) -> str:
    """``剩余 2 条 / 41 小时``."""
    if left.unlimited:
        return words.UNLIMITED
    if left.until is None:
        return words.BUDGET_GONE
    return words.BUDGET.format(count=left.messages, time=_hours(left.until - now))


def _hours(span: timedelta) -> str:
    return moments.length(span) if span < timedelta(hours=48) else "48 小时"


def _linked(session: Session, conversation: Conversation, now: datetime) -> list[Linked]:
    here = conversation.id
    cards = session.scalars(select(StopCard).where(StopCard.conversation_id == here).order_by(StopCard.reported_at))
    tips = session.scalars(select(Tip).where(Tip.conversation_id == here).order_by(Tip.registered_at))
    claims = session.scalars(select(Claim).where(Claim.conversation_id == here).order_by(Claim.requested_at))
    found = list(cards)
    return [
        *(Linked("card", card.id, card.number, words.CARD_STATES[card.state]) for card in found),
        *(Linked("tip", tip.id, tip.number, words.TIP_STATES[tip.state]) for tip in tips),
        *(Linked("claim", claim.id, claim.number, words.CLAIM_STATES[claim.state]) for claim in claims),
        *_elsewhere(session, conversation, [card.callback_phone for card in found], now),
    ]


def _elsewhere(session: Session, conversation: Conversation, phones: list[str], now: datetime) -> list[Linked]:
    """Other conversations of this contact, and texts from the number a WeChat user asked to be called at."""
    by_phone = [sender_index(Channel.SMS, _e164(phone)) for phone in phones if phone]
    same = Contact.id == conversation.contact_id
    texted = (Contact.channel == Channel.SMS) & Contact.sender_index.in_(by_phone)
    others = session.scalars(
        select(Conversation)
        .join(Contact, Conversation.contact_id == Contact.id)
        .where(or_(same, texted), Conversation.id != conversation.id)
        .order_by(Conversation.last_message_at.desc())
        .limit(10)
    )
    return [
        Linked("conversation", other.id, words.CHANNELS[other.channel], moments.clock(other.last_message_at, now))
        for other in others
    ]


def _e164(phone: str) -> str:
    return phone if phone.startswith("+") else f"+86{phone}"
