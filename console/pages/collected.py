"""What a form has collected, with Chinese labels."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, words
from conversations.models import FormRecord
from tips import words as tip_words


@dataclass(frozen=True, slots=True)
class Collected:
    """One form: its name, its state in words, and label with value in order."""

    name: str
    state: str
    rows: tuple[tuple[str, str], ...]


def load(session: Session, conversation_id: uuid.UUID) -> list[Collected]:
    """The forms of a conversation, newest first."""
    records = session.scalars(
        select(FormRecord).where(FormRecord.conversation_id == conversation_id).order_by(FormRecord.created_at.desc())
    )
    return [
        Collected(words.FORMS.get(record.name, ""), words.FORM_STATES.get(record.state, ""), rows(record.values))
        for record in records
        if record.name in words.FORMS
    ]


def rows(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Label and value of everything that means something to a reader."""
    shown = ((label, _shown(key, values[key])) for key, label in words.FORM_LABELS.items() if key in values)
    return tuple((label, value) for label, value in shown if value)


def _shown(key: str, value: Any) -> str:
    match key:
        case "amount":
            return "、".join(_amount(item) for item in value)
        case "method":
            return words.METHODS.get(value, "")
        case "subjects":
            return "\n".join(f"{words.SUBJECTS.get(item['kind'], '')} {item['value']}" for item in value)
        case "evidence":
            return words.ITEMS.format(count=len(value))
        case "screenshot":
            return words.RECEIVED
        case "kind":
            return tip_words.KINDS.get(value, "")
        case "purpose":
            return words.PURPOSES.get(value, "")
        case "code":
            return masking.HIDDEN_CODE
        case "third_party" | "confirmed":
            return words.YES if value else ""
        case _:
            return masking.query_code(str(value))


def _amount(item: Mapping[str, Any]) -> str:
    about = words.ABOUT if item.get("approximate") else ""
    return about + words.YUAN.format(amount=item.get("yuan", ""))
