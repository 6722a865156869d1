"""Knowledge: answered from data with its source, or not at all."""

from __future__ import annotations

from conversations.inbound import Reply
from handlers.turn import Turn
from handlers.words import general as words


def handle(turn: Turn) -> list[Reply]:
    """The answer that fits; a person is offered when none does."""
    match = turn.services.knowledge.answer(turn.text)
    if match is not None:
        return [Reply(match.entry.reply(sms=turn.by_sms))]
    kind = turn.services.knowledge.fraud_type(turn.understanding.fraud_type)
    if kind is not None and kind.code != "other":
        return [Reply(f"{kind.recognise.strip()}\n{kind.do.strip()}\n{words.NO_ANSWER}")]
    return [Reply(words.NO_ANSWER)]
