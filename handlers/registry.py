"""Which module answers which intent, and which form its own next message."""

from __future__ import annotations

from collections.abc import Callable

from conversations.inbound import Reply
from handlers import (
    cancel,
    check_progress,
    check_suspicious,
    claim_reward,
    code_form,
    consult,
    handover,
    loss_form,
    report_tip,
    seek_help,
    small_talk,
    tip_more,
    unsubscribe,
    urgent_loss,
)
from handlers.turn import Turn
from nlu.types import Intent

Handler = Callable[[Turn], list[Reply]]

BY_INTENT: dict[Intent, Handler] = {
    Intent.URGENT_LOSS: urgent_loss.handle,
    Intent.SEEK_HELP: seek_help.handle,
    Intent.CLAIM_REWARD: claim_reward.handle,
    Intent.CHECK_PROGRESS: check_progress.handle,
    Intent.REPORT_TIP: report_tip.handle,
    Intent.CHECK_SUSPICIOUS: check_suspicious.handle,
    Intent.CONSULT: consult.handle,
    Intent.HANDOVER: handover.handle,
    Intent.UNSUBSCRIBE: unsubscribe.handle,
    Intent.CANCEL: cancel.handle,
    Intent.AFFIRM: small_talk.affirm,
    Intent.DENY: small_talk.deny,
    Intent.GREET: small_talk.greet,
    Intent.THANK_BYE: small_talk.thank_bye,
    Intent.OUT_OF_SCOPE: small_talk.out_of_scope,
}
# What a message means while a form is open; None from one of these: it speaks of something else.
BY_FORM: dict[str, Callable[[Turn], list[Reply] | None]] = {
    loss_form.NAME: urgent_loss.answer,
    report_tip.NAME: report_tip.answer,
    code_form.NAME: code_form.answer,
    tip_more.NAME: tip_more.answer,
}
