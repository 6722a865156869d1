"""Claiming the reward of a tip whose number and code were right. No amount by SMS."""

from __future__ import annotations

import uuid

from conversations.inbound import Reply
from handlers.turn import Turn
from handlers.words import general as words
from rewards import claims, notice_words, paying, steps
from rewards.deadlines import ends_on
from rewards.models import Claim, ClaimState
from rewards.telling import yuan_words

ENDS = {
    ClaimState.CLAIMED: words.COLLECTED,
    ClaimState.PAID: words.ALREADY_PAID,
    ClaimState.LAPSED: words.LAPSED,
    ClaimState.REFUSED: words.CLAIM_REFUSED,
    ClaimState.REVOKED: words.CLAIM_REVOKED,
}


def claim(turn: Turn, tip_id: uuid.UUID) -> Reply:
    """The answer to a claim with the right code, whatever has become of the reward."""
    requested = claims.request(turn.session, turn.conversation, tip_id, turn.now)
    found = claims.lock(turn.session, requested.claim.id)
    _reads(turn, found)
    if found.state == ClaimState.NOTIFIED:
        return _collect(turn, found)
    if requested.new:
        return Reply(words.CLAIMED.format(number=found.number))
    state = ClaimState(found.state)
    if state is ClaimState.ARCHIVED:
        state = claims.before_the_archive(turn.session, found)
    return Reply(ENDS.get(state) or words.CLAIMED_BEFORE.format(number=found.number, state=words.CLAIM_STATES[state]))


def _collect(turn: Turn, found: Claim) -> Reply:
    if found.due_at is not None and turn.now >= found.due_at:
        return Reply(words.LAPSED)
    code = paying.collect(turn.session, found, turn.now)
    text = words.COLLECT.format(number=found.number, code=code)
    if found.due_at is not None:
        day = ends_on(found.due_at)
        text += words.COLLECT_UNTIL.format(month=day.month, day=day.day)
    if not turn.by_sms and found.amount is not None:
        text += words.COLLECT_AMOUNT.format(amount=yuan_words(found.amount))
    return Reply(text, secret=True)


def _reads(turn: Turn, found: Claim) -> None:
    """Whoever asks with the code learns that it is approved; no message has to tell them any more."""
    if found.state == ClaimState.APPROVED:
        steps.told(turn.session, found, turn.now, notice_words.READ_BY_CODE)


def status(turn: Turn, tip_id: uuid.UUID) -> str:
    """Where the claim to a tip's reward is; empty where there is none."""
    there = claims.of_tip(turn.session, tip_id)
    if there is None:
        return ""
    found = claims.lock(turn.session, there.id)
    _reads(turn, found)
    said = words.CLAIM_STATUS.format(number=found.number, state=words.CLAIM_STATES[found.state])
    if found.state != ClaimState.NOTIFIED:
        return said
    until = ""
    if found.due_at is not None:
        last = ends_on(found.due_at)
        until = words.CLAIM_UNTIL.format(month=last.month, day=last.day)
    return said + words.CLAIM_NOW.format(until=until)
