"""Adding to a tip that was given before, on either channel, by whoever has its number and code."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from conversations import forms
from conversations.forms import Question, Said, Values
from conversations.inbound import Reply
from conversations.models import Conversation, FormRecord, FormState
from handlers.answers import is_no, is_skip
from handlers.turn import Turn
from handlers.words import tip as words
from linkage.subjects import subjects_of
from tips import registry
from tips.models import Tip

NAME = "tip_more"


class MoreForm:
    """One question, asked until the reporter has said everything."""

    name = NAME

    def questions(self, values: Values) -> Sequence[Question]:
        """What else there is."""
        return (Question("more", ("done",), words.ASK_MORE.format(number=values["number"]), tries=99),)

    def read(self, said: Said, values: Values) -> dict[str, Any]:
        """Whether that was everything."""
        return {"done": "yes"} if _is_all(said.text) else {}


def _is_all(text: str) -> bool:
    return bool(text) and (is_skip(text) or is_no(text) or bool(words.ENOUGH.match(text.strip())))


def start(turn: Turn, tip: Tip) -> list[Reply]:
    """The code was right: ask for what is new."""
    turn.form = record = begin(turn.session, turn.conversation, tip, turn.now)
    question = forms.next_question(MoreForm(), record)
    assert question is not None
    return [Reply(forms.prompt(record, question, turn.now, bubble=False))]


def begin(session: Session, conversation: Conversation, tip: Tip, now: datetime) -> FormRecord:
    """From now on what is said is added to the tip."""
    record = forms.begin(session, conversation, NAME, now)
    record.values = {"number": tip.number}
    record.subject_id = tip.id
    return record


def answer(turn: Turn) -> list[Reply] | None:
    """Something to add, or the end of it."""
    record = turn.form
    assert record is not None and record.subject_id is not None
    number = record.values["number"]
    if _is_all(turn.text):
        forms.end(turn.session, record, FormState.DONE, turn.now)
        return [Reply(words.MORE_DONE.format(number=number))]
    evidence: list[uuid.UUID] = [turn.evidence.id] if turn.evidence is not None else []
    if not turn.text.strip() and not evidence:
        return []
    subjects = subjects_of(turn.text, turn.understanding.entities)
    registry.add(turn.session, record.subject_id, turn.text, subjects, turn.now, evidence)
    return [] if turn.bubble else [Reply(words.MORE_KEPT)]


def prompt_again(record: FormRecord) -> str:
    """The words of the question that stands open."""
    return words.ASK_MORE.format(number=record.values["number"])
