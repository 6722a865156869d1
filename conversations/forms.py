"""Collecting facts over several turns, in whatever order and portions a person gives them.

A form is a list of questions; a reader turns what was said into values. The engine keeps what was answered,
takes corrections, lets people skip, never asks a thing twice in a breath, and survives silence of any length
because its state is a row.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Conversation, FormRecord, FormState

BREATH = timedelta(seconds=8)  # bubbles within this time are one story
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One message as a form sees it.

    ``asked``: the key of the question that stands open, empty when none. ``evidence``: id of a picture or the
    like that came with it. ``affirms``/``denies``: it says yes or no and little else.
    """

    text: str
    now: datetime
    asked: str = ""
    kind: str = "text"
    evidence: str = ""
    entities: Sequence[Any] = ()
    affirms: bool = False
    denies: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question. It counts as answered once every value in ``needs`` is there.

    ``ask``: the question; ``again``: asked when the answer did not fit, with ``{missing}`` naming what lacks.
    ``names``: what the values are called in Chinese. After ``tries`` answers that bring nothing it is skipped.
    """

    key: str
    needs: tuple[str, ...]
    ask: str
    again: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    tries: int = 2

    def missing(self, values: Values) -> tuple[str, ...]:
        """The needed values that are not there yet."""
        return tuple(need for need in self.needs if need not in values)


class Form(Protocol):
    """What a feature declares to have facts collected."""

    name: str

    def questions(self, values: Values) -> Sequence[Question]:
        """The questions that apply, in order, given what is known."""
        ...

    def read(self, said: Said, values: Values) -> dict[str, Any]:
        """Values found in a message; an empty dict when it says nothing for this form."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What a message did to a form."""

    changed: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    skipped: bool = False
    missed: bool = False  # a question stood open and the message did not answer it
    finished: bool = False


def active(session: Session, conversation: Conversation) -> FormRecord | None:
    """The form being filled in a conversation."""
    return session.scalar(
        select(FormRecord).where(FormRecord.conversation_id == conversation.id, FormRecord.state == FormState.OPEN)
    )


def begin(session: Session, conversation: Conversation, name: str, now: datetime) -> FormRecord:
    """Start a form; the one that is open is suspended and comes back when this one ends."""
    current = active(session, conversation)
    if current is not None:
        current.state = FormState.SUSPENDED.value
        session.flush()
    record = FormRecord(
        conversation_id=conversation.id,
        name=name,
        state=FormState.OPEN.value,
        created_at=now,
        touched_at=now,
        prompt="",
        skipped="",
        tries=0,
    )
    session.add(record)
    session.flush()
    return record


def note(session: Session, conversation: Conversation, name: str, subject_id: uuid.UUID, now: datetime) -> FormRecord:
    """A form nobody asks: it only gathers what is told anyway, beside the one that may be open."""
    record = FormRecord(
        conversation_id=conversation.id,
        name=name,
        state=FormState.DONE.value,
        subject_id=subject_id,
        created_at=now,
        touched_at=now,
        prompt="",
        skipped="",
        tries=0,
    )
    session.add(record)
    session.flush()
    return record


def end(session: Session, record: FormRecord, state: FormState, now: datetime) -> FormRecord | None:
    """Finish or cancel a form; returns the one that is open again, if one was suspended."""
    record.state = state.value
    record.touched_at = now
    session.flush()
    suspended = session.scalar(
        select(FormRecord)
        .where(FormRecord.conversation_id == record.conversation_id, FormRecord.state == FormState.SUSPENDED)
        .order_by(FormRecord.created_at.desc())
        .limit(1)
    )
    if suspended is not None:
        suspended.state = FormState.OPEN.value
        suspended.prompt = ""
        session.flush()
    return suspended


def skipped(record: FormRecord) -> frozenset[str]:
    """Keys of the questions that were skipped."""
    return frozenset(key for key in record.skipped.split(",") if key)


def next_question(form: Form, record: FormRecord) -> Question | None:
    """The first question that is neither answered nor skipped."""
    values = record.values
    passed = skipped(record)
    for question in form.questions(values):
        if question.key not in passed and question.missing(values):
            return question
    return None


def absorb(form: Form, record: FormRecord, said: Said, *, skip: bool = False, bubble: bool = False) -> Progress:
    """Put a message into a form. ``skip``: the person does not know or does not want to say.

    ``bubble``: it follows another in a breath; what is not an answer yet is no wrong one.
    """
    values = record.values
    found = form.read(said, values)
    changed = tuple(key for key, value in found.items() if values.get(key) != value)
    corrected = tuple(key for key in changed if key in values)
    if changed:
        record.values = {**values, **found}
    record.touched_at = said.now
    question = next((q for q in form.questions(record.values) if q.key == said.asked), None)
    was_skipped = missed = False
    if question is not None and question.missing(record.values) and not _answered(question, changed):
        if skip:
            was_skipped = True
        elif not bubble:
            record.tries += 1
            missed = True
        if was_skipped or record.tries >= question.tries:
            record.skipped = ",".join(sorted(skipped(record) | {question.key}))
    return Progress(changed, corrected, was_skipped, missed, next_question(form, record) is None)


def _answered(question: Question, changed: Sequence[str]) -> bool:
    return any(need in changed for need in question.needs)


def prompt(record: FormRecord, question: Question, now: datetime, *, bubble: bool) -> str:
    """The words to ask a question with, or empty when it was asked a breath ago and more may still come.

    ``bubble``: the message before arrived a moment ago, so that this one is rather more of the story than an answer.
    """
    if record.prompt == question.key and bubble and record.prompted_at and now - record.prompted_at < BREATH:
        return ""
    if record.prompt != question.key:
        record.tries = 0
        text = _first_words(record, question)
    else:
        text = _again(record, question)
    record.prompt = question.key
    record.prompted_at = now
    return text


def _first_words(record: FormRecord, question: Question) -> str:
    missing = question.missing(record.values)
    if len(missing) < len(question.needs) and question.again:
        return _again(record, question)
    return question.ask


def _again(record: FormRecord, question: Question) -> str:
    if not question.again:
        return question.ask
    lacking = [question.names.get(key, "") for key in question.missing(record.values)]
    return question.again.format(missing="、".join(name for name in lacking if name))
