"""The steps of a claim that people decide: propose, verify, approve, send back, refuse, notify.

Who proposes, verifies, approves and pays are four different people: checked here for the sake of a clear answer, and
again by the database (trigger ``claim_step``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from rewards import claims, ledger, notices, tasks, timers, words
from rewards.assess import assess
from rewards.claims import ClaimError, scheme_of
from rewards.deadlines import due_of, starts_of_day
from rewards.facts import ZERO, Assessment, Facts, Range
from rewards.judging import range_words
from rewards.models import Account, Act, Claim, ClaimEvent, ClaimState, Payment, Proposal
from rewards.schemes.bands import FEN, ApprovalStep
from rewards.schemes.model import Scheme

FACTS = TypeAdapter(Facts)
PARTS = frozenset({Act.PROPOSE, Act.VERIFY, Act.APPROVE, Act.PAY})
# Whose turn it is, where somebody says no.
TURN = {ClaimState.REQUESTED: "officer", ClaimState.PROPOSED: "verifier", ClaimState.VERIFIED: "approver"}


@dataclass(frozen=True, slots=True)
class Ground:
    """What the tip brings to its reward. ``scheme``: the version in force when it was registered; ``confirmed_at``
    None: it is not found true; ``solved_on``: the day the case was solved, for schemes that count from it; ``number``:
    the tip's own, by which its part is known where several people gave the clue.
    """

    scheme: Scheme | None
    registered_at: datetime
    confirmed_at: datetime | None
    solved_on: date | None = None
    number: str = ""

    @property
    def starts(self) -> dict[str, str]:
        """When the tip's own events were."""
        solved = starts_of_day(self.solved_on) if self.solved_on else None
        known = {"registered": self.registered_at, "verified": self.confirmed_at, "case_solved": solved}
        return {name: at.isoformat() for name, at in known.items() if at is not None}


def propose(
    session: Session,
    claim: Claim,
    ground: Ground,
    facts: Facts,
    amount: Decimal | None,
    staff: Staff,
    now: datetime,
    reason: str,
) -> Assessment:
    """An officer proposes an amount on verified facts; it is set aside from the budget.

    ``amount`` None: where the scheme leaves no choice. What only people can settle (the scheme's own silences, 酌定)
    goes into ``reason``. Raises :class:`ClaimError`.
    """
    require(staff, "officer")
    needs(session, claim, ClaimState.REQUESTED)
    own_part(session, claim, staff, Act.PROPOSE)
    scheme = ground.scheme
    if scheme is None:
        raise ClaimError(words.NO_SCHEME_THEN)
    if ground.confirmed_at is None:
        raise ClaimError(words.NOT_CONFIRMED)
    found = assess(scheme, facts)
    part = _part(found, ground.number)
    chosen = _amount(found, part, amount, reason)
    event = claims.add(
        session, claim, Act.PROPOSE, ClaimState.PROPOSED, now, staff=staff, amount=chosen, detail=reason.strip()
    )
    ledger.book(session, event, Account.RESERVED, Account.BUDGET, chosen)
    session.add(
        Proposal(
            claim_id=claim.id,
            at=now,
            scheme_id=scheme.id,
            scheme_version=scheme.version,
            scheme_json=scheme.model_dump_json(by_alias=True),
            amount=chosen,
            least=part.low,
            most=part.high,
            starts=ground.starts,
            facts=FACTS.dump_json(facts).decode(),
            lines="\n".join(found.lines),
        )
    )
    session.flush()
    set_due(session, claim, "notify", now)
    return found


def set_due(session: Session, claim: Claim, step: str, now: datetime) -> None:
    """The scheme's deadline of a step, if it sets one and its start is known.

    Where the time to claim was over before the reporter was told, it does not run, and staff are told so.
    """
    at = due_of(scheme_of(session, claim), step, claims.moments(session, claim))
    if step == "claim" and at is not None and at <= now:
        tasks.add(session, claim, tasks.OVERDUE, now)
        at = None
    timers.set_due(session, claim, step, at, now)


def _part(found: Assessment, number: str) -> Range:
    """What falls to the tip of that number where several people gave the clue."""
    return next((share.range for share in found.shares if share.key == number), found.total)


def _amount(found: Assessment, part: Range, amount: Decimal | None, reason: str) -> Decimal:
    if part.high == ZERO:
        raise ClaimError(words.NOTHING_TO_PAY)
    if found.unknown:
        raise ClaimError(words.STILL_OPEN.format(asked=" ".join(found.unknown)))
    if amount is None:
        amount = part.low
        if not part.exact:
            raise ClaimError(words.OUT_OF_RANGE.format(range=range_words(part)))
    if amount <= 0 or amount != amount.quantize(FEN):
        raise ClaimError(words.NOT_AN_AMOUNT)
    if not part.holds(amount):
        raise ClaimError(words.OUT_OF_RANGE.format(range=range_words(part)))
    if (found.decisions or not part.exact) and not reason.strip():
        raise ClaimError(words.GIVE_REASON)
    return amount.quantize(FEN)


def verify(session: Session, claim: Claim, staff: Staff, now: datetime, note: str = "") -> None:
    """A second person has looked at facts and amount. Raises :class:`ClaimError`."""
    require(staff, "verifier")
    needs(session, claim, ClaimState.PROPOSED)
    own_part(session, claim, staff, Act.VERIFY)
    claims.add(
        session, claim, Act.VERIFY, ClaimState.VERIFIED, now, staff=staff, amount=claim.amount, detail=note.strip()
    )


def approve(session: Session, claim: Claim, staff: Staff, now: datetime, note: str = "") -> bool:
    """An approver of the ladder's step says yes; returns whether that was the last one needed.

    Raises :class:`ClaimError`.
    """
    require(staff, "approver")
    needs(session, claim, ClaimState.VERIFIED)
    done = own_part(session, claim, staff, Act.APPROVE)
    given = _approvals(done)
    if staff.id in {event.staff_id for event in given}:
        raise ClaimError(words.APPROVED_ALREADY)
    scheme, amount = scheme_of(session, claim), amount_of(claim)
    step = rung(scheme, amount)
    if step.logins and staff.login not in step.logins:
        raise ClaimError(words.NOT_ON_THE_LADDER.format(approver=step.approver))
    last = len(given) + 1 >= step.approvals
    to = ClaimState.APPROVED if last else ClaimState.VERIFIED
    event = claims.add(
        session,
        claim,
        Act.APPROVE,
        to,
        now,
        staff=staff,
        amount=amount,
        reference=step.approver[:64],
        detail=note.strip(),
    )
    if last:
        ledger.book(session, event, Account.PAYABLE, Account.RESERVED, amount)
        set_due(session, claim, "notify", now)
        notices.owe(session, claim, notices.APPROVED, now)
    return last


def send_back(session: Session, claim: Claim, staff: Staff, now: datetime, reason: str) -> None:
    """The verifier or approver wants it proposed again; what was set aside goes back."""
    needs(session, claim, ClaimState.PROPOSED, ClaimState.VERIFIED)
    _say_no(session, claim, staff, now, reason, Act.SEND_BACK, ClaimState.REQUESTED)


def refuse(session: Session, claim: Claim, staff: Staff, now: datetime, reason: str) -> None:
    """No reward, for a reason. Said by whoever's turn it is."""
    needs(session, claim, *TURN)
    _say_no(session, claim, staff, now, reason, Act.REFUSE, ClaimState.REFUSED)


def _say_no(session: Session, claim: Claim, staff: Staff, now: datetime, reason: str, act: Act, to: ClaimState) -> None:
    require(staff, TURN[ClaimState(claim.state)])
    said(reason)
    set_aside = claim.state != ClaimState.REQUESTED
    amount = amount_of(claim) if set_aside else None
    event = claims.add(session, claim, act, to, now, staff=staff, amount=amount, detail=reason.strip())
    if amount is not None:
        ledger.book(session, event, Account.BUDGET, Account.RESERVED, amount)
    timers.clear(session, claim, now)


def notify(session: Session, claim: Claim, staff: Staff, now: datetime, how: str) -> None:
    """A person has told the reporter; the time to claim begins. Raises :class:`ClaimError`."""
    require(staff, "officer")
    needs(session, claim, ClaimState.APPROVED)
    said(how)
    claims.add(session, claim, Act.NOTIFY, ClaimState.NOTIFIED, now, staff=staff, detail=how.strip())
    set_due(session, claim, "claim", now)


def told(session: Session, claim: Claim, now: datetime, how: str) -> None:
    """The program's message went out, or the reporter read it by number and code; the time to claim begins."""
    needs(session, claim, ClaimState.APPROVED)
    claims.add(session, claim, Act.NOTIFY, ClaimState.NOTIFIED, now, detail=how)
    set_due(session, claim, "claim", now)


def require(staff: Staff, *roles: str) -> None:
    """Raise unless somebody has one of the roles."""
    if not staff.role_set & set(roles):
        raise ClaimError(words.NOT_YOUR_ROLE.format(role="、".join(words.ROLES[role] for role in roles)))


def needs(session: Session, claim: Claim, *states: ClaimState) -> None:
    """Raise unless a claim is in one of these states; the answer says who was here before."""
    if claim.state not in states:
        raise ClaimError(_before(session, claim))


def _before(session: Session, claim: Claim) -> str:
    done = [event for event in claims.history(session, claim.id) if event.staff_id is not None]
    if not done:
        return words.NOT_NOW
    event = done[-1]
    name = session.get_one(Staff, event.staff_id).name
    payment = session.scalar(select(Payment).where(Payment.event_id == event.id))
    if payment is not None:
        second = session.get_one(Staff, event.second_staff_id).name
        return words.PAID_BEFORE.format(name=name, second=second, receipt=payment.receipt)
    return words.DONE_BEFORE.format(name=name, act=words.ACTS[event.act])


def said(reason: str) -> None:
    """Raise unless something is written."""
    if not reason.strip():
        raise ClaimError(words.GIVE_REASON)


def own_part(session: Session, claim: Claim, staff: Staff, act: Act) -> list[ClaimEvent]:
    """Raise where somebody had another of the four parts; else everything done so far."""
    done = claims.history(session, claim.id)
    if had_another_part(done, staff, act):
        raise ClaimError(words.NOT_YOUR_PART)
    return done


def had_another_part(done: list[ClaimEvent], staff: Staff, act: Act) -> bool:
    """Whether somebody has proposed, verified, approved or paid, and ``act`` is another of these."""
    others = [event for event in done if event.act in PARTS and event.act != act]
    return any(staff.id in (event.staff_id, event.second_staff_id) for event in others)


def _approvals(done: list[ClaimEvent]) -> list[ClaimEvent]:
    last = max(event.position for event in done if event.act == Act.PROPOSE)
    return [event for event in done if event.act == Act.APPROVE and event.position > last]


def amount_of(claim: Claim) -> Decimal:
    """The proposed amount in yuan."""
    if claim.amount is None:
        raise ClaimError(words.NOT_NOW)
    return claim.amount


def rung(scheme: Scheme, amount: Decimal) -> ApprovalStep:
    """The step of the approval ladder an amount falls on."""
    return next(step for step in scheme.approval or () if step.holds(amount))
