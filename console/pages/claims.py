"""Claims: the list, and one with its explanation, its history and what may be done by whom."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import claim_words, masking, moments, words
from console.claim_words import WORKERS
from console.pages import masked
from console.pages.history import Entry, people
from conversations.models import Staff
from rewards import claims, tasks
from rewards import words as reward_words
from rewards.claims import scheme_of
from rewards.deadlines import ends_on
from rewards.models import Act, Claim, ClaimEvent, ClaimState, ClaimTask, Payment
from rewards.paying import EXTENDABLE
from rewards.schemes import words as scheme_words
from rewards.steps import PARTS, had_another_part, rung
from rewards.telling import yuan_words
from tips.models import Tip


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim in the list."""

    id: uuid.UUID
    number: str
    state: str
    state_word: str
    requested: str
    amount: str
    due: str
    tip_id: uuid.UUID
    tip: str
    tip_state: str


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done by hand; ``ends_by_word``: this person may say that it is done."""

    id: uuid.UUID
    claim_id: uuid.UUID
    number: str
    what: str
    since: str
    ends_by_word: bool


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment with its payee masked; ``erased``: when the payee was erased. ``may_look``: the whole of it."""

    method: str
    receipt: str
    payee: list[tuple[str, str]]
    erased: str
    may_look: bool


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim, as somebody with these roles may see and work it."""

    row: ClaimRow
    conversation_id: uuid.UUID | None
    note: str
    approver: str
    lines: list[str]
    history: list[Entry]
    steps: list[tuple[str, str, bool]]
    may_propose: bool
    may_extend: bool
    may_pay: bool
    tasks: list[Work]
    payment: Paid | None
    methods: list[tuple[str, str]]
    seconds: list[tuple[uuid.UUID, str]]


def load_list(session: Session, now: datetime) -> list[ClaimRow]:
    """The claims, newest first."""
    found = claims.list_claims(session)
    tips = {tip.id: tip for tip in session.scalars(select(Tip).where(Tip.id.in_([claim.tip_id for claim in found])))}
    return [claim_row(claim, tips[claim.tip_id], now) for claim in found]


def claim_row(claim: Claim, tip: Tip, now: datetime) -> ClaimRow:
    """One claim in few words."""
    due = ""
    if claim.due_at is not None:
        due = claim_words.DUE.format(step=claim_words.DUE_STEPS[claim.due_step], day=ends_on(claim.due_at))
    return ClaimRow(
        id=claim.id,
        number=claim.number,
        state=claim.state,
        state_word=words.CLAIM_STATES[claim.state],
        requested=moments.clock(claim.requested_at, now),
        amount=yuan_words(claim.amount) if claim.amount is not None else "",
        due=due,
        tip_id=tip.id,
        tip=tip.number,
        tip_state=words.TIP_STATES[tip.state],
    )


def load(session: Session, claim_id: uuid.UUID, me: Staff, now: datetime) -> ClaimView | None:
    """One claim; None where there is none."""
    claim = session.get(Claim, claim_id)
    if claim is None:
        return None
    state, roles = ClaimState(claim.state), me.role_set
    # Who only audits reads what others typed without names and numbers.
    hide = str if roles & WORKERS else masked.hider(masked.names_of(session, claim.conversation_id, claim.tip_id))
    proposal = claims.latest_proposal(session, claim.id)
    done = claims.history(session, claim.id)
    barred = {act for act in PARTS if had_another_part(done, me, act)}
    pays = state is ClaimState.CLAIMED and "finance" in roles and Act.PAY not in barred
    buttons = [button for button in claim_words.BUTTONS[state] if button[1] & roles and button[0] not in barred]
    return ClaimView(
        row=claim_row(claim, session.get_one(Tip, claim.tip_id), now),
        conversation_id=claim.conversation_id if "officer" in roles else None,
        note=claim.note if "officer" in roles else "",
        approver=_approver(session, claim) if proposal else "",
        lines=[hide(line) for line in proposal.lines.split("\n")] if proposal else [],
        history=_history(session, done, hide),
        steps=[(act.value, claim_words.ACTS[act], note) for act, _, note in buttons],
        may_propose=state is ClaimState.REQUESTED and "officer" in roles and Act.PROPOSE not in barred,
        may_extend=_may_extend(claim, now) and "approver" in roles,
        may_pay=pays,
        tasks=_tasks(session, claim, me, now),
        payment=_paid(session, claim, me),
        methods=_methods(session, claim) if pays else [],
        seconds=_seconds(session, me) if pays else [],
    )


def _may_extend(claim: Claim, now: datetime) -> bool:
    return claim.state in EXTENDABLE and claim.due_at is not None and now < claim.due_at


def load_tasks(session: Session, me: Staff, now: datetime) -> list[Work]:
    """What somebody has to do by hand, of all claims."""
    found = tasks.open_for(session, me)
    wanted = {task.claim_id for task in found}
    numbers = {claim.id: claim.number for claim in session.scalars(select(Claim).where(Claim.id.in_(wanted)))}
    return [_work(task, numbers[task.claim_id], me, now) for task in found]


def _tasks(session: Session, claim: Claim, me: Staff, now: datetime) -> list[Work]:
    return [_work(task, claim.number, me, now) for task in tasks.open_of(session, [claim.id])]


def _work(task: ClaimTask, number: str, me: Staff, now: datetime) -> Work:
    said, since = reward_words.TASKS[task.kind], moments.clock(task.created_at, now)
    return Work(task.id, task.claim_id, number, said, since, tasks.ends_by_word(task, me))


def load_payee(session: Session, claim_id: uuid.UUID) -> list[tuple[str, str]] | None:
    """Who received the money, in full; None where nothing is kept."""
    payment = session.scalar(select(Payment).where(Payment.claim_id == claim_id))
    if payment is None or not payment.payee:
        return None
    return [(claim_words.PAYEE[field], value) for field, value in payment.payee.items()]


def _paid(session: Session, claim: Claim, me: Staff) -> Paid | None:
    payment = session.scalar(select(Payment).where(Payment.claim_id == claim.id))
    if payment is None:
        return None
    payee = payment.payee or {}
    hide = {"name": masking.name, "account": masking.account}
    return Paid(
        method=scheme_words.METHODS[payment.method],
        receipt=payment.receipt,
        payee=[(claim_words.PAYEE[field], hide[field](value)) for field, value in payee.items()],
        erased=moments.full(payment.erased_at) if payment.erased_at else "",
        may_look=bool(payee) and bool(claim_words.PAYEE_READERS & me.role_set),
    )


def _history(session: Session, events: list[ClaimEvent], hide: Callable[[str], str]) -> list[Entry]:
    names = people(session, [staff for event in events for staff in (event.staff_id, event.second_staff_id)])
    entries = []
    for event in events:
        second = names.get(event.second_staff_id, "") if event.second_staff_id else ""
        amount = f"{yuan_words(event.amount)}元" if event.amount is not None else ""
        note = " ".join(part for part in (amount, second, event.reference, hide(event.detail)) if part)
        entries.append(Entry.of(event.at, event.staff_id, names, claim_words.ACTS[Act(event.act)], note))
    return entries


def _approver(session: Session, claim: Claim) -> str:
    return rung(scheme_of(session, claim), claim.amount).approver if claim.amount is not None else ""


def _methods(session: Session, claim: Claim) -> list[tuple[str, str]]:
    payment = scheme_of(session, claim).payment
    return [(method, scheme_words.METHODS[method]) for method in payment.methods] if payment else []


def _seconds(session: Session, me: Staff) -> list[tuple[uuid.UUID, str]]:
    """Who may pay beside the one who writes it down."""
    active = session.scalars(select(Staff).where(Staff.active, Staff.id != me.id).order_by(Staff.name))
    return [(staff.id, staff.name) for staff in active if staff.role_set & {"finance", "officer"}]
