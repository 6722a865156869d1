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
    kind = suspicious.resembles(turn.text, turn.understanding.fraud_type)
    if kind is None and not subjects and len(turn.text) < 12:
        return [Reply(words.ASK_SUSPICIOUS)]
    # An app's name alone points at nobody, so only the others are looked up.
    counts = [(entity, _reports(turn, entity)) for entity in subjects if entity.type != "app"][:AT_MOST]
    lines = [_line(entity, count) for entity, count in counts]
    lines.append(suspicious.advice(kind, reported=any(count for _, count in counts)))
    return [Reply("\n".join(lines))]


def _reports(turn: Turn, entity: Entity) -> int:
    return registry.reports_of(turn.session, Subject(entity.type, entity.value or entity.text))


def _line(entity: Entity, count: int) -> str:
    what = words.SUBJECTS[entity.type]
    return words.REPORTED_BEFORE.format(count=count, what=what) if count else words.NOT_REPORTED.format(what=what)
