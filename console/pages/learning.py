"""What to learn from: messages the bot was unsure of or got wrong, and the intents to choose from."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from console import moments, words
from conversations import labels
from conversations.labels import UNUSABLE, Reviewed, Wanted
from conversations.models import Message

PAGE = 40
LIKELY = 2  # intents that stand ready for one click
LEAST = 0.05  # the model's share below which an intent does not


@dataclass(frozen=True, slots=True)
class Choice:
    """An intent to click on. ``share``: what the model gave it, in words."""

    intent: str
    word: str
    share: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody may label a message: the likeliest at once, all in a list. ``label`` is what it was given."""

    likely: tuple[Choice, ...]
    label: str | None
    mark: str

    @classmethod
    def of(cls, guess: str, alternatives: Sequence[tuple[str, float]], suggested: str, label: str | None) -> Choices:
        """For one message: what the resident chose and what the model thought of besides comes first."""
        shares = dict(alternatives)
        order = [suggested, *(intent for intent, share in alternatives if share >= LEAST)]
        others = [intent for intent in dict.fromkeys(order) if intent in words.INTENTS and intent != guess]
        likely = tuple(Choice(name, words.INTENTS[name], share_words(shares.get(name))) for name in others[:LIKELY])
        return cls(likely, label, words.LABEL_MARK.format(intent=label_word(label)) if label is not None else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One message in the list, without personal values."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    channel: str
    at: str
    text: str
    guess: str
    guessed: str
    share: str
    model: str
    suggested: str
    signed: str
    choices: Choices


@dataclass(frozen=True, slots=True)
class View:
    """The page. ``older``: where the next one begins, or None."""

    which: str
    rows: list[Row]
    waiting: int
    older: int | None


def load(session: Session, which: Wanted, now: datetime, before: int | None) -> View:
    """The messages of one tab."""
    found = labels.review(session, which, PAGE + 1, before)
    rows = [_row(reviewed, now) for reviewed in found[:PAGE]]
    older = found[PAGE - 1].position if len(found) > PAGE else None
    return View(which.value, rows, labels.waiting(session), older)


def choices_of(message: Message, label: str | None) -> Choices | None:
    """What a message in a conversation may be labelled; None for what holds no words."""
    if message.kind not in labels.WORDS or not message.intent:
        return None
    return Choices.of(message.intent, labels.ranking_of(message.alternatives), "", label)


def label_word(label: str) -> str:
    """A label in words."""
    return words.UNUSABLE if label == UNUSABLE else words.INTENTS.get(label, label)


def share_words(share: float | None) -> str:
    """``31%``."""
    return "" if share is None else words.SURE_BY.format(percent=round(share * 100))


def _row(reviewed: Reviewed, now: datetime) -> Row:
    choices = Choices.of(reviewed.guess, reviewed.alternatives, reviewed.suggested, reviewed.label)
    by_model = reviewed.decided_by == "model"
    return Row(
        id=reviewed.id,
        conversation_id=reviewed.conversation_id,
        channel=reviewed.channel,
        at=moments.clock(reviewed.at, now),
        text=reviewed.text,
        guess=reviewed.guess,
        guessed=words.GUESSED.format(intent=words.INTENTS.get(reviewed.guess, words.NOT_UNDERSTOOD)),
        share=share_words(reviewed.confidence) if by_model else words.BY_RULES,
        model=words.MODEL_NAME.format(model=reviewed.model) if reviewed.model else "",
        suggested=words.RESIDENT_CHOSE.format(intent=words.INTENTS[reviewed.suggested]) if reviewed.suggested else "",
        signed=_signed(reviewed, choices.mark, now),
        choices=choices,
    )


def _signed(reviewed: Reviewed, mark: str, now: datetime) -> str:
    if reviewed.labelled_at is None:
        return ""
    name = reviewed.labelled_by or words.BY_COMMAND
    return words.LABEL_SIGNED.format(mark=mark, name=name, at=moments.clock(reviewed.labelled_at, now))
