"""Drop what we are in the middle of. A stop card is not dropped by the bot."""

from __future__ import annotations

from conversations import forms
from conversations.inbound import Reply
from conversations.models import FormState
from handlers import loss_form, report_tip, urgent_loss
from handlers.turn import Turn
from handlers.words import general as words


def handle(turn: Turn) -> list[Reply]:
    """Cancel the open form, if any."""
    if turn.form is None:
        return urgent_loss.doubt(turn) or [Reply(words.NOTHING_TO_CANCEL)]
    if turn.form.name == loss_form.NAME:
        return urgent_loss.doubt(turn)
    if turn.form.name == report_tip.NAME:
        return report_tip.cancel(turn)
    forms.end(turn.session, turn.form, FormState.CANCELLED, turn.now)
    return [Reply(words.CANCELLED)]
