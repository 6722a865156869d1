"""Claims: the reward of a tip, its acts so far, and adding one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.models import Conversation, Staff
from rewards import notices, tasks, words
from rewards.models import Act, Claim, ClaimEvent, ClaimState, Proposal, claim_numbers
from rewards.schemes.model import Scheme
from storage import live

# What the database refuses whoever writes the SQL, and how it is said.
REFUSALS = {
    "tip is not confirmed": words.NOT_CONFIRMED,
    "time for claim is over": words.CLAIM_TIME_OVER,
    "time for extend is over": words.TIME_OVER,
}


class ClaimError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


@dataclass(frozen=True, slots=True)
class Requested:
    """A claim, and whether it is new or was there already."""

    claim: Claim
    new: bool


def request(session: Session, conversation: Conversation, tip_id: uuid.UUID, now: datetime) -> Requested:
    """A resident asks for the reward of a tip; a second request finds the first."""
    existing = of_tip(session, tip_id)
    if existing is not None:
        return Requested(existing, new=False)
    claim = _new(session, tip_id, now)
    claim.contact_id = conversation.contact_id
    claim.conversation_id = conversation.id
    add(session, claim, Act.REQUEST, ClaimState.REQUESTED, now)
    return Requested(claim, new=True)


def open_for(
    session: Session, tip_id: uuid.UUID, staff: Staff, now: datetime, conversation: Conversation | None = None
) -> Claim:
    """The claim of a tip; where nobody has asked for it, a member of staff opens it.

    ``conversation``: the one the tip was given in, so that its reporter can be told.
    """
    claim = of_tip(session, tip_id)
    if claim is None:
        claim = _new(session, tip_id, now)
        if conversation is not None:
            claim.contact_id, claim.conversation_id = conversation.contact_id, conversation.id
        add(session, claim, Act.REQUEST, ClaimState.REQUESTED, now, staff=staff)
    return claim


def _new(session: Session, tip_id: uuid.UUID, now: datetime) -> Claim:
    number = f"JL{session.scalar(claim_numbers)}"
    claim = Claim(number=number, tip_id=tip_id, state=ClaimState.REQUESTED.value, requested_at=now)
    session.add(claim)
    session.flush()
    live.touch(session, "claim", claim.id, "new")
    return claim


def of_tip(session: Session, tip_id: uuid.UUID) -> Claim | None:
    """The claim to the reward of a tip."""
    return session.scalar(select(Claim).where(Claim.tip_id == tip_id))


def lock(session: Session, claim_id: uuid.UUID) -> Claim:
    """A claim nobody else changes meanwhile. Raises :class:`ClaimError`."""
    claim = session.scalar(
        select(Claim).where(Claim.id == claim_id).with_for_update().execution_options(populate_existing=True)
    )
    if claim is None:
        raise ClaimError(words.NO_CLAIM)
    return claim


def add(
    session: Session,
    claim: Claim,
    act: Act,
    to: ClaimState,
    now: datetime,
    *,
    staff: Staff | None = None,
    second: Staff | None = None,
    amount: Decimal | None = None,
    reference: str = "",
    detail: str = "",
) -> ClaimEvent:
    """Write down an act; the database refuses what the order of steps, the division of hands, the tip or the time
    does not allow. What was still to be said or done before it is settled.
    """
    event = ClaimEvent(
        claim_id=claim.id,
        at=now,
        act=act.value,
        actor="staff" if staff else "bot",
        staff_id=staff.id if staff else None,
        second_staff_id=second.id if second else None,
        state=to.value,
        amount=amount,
        reference=reference,
        detail=detail,
    )
    session.add(event)
    _flush(session)
    if claim.state != to.value:
        notices.withdraw(session, claim, now, _outcome(act, staff))
    tasks.settle(session, claim, act, staff, now)
    claim.state = to.value
    if act is Act.PROPOSE:
        claim.amount = amount
    session.flush()
    live.touch(session, "claim", claim.id)
    return event


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        said = next((said for what, said in REFUSALS.items() if what in str(error.orig)), None)
        if said is None:
            raise
        raise ClaimError(said) from error


def _outcome(act: Act, staff: Staff | None) -> str:
    if act is not Act.NOTIFY:
        return notices.OVERTAKEN
    return notices.READ if staff is None else notices.BY_HAND


def history(session: Session, claim_id: uuid.UUID) -> list[ClaimEvent]:
    """Everything that happened to a claim, oldest first."""
    query = select(ClaimEvent).where(ClaimEvent.claim_id == claim_id).order_by(ClaimEvent.position)
    return list(session.scalars(query))


def before_the_archive(session: Session, claim: Claim) -> ClaimState:
    """The state an archived claim was archived in; an older record without one counts as refused."""
    states = [ClaimState(event.state) for event in history(session, claim.id)]
    return next((state for state in reversed(states) if state is not ClaimState.ARCHIVED), ClaimState.REFUSED)


def latest_proposal(session: Session, claim_id: uuid.UUID) -> Proposal | None:
    """What the amount was last proposed on."""
    query = select(Proposal).where(Proposal.claim_id == claim_id).order_by(Proposal.at.desc(), Proposal.id.desc())
    return session.scalar(query.limit(1))


def scheme_of(session: Session, claim: Claim) -> Scheme:
    """The scheme as it was when the amount was proposed. Raises :class:`ClaimError`."""
    proposal = latest_proposal(session, claim.id)
    if proposal is None:
        raise ClaimError(words.NOT_NOW)
    return Scheme.model_validate_json(proposal.scheme_json)


def moments(session: Session, claim: Claim) -> dict[str, datetime]:
    """When each event was that a deadline may count from; what has not happened is absent."""
    proposal = latest_proposal(session, claim.id)
    found = {name: datetime.fromisoformat(at) for name, at in (proposal.starts if proposal else {}).items()}
    for event in history(session, claim.id):
        if name := {"approved": "approved", "notified": "notified", "claimed": "claimed"}.get(event.state):
            found.setdefault(name, event.at)
    return found


def list_claims(session: Session, limit: int = 200) -> list[Claim]:
    """The newest claims first."""
    return list(session.scalars(select(Claim).order_by(Claim.requested_at.desc()).limit(limit)))
