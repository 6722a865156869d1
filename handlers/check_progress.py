"""What became of a tip or a stop card. On WeChat only: a sender number proves nothing."""

from __future__ import annotations

from conversations.inbound import Reply
from handlers import code_form
from handlers.turn import Turn
from handlers.words import general as words
from stops import cards


def handle(turn: Turn) -> list[Reply]:
    """The state of this conversation's own card, or of a tip by number and code."""
    if code_form.ADDS.search(turn.text):
        return code_form.start(turn, "add")
    if turn.by_sms:
        return [Reply(words.NO_STATUS_BY_SMS)]
    if code_form.mentions(turn.text):
        return code_form.start(turn, "progress")
    card = cards.latest_of(turn.session, turn.contact)
    if card is None:
        return code_form.start(turn, "progress")
    status = words.CARD_STATUS.format(number=card.number, state=words.CARD_STATES[card.state])
    return [Reply(f"{status}\n{words.ASK_CODE_TOO}")]
