"""Claims: a resident asks for the reward of a tip that is theirs; people decide."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Conversation, Staff
from rewards.models import Claim, ClaimEvent, ClaimState, claim_numbers
from storage import live

NEXT: dict[ClaimState, tuple[ClaimState, ...]] = {
    ClaimState.REQUESTED: (ClaimState.CHECKING, ClaimState.REFUSED),
    ClaimState.CHECKING: (ClaimState.ACCEPTED, ClaimState.REFUSED),
    ClaimState.ACCEPTED: (ClaimState.CLOSED,),
    ClaimState.REFUSED: (ClaimState.CLOSED,),
    ClaimState.CLOSED: (),
}


class ClaimError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


@dataclass(frozen=True, slots=True)
class Requested:
    """A claim, and whether it is new or was there already."""

    claim: Claim
    new: bool


def request(session: Session, conversation: Conversation, tip_id: uuid.UUID, now: datetime) -> Requested:
    """Claim the reward of a tip; a second request finds the first."""
    existing = session.scalar(select(Claim).where(Claim.tip_id == tip_id))
    if existing is not None:
        return Requested(existing, new=False)
    claim = Claim(
        number=f"JL{session.scalar(claim_numbers)}",
        tip_id=tip_id,
        contact_id=conversation.contact_id,
        conversation_id=conversation.id,
        state=ClaimState.REQUESTED.value,
        requested_at=now,
    )
    session.add(claim)
    session.flush()
    _note(session, claim, now)
    live.touch(session, "claim", claim.id, "new")
    return Requested(claim, new=True)


def set_state(session: Session, claim_id: uuid.UUID, to: ClaimState, staff: Staff, now: datetime, reason: str) -> Claim:
    """A named person moves a claim on, with a reason. Raises :class:`ClaimError`."""
    claim = session.scalar(
        select(Claim).where(Claim.id == claim_id).with_for_update().execution_options(populate_existing=True)
    )
    if claim is None:
        raise ClaimError("没有这条领奖申请。")
    if to not in NEXT[ClaimState(claim.state)]:
        raise ClaimError("当前状态下不能这样操作，请刷新页面再看。")
    if not reason.strip():
        raise ClaimError("请填写原因。")
    claim.state = to.value
    _note(session, claim, now, staff_id=staff.id, detail=reason.strip())
    live.touch(session, "claim", claim.id)
    return claim


def _note(session: Session, claim: Claim, now: datetime, staff_id: uuid.UUID | None = None, detail: str = "") -> None:
    session.add(
        ClaimEvent(
            claim_id=claim.id,
            at=now,
            actor="staff" if staff_id else "bot",
            staff_id=staff_id,
            state=claim.state,
            detail=detail,
        )
    )


def history(session: Session, claim_id: uuid.UUID) -> list[ClaimEvent]:
    """Everything that happened to a claim, oldest first."""
    return list(session.scalars(select(ClaimEvent).where(ClaimEvent.claim_id == claim_id).order_by(ClaimEvent.at)))


def list_claims(session: Session, limit: int = 200) -> list[Claim]:
    """The newest claims first."""
    return list(session.scalars(select(Claim).order_by(Claim.requested_at.desc()).limit(limit)))
