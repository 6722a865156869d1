"""Learning from use: what messages really meant, which to look at, and which go into the training data."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from conversations.anonymise import training_text
from conversations.inbound import Kind
from conversations.models import Contact, Direction, FormRecord, Label, Message, Origin, Staff
from conversations.staffing import StaffingError, record
from nlu.types import Intent
from storage import live

UNUSABLE = ""  # the label of a message that is of no use for training
NAMED = ("victim_name", "payee_name")  # values of a form that are people's names
WORDS = (Kind.TEXT.value, Kind.VOICE.value)  # kinds of messages that hold a resident's own words
_KEPT = 3  # likeliest intents kept with a message


class Wanted(StrEnum):
    """Which messages are asked for.

    ``unsure``: the bot asked back, or the resident chose, and no one has looked. ``corrected``: somebody said that it
    meant something else. ``labelled``: whatever was labelled. ``unlabelled``: what was not.
    """

    UNSURE = "unsure"
    CORRECTED = "corrected"
    UNLABELLED = "unlabelled"
    LABELLED = "labelled"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A message to learn from. ``text`` is without personal values; ``label`` is None where nobody gave one.

    ``suggested``: what the resident chose when asked back. ``guess`` with ``confidence`` is what ``model`` said.
    """

    id: uuid.UUID
    position: int
    conversation_id: uuid.UUID
    channel: str
    at: datetime
    text: str
    guess: str
    confidence: float | None
    unsure: bool
    decided_by: str
    model: str
    alternatives: tuple[tuple[str, float], ...]
    label: str | None
    labelled_by: str
    labelled_at: datetime | None
    suggested: str

    @property
    def erred(self) -> bool:
        """Whether the label says that the guess was wrong."""
        return bool(self.label) and self.label != self.guess


def ranking_text(ranking: Sequence[tuple[str, float]]) -> str:
    """The likeliest intents as a message keeps them."""
    return ",".join(f"{intent} {share:.2f}" for intent, share in ranking[:_KEPT])


def ranking_of(kept: str) -> tuple[tuple[str, float], ...]:
    """The likeliest intents of a message, best first."""
    pairs = (entry.rpartition(" ") for entry in kept.split(",") if entry)
    return tuple((intent, float(share)) for intent, _, share in pairs)


def give(session: Session, message_id: uuid.UUID, intent: str, staff: Staff | None, now: datetime) -> Message:
    """Say what a message really meant; the same again adds nothing. ``staff`` None: on the command line.

    Raises :class:`StaffingError` for a message that is no resident's words, ValueError for an unknown intent.
    """
    if intent != UNUSABLE:
        Intent(intent)
    message = session.get(Message, message_id, with_for_update={"of": Message})
    if message is None or message.direction != Direction.IN or message.kind not in WORDS or not message.text:
        raise StaffingError("只有居民发来的文字可以标注。")
    if _newest(session, message_id, Origin.STAFF) == intent:
        return message
    who = staff.id if staff else None
    session.add(Label(message_id=message_id, intent=intent, origin=Origin.STAFF.value, staff_id=who, at=now))
    record(session, staff, "label", now, "message", message_id, detail=f"{message.intent or '-'} > {intent or '-'}")
    live.touch(session, "conversation", message.conversation_id, "label")
    return message


def suggest(session: Session, message: Message, intent: str, now: datetime) -> None:
    """Keep what the resident chose when the bot asked back."""
    if _newest(session, message.id, Origin.RESIDENT) != intent:
        session.add(Label(message_id=message.id, intent=intent, origin=Origin.RESIDENT.value, at=now))


def _newest(session: Session, message_id: uuid.UUID, origin: Origin) -> str | None:
    return session.scalar(
        select(Label.intent)
        .where(Label.message_id == message_id, Label.origin == origin)
        .order_by(Label.at.desc(), Label.id.desc())
        .limit(1)
    )


def newest_by_staff(session: Session, conversation_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """The labels that staff gave to the messages of one conversation."""
    query = (
        select(Label.message_id, Label.intent)
        .join(Message, Message.id == Label.message_id)
        .where(Message.conversation_id == conversation_id, Label.origin == Origin.STAFF)
        .order_by(Label.at, Label.id)
    )
    return {row.message_id: row.intent for row in session.execute(query)}


def _latest(origin: Origin) -> type[Label]:
    newest = (
        select(Label)
        .where(Label.origin == origin)
        .ext(distinct_on(Label.message_id))
        .order_by(Label.message_id, Label.at.desc(), Label.id.desc())
        .subquery()
    )
    return aliased(Label, newest)


def _query(wanted: Wanted | None, given: type[Label], chosen: type[Label]) -> Select[Message, Label, Label, str]:
    query = (
        select(Message, given, chosen, Staff.name)
        .outerjoin(given, given.message_id == Message.id)
        .outerjoin(chosen, chosen.message_id == Message.id)
        .outerjoin(Staff, Staff.id == given.staff_id)
        .join(Contact, and_(Contact.id == Message.contact_id, Contact.drill.is_(False)))
        .where(Message.direction == Direction.IN, Message.kind.in_(WORDS), Message.intent != "")
    )
    conditions: dict[Wanted | None, ColumnElement[bool]] = {
        Wanted.UNSURE: and_(or_(Message.unsure, chosen.id.is_not(None)), given.id.is_(None)),
        Wanted.CORRECTED: and_(given.intent != UNUSABLE, given.intent != Message.intent),
        Wanted.UNLABELLED: given.id.is_(None),
        Wanted.LABELLED: given.id.is_not(None),
    }
    return query.where(conditions[wanted]) if wanted else query


def review(session: Session, wanted: Wanted | None, limit: int, before: int | None = None) -> list[Reviewed]:
    """Messages to learn from, newest first; ``before``: a position. None: whatever was understood."""
    given, chosen = _latest(Origin.STAFF), _latest(Origin.RESIDENT)
    query = _query(wanted, given, chosen).order_by(Message.position.desc()).limit(limit)
    rows = session.execute(query if before is None else query.where(Message.position < before)).all()
    names = known_names(session, {message.conversation_id for message, *_ in rows})
    return [
        _reviewed(message, label, choice, name or "", names.get(message.conversation_id, set()))
        for message, label, choice, name in rows
    ]


def waiting(session: Session) -> int:
    """How many messages the bot was unsure of and nobody has looked at."""
    found = _query(Wanted.UNSURE, _latest(Origin.STAFF), _latest(Origin.RESIDENT)).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _reviewed(message: Message, label: Label | None, choice: Label | None, name: str, known: set[str]) -> Reviewed:
    return Reviewed(
        id=message.id,
        position=message.position,
        conversation_id=message.conversation_id,
        channel=message.channel,
        at=message.created_at,
        text=training_text(message.text, known),
        guess=message.intent,
        confidence=message.confidence,
        unsure=message.unsure,
        decided_by=message.decided_by,
        model=message.model,
        alternatives=ranking_of(message.alternatives),
        label=label.intent if label else None,
        labelled_by=name,
        labelled_at=label.at if label else None,
        suggested=choice.intent if choice else "",
    )


def known_names(session: Session, conversations: set[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Names that people gave in these conversations when asked, by conversation."""
    known: dict[uuid.UUID, set[str]] = {}
    for form in session.scalars(select(FormRecord).where(FormRecord.conversation_id.in_(conversations))):
        names = {str(form.values[key]) for key in NAMED if form.values.get(key)}
        known.setdefault(form.conversation_id, set()).update(names)
    return known
