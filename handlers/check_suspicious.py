"""One concrete thing: is it a fraud? What others reported, which fraud it resembles, and the one thing to do.

Never "it is safe": what nobody reported may still be a fraud.
"""

from __future__ import annotations

from conversations.inbound import Reply
from handlers.turn import Turn
from handlers.words import general as words
from knowledge import suspicious
from linkage import clusters
from linkage.models import Finding, Source, Told
from linkage.subjects import APP, Subject, subjects_of

AT_MOST = 3


def handle(turn: Turn) -> list[Reply]:
    """Look up everything concrete in the message and name the fraud it resembles."""
    named = subjects_of(turn.text, turn.understanding.entities)
    kind = suspicious.resembles(turn.text, turn.understanding.fraud_type)
    if kind is None and not named and len(turn.text) < 12:
        return [Reply(words.ASK_SUSPICIOUS)]
    # An app's name alone points at nobody, so only the others are looked up.
    asked = [subject for subject in named if subject.kind != APP][:AT_MOST]
    answers = [_look_up(turn, subject) for subject in asked]
    told = [what for what, _ in answers]
    clusters.note(turn.session, Source.CHECK, turn.message.id, turn.contact.id, asked, turn.now, told=told)
    bad = any(what in (Told.FRAUD, Told.REPORTED) for what in told)
    lines = [line for _, line in answers]
    lines.append(suspicious.advice(kind, reported=bad))
    return [Reply("\n".join(lines))]


def _look_up(turn: Turn, subject: Subject) -> tuple[Told, str]:
    known = clusters.known(turn.session, subject)
    what = words.SUBJECTS[subject.kind]
    if known.finding == Finding.FRAUD:
        return Told.FRAUD, words.FOUND_FRAUD.format(what=what)
    if known.finding == Finding.CLEARED:
        return Told.CLEARED, words.FOUND_CLEARED.format(what=what)
    if known.people:
        return Told.REPORTED, words.REPORTED_BEFORE.format(count=known.people, what=what)
    return Told.UNKNOWN, words.NOT_REPORTED.format(what=what)
