"""How many customer-service messages WeChat still lets us send to a contact.

WeChat's rule since 2023-06: 5 per message of the resident within 48 h; after a menu click, a follow or a scan
3 within one minute. Numbers and windows are settings. SMS has no such limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from conversations.inbound import Channel, Inbound, Kind
from conversations.models import Contact
from storage.settings import Settings

GRANTING_EVENTS = frozenset({"subscribe", "scan", "click"})
RESERVE = 1  # what can wait leaves this many: for a person, or for the question of a loss


@dataclass(frozen=True, slots=True)
class Left:
    """What may still be sent, and until when (None: nothing, or no limit on this channel)."""

    messages: int
    until: datetime | None
    unlimited: bool = False


def grant(contact: Contact, inbound: Inbound, settings: Settings, now: datetime) -> None:
    """Open the window a message or event of the resident opens."""
    if contact.channel != Channel.WECHAT:
        return
    if inbound.kind is not Kind.EVENT:
        contact.reply_left = settings.wechat_reply_limit
        contact.reply_until = now + timedelta(seconds=settings.wechat_reply_window)
    elif inbound.event.lower() in GRANTING_EVENTS:
        contact.event_reply_left = settings.wechat_event_reply_limit
        contact.event_reply_until = now + timedelta(seconds=settings.wechat_event_reply_window)


def left(contact: Contact, now: datetime) -> Left:
    """What WeChat would still accept for this contact."""
    if contact.channel != Channel.WECHAT:
        return Left(0, None, unlimited=True)
    if contact.reply_until is not None and contact.reply_until > now and contact.reply_left > 0:
        return Left(contact.reply_left, contact.reply_until)
    if contact.event_reply_until is not None and contact.event_reply_until > now and contact.event_reply_left > 0:
        return Left(contact.event_reply_left, contact.event_reply_until)
    return Left(0, None)


class Window(StrEnum):
    """What a message was paid from."""

    NONE = "none"  # a channel without limits
    EVENT = "event"
    MESSAGE = "message"


def spend(contact: Contact, now: datetime, count: int = 1, *, to_the_last: bool) -> Window | None:
    """Take ``count`` messages from one window, the short one first; None when neither has so many.

    ``to_the_last``: a person's own words and those of a loss may use up the budget; the bot's other words, and word
    of a card's state, which can go another way, leave :data:`RESERVE`.
    """
    if contact.channel != Channel.WECHAT:
        return Window.NONE
    if contact.event_reply_until is not None and contact.event_reply_until > now and contact.event_reply_left >= count:
        contact.event_reply_left -= count
        return Window.EVENT
    spendable = contact.reply_left - (0 if to_the_last else RESERVE)
    if contact.reply_until is not None and contact.reply_until > now and spendable >= count:
        contact.reply_left -= count
        return Window.MESSAGE
    return None


def refund(contact: Contact, window: Window, count: int = 1) -> None:
    """Give them back: the platform did not take the message."""
    if window is Window.EVENT:
        contact.event_reply_left += count
    elif window is Window.MESSAGE:
        contact.reply_left += count


def exhausted(contact: Contact) -> None:
    """The platform says there is nothing left (45015, 45047): our ledger follows."""
    contact.reply_left = 0
    contact.event_reply_left = 0
