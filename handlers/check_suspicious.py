"""One concrete thing: is it a fraud? What others reported, which fraud it resembles, and the one thing to do.

Never "it is safe": what nobody reported may still be a fraud.
"""

from __future__ import annotations

from conversations.inbound import Reply
from handlers.turn import Turn
from handlers.words import general as words
from knowledge import suspicious
from nlu.types import Entity
from tips import registry
from tips.registry import Subject

KINDS = ("phone", "url", "bank_card", "app")
AT_MOST = 3


def handle(turn: Turn) -> list[Reply]:
    """Look up everything concrete in the message and name the fraud it resembles."""
    subjects = [entity for entity in turn.understanding.entities if entity.type in KINDS]
    kind = suspicious.resembles(turn.services.knowledge, turn.text, turn.understanding.fraud_type)
    lines = [line for line in (_reports(turn, entity) for entity in subjects[:AT_MOST]) if line]
    if kind is None and not subjects and len(turn.text) < 12:
        return [Reply(words.ASK_SUSPICIOUS)]
    lines.append(suspicious.advice(kind))
    lines.append(words.IF_PAID)
    return [Reply("\n".join(lines))]


def _reports(turn: Turn, entity: Entity) -> str:
    if entity.type == "app":
        return ""  # an app's name alone points at nobody
    subject = Subject(entity.type, entity.value or entity.text)
    count = registry.reports_of(turn.session, subject)
    what = words.SUBJECTS[entity.type]
    return words.REPORTED_BEFORE.format(count=count, what=what) if count else words.NOT_REPORTED.format(what=what)
