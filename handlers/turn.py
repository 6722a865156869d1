"""One message on its way through the hotline: everything a handler may look at, and nothing of the web."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from conversations.forms import Said
from conversations.inbound import Channel, Inbound
from conversations.models import Contact, Conversation, Evidence, FormRecord, Message
from handlers.answers import is_no, is_yes
from knowledge.lookup import Knowledge
from nlu.types import Intent, Understanding
from rewards.scheme import Schemes
from storage.settings import Settings
from tips.villages import Villages


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers look things up in; loaded once per process."""

    settings: Settings
    knowledge: Knowledge
    schemes: Schemes
    villages: Villages


@dataclass(slots=True)
class Turn:
    """One inbound message, understood, inside its transaction.

    ``form``: what is being collected, if anything. ``bubble``: another message came a moment before.
    """

    session: Session
    now: datetime
    services: Services
    contact: Contact
    conversation: Conversation
    inbound: Inbound
    message: Message
    understanding: Understanding
    form: FormRecord | None = None
    evidence: Evidence | None = None
    bubble: bool = False
    text: str = field(default="")

    @property
    def by_sms(self) -> bool:
        """Whether the resident texts; then style and privacy are stricter."""
        return self.inbound.channel is Channel.SMS

    @property
    def intent(self) -> Intent:
        """The decided intent."""
        return self.understanding.intent

    def said(self) -> Said:
        """The message as a form sees it."""
        return Said(
            text=self.text,
            now=self.now,
            asked=self.form.prompt if self.form else "",
            kind=self.inbound.kind.value,
            evidence=str(self.evidence.id) if self.evidence else "",
            entities=self.understanding.entities,
            affirms=is_yes(self.text) or (self.intent is Intent.AFFIRM and len(self.text) <= 12),
            denies=is_no(self.text),
        )
