"""Claims: the reward of a tip, its acts so far, and adding one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Conversation, Staff
from rewards import words
from rewards.models import Act, Claim, ClaimEvent, ClaimState, Proposal, claim_numbers
from storage import live


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


def open_for(session: Session, tip_id: uuid.UUID, staff: Staff, now: datetime) -> Claim:
    """The claim of a tip; where nobody has asked for it, a member of staff opens it."""
    claim = of_tip(session, tip_id)
    if claim is None:
        claim = _new(session, tip_id, now)
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
    """Write down an act; the database refuses what the order of steps or the division of hands does not allow."""
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
    session.flush()
    claim.state = to.value
    if act is Act.PROPOSE:
        claim.amount = amount
    session.flush()
    live.touch(session, "claim", claim.id)
    return event


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


def list_claims(session: Session, limit: int = 200) -> list[Claim]:
    """The newest claims first."""
    return list(session.scalars(select(Claim).order_by(Claim.requested_at.desc()).limit(limit)))
