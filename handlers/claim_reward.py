"""The reward scheme: its rules in plain words, and claims by number and code. No amounts by SMS."""

from __future__ import annotations

from conversations.inbound import Reply
from handlers import code_form
from handlers.turn import Turn
from handlers.words import general as words
from rewards.telling import plain_words, sms_words
from storage.clock import china_date


def handle(turn: Turn) -> list[Reply]:
    """Rules of the scheme in force, or the claim if number and code came along."""
    if code_form.mentions(turn.text):
        return code_form.start(turn, "claim")
    scheme = turn.services.schemes.in_force(china_date(turn.now))
    if turn.by_sms:
        return [Reply((words.NO_SCHEME if scheme is None else sms_words(scheme)) + words.HOW_TO_CLAIM_SMS)]
    rules = words.NO_SCHEME if scheme is None else plain_words(scheme, amounts=True)
    return [Reply(f"{rules}\n{words.HOW_TO_CLAIM}")]
