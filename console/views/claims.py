"""Claims to rewards: proposed, verified, approved, paid, each by somebody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import claim_words
from console.audit import viewed
from console.claim_words import PAYEE_READERS, READERS, WORKERS
from console.pages import claims as pages
from console.pages import proposal
from console.pages.proposal import Form
from console.policy import may
from console.services import services
from console.session import me
from console.web import done, found, now, page, transaction
from conversations.models import Conversation, Staff
from conversations.staffing import record
from rewards import claims, paying, steps, tasks
from rewards import words as reward_words
from rewards.assess import assess
from rewards.claims import ClaimError
from rewards.deadlines import ends
from rewards.facts import Facts
from rewards.ledger import LedgerError
from rewards.models import Act, Claim
from rewards.paying import Receipt
from rewards.schemes.model import Scheme
from rewards.steps import Ground
from rewards.telling import yuan_words
from storage.clock import china_date
from tips import linking, registry
from tips.models import Tip

blueprint = Blueprint("claims", __name__)
SIMPLE: dict[Act, Callable[[Session, Claim, Staff, datetime, str], object]] = {
    Act.VERIFY: steps.verify,
    Act.APPROVE: steps.approve,
    Act.SEND_BACK: steps.send_back,
    Act.REFUSE: steps.refuse,
    Act.NOTIFY: steps.notify,
    Act.REVOKE: paying.revoke,
    Act.RECOVER: paying.recover,
    Act.ARCHIVE: paying.archive,
}


@blueprint.get("/fragments/claims")
@blueprint.get("/claims")
@may(*READERS)
def show_list() -> ResponseReturnValue:
    """The newest claims."""
    with transaction() as session:
        rows = pages.load_list(session, now())
        work = pages.load_tasks(session, me(), now())
    return page("claims", "claim", rows=rows, work=work, scheme=services().schemes.status(china_date(now())))


@blueprint.get("/fragments/claims/<uuid:record_id>")
@blueprint.get("/claims/<uuid:record_id>")
@may(*READERS)
def show(record_id: uuid.UUID) -> ResponseReturnValue:
    """One claim, with the explanation of its amount."""
    with transaction() as session:
        shown = found(pages.load(session, record_id, me(), now()))
        if me().role_set & WORKERS:
            viewed(session, me(), "claim", record_id, now())
    return page("claim", f"claim:{record_id}", claim=shown)


@blueprint.post("/tips/<uuid:tip_id>/claim")
@may("officer")
def open_for(tip_id: uuid.UUID) -> ResponseReturnValue:
    """An officer opens the claim of a tip nobody has asked a reward for."""
    with transaction() as session:
        tip = found(session.get(Tip, tip_id))
        conversation = session.get(Conversation, tip.conversation_id) if tip.conversation_id else None
        claim = claims.open_for(session, tip_id, me(), now(), conversation)
    return done(url_for("claims.propose", record_id=claim.id))


@blueprint.get("/claims/<uuid:record_id>/propose")
@may("officer")
def propose(record_id: uuid.UUID) -> ResponseReturnValue:
    """The form of everything the scheme asks."""
    with transaction() as session:
        scheme, tip = _scheme(session, record_id)
        form = proposal.form_of(scheme, linking.same_clue(session, tip))
    return _form(record_id, form, {}, [])


@blueprint.post("/claims/<uuid:record_id>/propose")
@may("officer")
def submit(record_id: uuid.UUID) -> ResponseReturnValue:
    """Work the reward out and show it; with ``do=propose`` propose it. What was typed stays on the page."""
    answers = {name: value[:2000] for name, value in request.form.items()}
    with transaction() as session:
        scheme, tip = _scheme(session, record_id)
        tips = linking.same_clue(session, tip)
    form = proposal.form_of(scheme, tips)
    lines: list[str] = []
    try:
        facts = proposal.read(scheme, tips, answers)
        lines = list(assess(scheme, facts).lines)
        if answers.get("do") != "propose":
            return _form(record_id, form, answers, lines)
        amount = _propose(record_id, scheme, facts, answers)
    except (ClaimError, LedgerError) as error:
        return _form(record_id, form, answers, lines, str(error)), 409
    return done(url_for("claims.show", record_id=record_id), claim_words.PROPOSED.format(amount=yuan_words(amount)))


def _propose(record_id: uuid.UUID, scheme: Scheme, facts: Facts, answers: dict[str, str]) -> Decimal:
    chosen, reason = proposal.amount(answers), answers.get("note", "")
    with transaction() as session:
        claim = claims.lock(session, record_id)
        ground = _ground(session, claim, scheme, answers)
        steps.propose(session, claim, ground, facts, chosen, me(), now(), reason)
        _noted(session, record_id, Act.PROPOSE)
        return steps.amount_of(claim)


def _ground(session: Session, claim: Claim, scheme: Scheme, answers: dict[str, str]) -> Ground:
    """What the tip brings: when it was registered, whether it is found true."""
    tip = session.get_one(Tip, claim.tip_id)
    confirmed_at, solved_on = registry.confirmed_at(session, tip), proposal.solved_on(scheme, answers)
    return Ground(scheme, tip.registered_at, confirmed_at, solved_on, tip.number)


def _scheme(session: Session, claim_id: uuid.UUID) -> tuple[Scheme, Tip]:
    """The version in force when the tip was registered, and the tip."""
    claim = claims.lock(session, claim_id)
    tip = session.get_one(Tip, claim.tip_id)
    scheme = services().schemes.in_force(china_date(tip.registered_at))
    if scheme is None:
        raise ClaimError(reward_words.NO_SCHEME_THEN)
    return scheme, tip


def _form(record_id: uuid.UUID, form: Form, answers: dict[str, str], lines: list[str], problem: str = "") -> str:
    return render_template(
        "claim_propose.html",
        claim_id=record_id,
        form=form,
        answers=answers,
        lines=lines,
        problem=problem,
    )


@blueprint.post("/claims/<uuid:record_id>/step")
@may("officer", "verifier", "approver", "finance")
def step(record_id: uuid.UUID) -> ResponseReturnValue:
    """One step that needs nothing but a name and, mostly, a reason."""
    wanted = request.form.get("state", "")
    act = Act(wanted) if wanted in SIMPLE else abort(400)
    with transaction() as session:
        SIMPLE[act](session, claims.lock(session, record_id), me(), now(), request.form.get("note", "")[:2000])
        _noted(session, record_id, act)
    return done(url_for("claims.show", record_id=record_id), claim_words.DONE.format(act=claim_words.ACTS[act]))


@blueprint.post("/claims/<uuid:record_id>/extend")
@may("approver")
def extend(record_id: uuid.UUID) -> ResponseReturnValue:
    """More time, to the end of a day."""
    try:
        until = ends(date.fromisoformat(request.form.get("until", "")))
    except ValueError as error:
        raise ClaimError(claim_words.NOT_A_DAY) from error
    with transaction() as session:
        claim = claims.lock(session, record_id)
        paying.extend(session, claim, until, me(), now(), request.form.get("note", "")[:2000])
        _noted(session, record_id, Act.EXTEND)
    return done(url_for("claims.show", record_id=record_id), claim_words.EXTENDED)


@blueprint.post("/claims/<uuid:record_id>/pay")
@may("finance")
def pay(record_id: uuid.UUID) -> ResponseReturnValue:
    """Two officers have paid, and one of them writes it down."""
    form = {name: value.strip()[:200] for name, value in request.form.items()}
    payee = {name: form[name] for name in ("name", "account") if form.get(name)}
    receipt = Receipt(form.get("method", ""), form.get("receipt", ""), form.get("collection", ""), payee)
    with transaction() as session:
        second = found(session.get(Staff, _uuid(form.get("second", ""))))
        paying.pay(session, claims.lock(session, record_id), receipt, me(), second, now())
        _noted(session, record_id, Act.PAY)
    return done(url_for("claims.show", record_id=record_id), claim_words.PAID)


@blueprint.post("/claims/<uuid:record_id>/tasks/<uuid:task_id>")
@may("officer", "finance")
def task_done(record_id: uuid.UUID, task_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody has done what was to be done by hand."""
    outcome = request.form.get("outcome", "").strip()[:400]
    if not outcome:
        raise ClaimError(reward_words.SAY_OUTCOME)
    with transaction() as session:
        if not tasks.done(session, claims.lock(session, record_id), task_id, me(), outcome, now()):
            raise ClaimError(reward_words.NO_TASK)
        record(session, me(), "claim_task", now(), "claim", record_id)
    return done(url_for("claims.show", record_id=record_id), claim_words.TASK_DONE)


@blueprint.get("/claims/<uuid:record_id>/payee")
@may(*PAYEE_READERS)
def payee(record_id: uuid.UUID) -> ResponseReturnValue:
    """Who received the money, in full; whoever looks is noted."""
    with transaction() as session:
        shown = found(pages.load_payee(session, record_id))
        viewed(session, me(), "payee", record_id, now())
    return render_template("claim_payee.html", claim_id=record_id, payee=shown)


def _uuid(said: str) -> uuid.UUID:
    try:
        return uuid.UUID(said)
    except ValueError as error:
        raise ClaimError(reward_words.SECOND_OFFICER) from error


def _noted(session: Session, claim_id: uuid.UUID, act: Act) -> None:
    record(session, me(), f"claim_{act.value}", now(), "claim", claim_id)
