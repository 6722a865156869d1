"""A claim from the proposal to the archive: its states, its money, and nobody in two roles."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from conversations.models import Staff
from rewards import claims, ledger, paying, steps, words
from rewards.claims import ClaimError
from rewards.deadlines import ends_on
from rewards.facts import Facts
from rewards.ledger import LedgerError
from rewards.models import Account, Act, Claim, ClaimState, LedgerEntry, Payment, Proposal
from rewards.schemes.model import Condition
from storage.engine import Database
from tests.rewards import hands as made
from tests.rewards.hands import NOW, Hands
from tips.models import Tip, TipEvent


@pytest.fixture
def hands(database: Database) -> Hands:
    return Hands.with_a_claim(database)


@contextmanager
def refused(said: str) -> Iterator[None]:
    with pytest.raises((ClaimError, LedgerError)) as caught:
        yield
    assert said in str(caught.value)


def money(hands: Hands) -> dict[str, Decimal]:
    with hands.database.transaction() as session:
        assert ledger.verify(session) == []
        found = ledger.balances(session)
    assert sum(found.values()) == 0
    return {account.value: amount for account, amount in found.items() if amount and account is not Account.SOURCE}


def test_from_the_proposal_to_the_archive(hands: Hands) -> None:
    hands.propose()
    assert money(hands) == {"budget": 967, "reserved": 33}
    hands.verify()
    assert hands.approve()
    assert money(hands) == {"budget": 967, "payable": 33}
    hands.notify()
    number = hands.collect()
    hands.pay(number)
    assert money(hands) == {"budget": 967, "paid": 33}
    with hands.database.transaction() as session:
        made.act(session, hands, "archive")
        done = claims.history(session, hands.claim_id)
        payment = session.scalars(select(Payment)).one()
        proposal = session.scalars(select(Proposal)).one()
    assert [event.act for event in done] == [
        "request",
        "propose",
        "verify",
        "approve",
        "notify",
        "claim",
        "pay",
        "archive",
    ]
    assert [event.state for event in done][-2:] == ["paid", "archived"]
    assert (payment.amount, payment.receipt, payment.payee) == (33, "SJ-1", {"name": "某人"})
    assert b"\xe6\x9f\x90\xe4\xba\xba" not in (payment.payee_sealed or b"")
    assert "每人11元×3人=33元" in proposal.lines
    assert money(hands) == {"budget": 967, "paid": 33}


def test_deadlines_follow_the_scheme(hands: Hands) -> None:
    hands.up_to("approved")
    assert (hands.claim().due_step, hands.claim().due_at) == ("notify", made.NOW.replace(day=9, hour=16))
    hands.notify()
    assert hands.claim().due_step == "claim"
    hands.collect()
    assert hands.claim().due_step == "pay_out"


@pytest.mark.parametrize(
    ("event", "due"),
    [("registered", (3, 9)), ("verified", (3, 9)), ("case_solved", (2, 28)), ("approved", (3, 9)), ("notified", None)],
)
def test_a_deadline_counts_from_the_event_the_scheme_names(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, event: str, due: tuple[int, int] | None
) -> None:
    """Five workdays; the case was solved before the spring festival, after which Saturday the 28th is worked."""
    sample, ground = made.scheme(), made.ground
    counted = sample.deadlines[0].model_copy(update={"after": event})
    monkeypatch.setattr(made, "scheme", lambda: sample.model_copy(update={"deadlines": (counted,)}))
    solved = date(2026, 2, 14)
    monkeypatch.setattr(made, "ground", lambda session, claim: replace(ground(session, claim), solved_on=solved))
    hands.propose()
    assert (hands.claim().due_at is not None) == (event in ("registered", "verified", "case_solved"))
    hands.verify()
    hands.approve()
    due_at = hands.claim().due_at
    last = ends_on(due_at) if due_at else None
    assert (last and (last.month, last.day)) == due


@pytest.mark.parametrize("state", ["proposed", "verified"])
def test_sent_back_it_is_proposed_again(hands: Hands, state: str) -> None:
    hands.up_to(state)
    who = hands.verifier if state == "proposed" else hands.approver
    with hands.database.transaction() as session:
        steps.send_back(session, claims.lock(session, hands.claim_id), who, NOW, "人数再核")
    assert money(hands) == {"budget": 1000}
    hands.propose(made.facts(2))
    hands.verify()
    hands.approve()
    assert money(hands) == {"budget": 978, "payable": 22}


def test_refused_lapsed_revoked_recovered(database: Database) -> None:
    hands = Hands.with_a_claim(database)
    hands.up_to("notified")
    with pytest.raises(IntegrityError, match="time to claim is not over"), database.transaction() as session:
        paying.lapse(session, claims.lock(session, hands.claim_id), NOW)
    with database.transaction() as session:
        made.act(session, hands, "lapse")
    assert money(hands) == {"budget": 967, "lapsed": 33}


def test_a_paid_reward_is_clawed_back(hands: Hands) -> None:
    hands.pay(hands.up_to("claimed"))
    with hands.database.transaction() as session:
        made.act(session, hands, "revoke")
    assert money(hands) == {"budget": 967, "paid": 33}
    with hands.database.transaction() as session:
        made.act(session, hands, "recover")
    assert money(hands) == {"budget": 967, "clawed_back": 33}
    with refused(words.NEVER_PAID), hands.database.transaction() as session:
        made.act(session, hands, "recover")


def test_an_unpaid_reward_is_revoked_at_once(hands: Hands) -> None:
    hands.up_to("claimed")
    with hands.database.transaction() as session:
        made.act(session, hands, "revoke")
    assert money(hands) == {"budget": 1000}


def test_no_reward_for_a_reason(hands: Hands) -> None:
    with hands.database.transaction() as session:
        made.act(session, hands, "refuse")
        made.act(session, hands, "archive")
    assert hands.claim().state == ClaimState.ARCHIVED
    assert money(hands) == {"budget": 1000}


def test_what_is_open_is_not_proposed(hands: Hands) -> None:
    unsure = replace(made.facts(), conditions={Condition.VERIFIED: True})
    with refused("还有没弄清的事"):
        hands.propose(unsure, amount="33")
    with refused("金额要在22至33元之内"):
        hands.propose(made.den())
    with refused("金额要在22至33元之内"):
        hands.propose(made.den(), amount="34", reason="重大")
    with refused(words.GIVE_REASON):
        hands.propose(made.den(), amount="30")
    with refused(words.NOTHING_TO_PAY):
        hands.propose(Facts(dict.fromkeys(Condition, True), made.NO_EXCLUSION))
    hands.propose(made.den(), amount="30", reason="抓获五人")
    assert money(hands) == {"budget": 970, "reserved": 30}


def test_without_a_scheme_there_is_no_proposal(hands: Hands) -> None:
    with refused(words.NO_SCHEME_THEN), hands.database.transaction() as session:
        claim = claims.lock(session, hands.claim_id)
        nothing = replace(made.ground(session, claim), scheme=None)
        steps.propose(session, claim, nothing, made.facts(), Decimal(5), hands.officer, NOW, "")


def test_without_a_budget_there_is_no_proposal(database: Database) -> None:
    hands = Hands.with_a_claim(database, budget="32.99")
    with refused("“奖励经费”的余额不够"):
        hands.propose()
    assert hands.claim().state == ClaimState.REQUESTED


def test_each_step_needs_its_role(hands: Hands) -> None:
    with refused("要由民警来办"):
        hands.propose(by=hands.finance)
    hands.propose()
    with refused("要由审核人来办"):
        hands.verify(by=hands.approver)
    hands.verify()
    with refused("要由审批人来办"):
        hands.approve(by=hands.finance)


def overturned(hands: Hands, state: str = "unfounded") -> None:
    """The tip's verdict is another now."""
    with hands.database.transaction() as session:
        tip = session.get_one(Tip, session.get_one(Claim, hands.claim_id).tip_id)
        tip.state = state
        session.add(TipEvent(tip_id=tip.id, at=NOW, actor="staff", staff_id=hands.officer.id, state=state))


@pytest.mark.parametrize("step", ["propose", "verify", "approve"])
def test_no_reward_for_what_is_not_found_true(hands: Hands, step: str) -> None:
    hands.up_to({"propose": "requested", "verify": "proposed", "approve": "verified"}[step])
    overturned(hands)
    with refused(words.NOT_CONFIRMED):
        getattr(hands, step)()
    state = {"propose": "proposed", "verify": "verified", "approve": "approved"}[step]
    who = {"propose": hands.officer, "verify": hands.verifier, "approve": hands.approver}[step]
    with pytest.raises(IntegrityError, match="the tip is not confirmed"):
        by_hand(hands, step, state, who.id)


def test_a_closed_tip_counts_by_its_verdict(hands: Hands) -> None:
    overturned(hands, "closed")
    hands.propose()
    with hands.database.transaction() as session:
        steps.send_back(session, claims.lock(session, hands.claim_id), hands.verifier, NOW, "再核")
    overturned(hands)
    overturned(hands, "closed")
    with refused(words.NOT_CONFIRMED):
        hands.propose()
    with pytest.raises(IntegrityError, match="the tip is not confirmed"):
        by_hand(hands, "propose", "proposed", hands.officer.id)


def everything(hands: Hands, *roles: str) -> None:
    """One account with these roles in place of the officer."""
    with hands.database.transaction() as session:
        hands.officer = session.merge(hands.officer)
        hands.officer.roles = ",".join(roles)


@pytest.mark.parametrize("part", ["verify", "approve", "pay", "second"])
def test_nobody_has_two_parts_in_code(hands: Hands, part: str) -> None:
    everything(hands, "officer", "verifier", "approver", "finance")
    number = hands.up_to({"verify": "proposed", "approve": "verified"}.get(part, "claimed"))
    with refused(words.NOT_YOUR_PART):
        if part in ("verify", "approve"):
            getattr(hands, part)(by=hands.officer)
        else:
            pair = {"by": hands.officer} if part == "pay" else {"second": hands.officer}
            hands.pay(number, **pair)


INSERT = text(
    "INSERT INTO claim_events (id, claim_id, at, act, actor, staff_id, second_staff_id, state, amount) "
    "VALUES (:id, :claim, now(), :act, 'staff', :staff, :second, :state, :amount)"
)


def by_hand(hands: Hands, act: str, state: str, staff: object, second: object = None, amount: object = 33) -> None:
    """An act in raw SQL, as somebody with the database's password might write it."""
    with hands.database.transaction() as session:
        values = {"id": uuid.uuid4(), "claim": hands.claim_id, "act": act, "state": state, "amount": amount}
        session.execute(INSERT, {**values, "staff": staff, "second": second})


@pytest.mark.parametrize(
    ("before", "act", "state"), [("proposed", "verify", "verified"), ("verified", "approve", "verified")]
)
def test_nobody_has_two_parts_in_sql(hands: Hands, before: str, act: str, state: str) -> None:
    hands.up_to(before)
    with pytest.raises(IntegrityError, match="another part"):
        by_hand(hands, act, state, hands.officer.id)
    by_hand(hands, act, state, hands.second.id)  # somebody else may


def test_the_payer_has_no_other_part_in_sql(hands: Hands) -> None:
    hands.up_to("claimed")
    for other in (hands.officer, hands.verifier, hands.approver):
        for pair in ((other.id, hands.second.id), (hands.finance.id, other.id)):
            with pytest.raises(IntegrityError, match="another part"):
                by_hand(hands, "pay", "paid", *pair)
    for pair in ((hands.finance.id, None), (hands.finance.id, hands.finance.id)):
        with pytest.raises(IntegrityError, match="two people pay"):
            by_hand(hands, "pay", "paid", *pair)
    with pytest.raises(IntegrityError, match="not the proposed one"):
        by_hand(hands, "pay", "paid", hands.finance.id, hands.second.id, amount=9999)
    with pytest.raises(IntegrityError, match="pay is not in the ledger"):
        by_hand(hands, "pay", "paid", hands.finance.id, hands.second.id)


def test_no_step_is_skipped_in_sql(hands: Hands) -> None:
    hands.propose()
    with pytest.raises(IntegrityError, match="cannot go from proposed to approved"):
        by_hand(hands, "approve", "approved", hands.approver.id)
    with pytest.raises(IntegrityError, match="needs a named person"):
        by_hand(hands, "verify", "verified", None)
    for change in ("state = 'approved'", "amount = 9999"):
        with (
            pytest.raises(IntegrityError, match=r"no act led|nobody proposed"),
            hands.database.transaction() as session,
        ):
            session.execute(text(f"UPDATE claims SET {change}"))
    with pytest.raises(IntegrityError, match="begins as requested"), hands.database.transaction() as session:
        copy = "INSERT INTO claims (id, number, tip_id, state, requested_at) SELECT :id, 'JL1', tip_id, 'paid', now()"
        session.execute(text(f"{copy} FROM claims"), {"id": uuid.uuid4()})


def at_once(*runs: Callable[[], object]) -> str:
    """Two people at the same moment: one does it, and what the other is told."""
    gate, said = Barrier(len(runs)), []

    def go(run: Callable[[], object]) -> None:
        gate.wait()
        try:
            run()
            said.append("yes")
        except ClaimError as error:
            said.append(str(error))

    threads = [Thread(target=go, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (other,) = [text for text in said if text != "yes"]
    return other


def test_two_approvers_at_once_approve_once(hands: Hands) -> None:
    hands.up_to("verified")
    with hands.database.transaction() as session:
        chief = made.add_staff(session, "approver2", "李所长", "approver")
    other = at_once(hands.approve, lambda: hands.approve(by=chief))
    assert other in [words.DONE_BEFORE.format(name=name, act="审批同意") for name in ("孙所长", "李所长")]
    assert money(hands) == {"budget": 967, "payable": 33}


def test_a_large_amount_needs_two_approvers(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = made.scheme()
    assert scheme.approval is not None
    steep = scheme.approval[0].model_copy(update={"approvals": 2, "logins": ("approver", "second-chief")})
    monkeypatch.setattr(made, "scheme", lambda: scheme.model_copy(update={"approval": (steep, scheme.approval[1])}))
    hands.up_to("verified")
    with hands.database.transaction() as session:
        chief = made.add_staff(session, "second-chief", "李所长", "approver")
        stranger = made.add_staff(session, "stranger", "周所长", "approver")
    with refused("这个金额要由示例审批人甲审批"):
        hands.approve(by=stranger)
    assert not hands.approve()
    with refused(words.APPROVED_ALREADY):
        hands.approve()
    with pytest.raises(IntegrityError, match="approves once"):
        by_hand(hands, "approve", "verified", hands.approver.id)
    assert hands.approve(by=chief)
    assert hands.claim().state == ClaimState.APPROVED


def test_a_payment_recorded_twice_is_one(hands: Hands) -> None:
    number = hands.up_to("claimed")
    with refused(words.WRONG_COLLECTION):
        hands.pay("00000000" if number != "00000000" else "1")
    hands.pay(number)
    with refused("吴会计和郑出纳经手，收据SJ-1，不能再登记"):
        hands.pay(number, receipt="SJ-2")
    assert money(hands) == {"budget": 967, "paid": 33}


def test_two_who_pay_at_once_pay_once(hands: Hands) -> None:
    number = hands.up_to("claimed")
    with hands.database.transaction() as session:
        third = made.add_staff(session, "third", "冯会计", "finance")
    other = at_once(
        lambda: hands.pay(number, receipt="SJ-1"),
        lambda: hands.pay(number, by=third, second=third_hand(hands), receipt="SJ-2"),
    )
    assert "已经登记发放过" in other and "不能再登记" in other
    assert money(hands) == {"budget": 967, "paid": 33}
    with hands.database.transaction() as session:
        assert len(session.scalars(select(Payment)).all()) == 1


def third_hand(hands: Hands) -> Staff:
    with hands.database.transaction() as session:
        return made.add_staff(session, "fourth", "褚出纳", "finance")


def test_a_second_payment_in_sql(hands: Hands) -> None:
    number = hands.up_to("claimed")
    hands.pay(number)
    with pytest.raises(IntegrityError, match="cannot go from paid to paid"):
        by_hand(hands, "pay", "paid", hands.finance.id, hands.second.id)
    again = (
        "INSERT INTO claim_payments (id, claim_id, event_id, at, method, receipt, amount) "
        "SELECT gen_random_uuid(), claim_id, event_id, at, method, 'SJ-9', amount FROM claim_payments"
    )
    with pytest.raises(IntegrityError, match="uq_claim_payments"), hands.database.transaction() as session:
        session.execute(text(again))
    twice = (
        "INSERT INTO ledger_entries (id, position, at, debit, credit, amount, claim_id, event_id) "
        "SELECT gen_random_uuid(), 0, at, debit, credit, amount, claim_id, event_id FROM ledger_entries "
        "WHERE debit = 'paid'"
    )
    with pytest.raises(IntegrityError, match=r"uq_ledger_entries|holds less"), hands.database.transaction() as session:
        session.execute(text(twice))


def test_a_payment_without_its_paper_in_sql(hands: Hands) -> None:
    hands.up_to("claimed")
    booked = (
        "INSERT INTO ledger_entries (id, position, at, debit, credit, amount, claim_id, event_id) "
        "VALUES (:id, 0, now(), 'paid', 'payable', 33, :claim, :event)"
    )
    values = {"id": uuid.uuid4(), "claim": hands.claim_id, "act": "pay", "state": "paid", "amount": 33}
    people = {"staff": hands.finance.id, "second": hands.second.id}
    with pytest.raises(IntegrityError, match="the payment has no receipt"), hands.database.transaction() as session:
        session.execute(INSERT, {**values, **people})
        session.execute(text(booked), {"id": uuid.uuid4(), "claim": hands.claim_id, "event": values["id"]})


def test_a_receipt_counts_once(hands: Hands) -> None:
    number = hands.up_to("claimed")
    with hands.database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(
                "INSERT INTO claim_payments (id, claim_id, event_id, at, method, receipt, amount) "
                "VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), 'cash', 'SJ-1', 1)"
            )
        )
    with refused(words.RECEIPT_USED):
        hands.pay(number)
    hands.pay(number, receipt="SJ-2")


def test_how_and_with_whom_it_is_paid(hands: Hands) -> None:
    number = hands.up_to("claimed")
    with refused("发放要两个人经手"):
        hands.pay(number, second=hands.finance)
    with refused(words.NO_RECEIPT):
        hands.pay(number, receipt=" ")
    with refused("现金、转账、话费"), hands.database.transaction() as session:
        paper = paying.Receipt("proxy", "SJ-2", number)
        paying.pay(session, claims.lock(session, hands.claim_id), paper, hands.finance, hands.second, NOW)
    assert hands.claim().state == ClaimState.CLAIMED


def test_more_time(hands: Hands) -> None:
    hands.up_to("notified")
    until = hands.claim().due_at
    assert until is not None
    with refused(words.TIME_OVER), hands.database.transaction() as session:
        claim = claims.lock(session, hands.claim_id)
        paying.extend(session, claim, until + timedelta(days=9), hands.approver, until, "路远")
    with pytest.raises(IntegrityError, match="time for extend is over"), hands.database.transaction() as session:
        late = "SELECT :id, :claim, due_at, 'extend', 'staff', :staff, state FROM claims"
        columns = "id, claim_id, at, act, actor, staff_id, state"
        values = {"id": uuid.uuid4(), "claim": hands.claim_id, "staff": hands.approver.id}
        session.execute(text(f"INSERT INTO claim_events ({columns}) {late}"), values)
    with hands.database.transaction() as session:
        claim = claims.lock(session, hands.claim_id)
        with refused(words.LATER_ONLY):
            paying.extend(session, claim, until, hands.approver, NOW, "路远")
        paying.extend(session, claim, until + timedelta(days=9), hands.approver, NOW, "路远")
    assert hands.claim().due_at == until + timedelta(days=9)


@pytest.mark.parametrize("table", ["claim_events", "claim_proposals", "ledger_entries", "claim_payments"])
@pytest.mark.parametrize("order", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_written_stays(hands: Hands, table: str, order: str) -> None:
    hands.pay(hands.up_to("claimed"))
    with pytest.raises(IntegrityError, match=r"only added|only the payee"), hands.database.transaction() as session:
        session.execute(text(order.format(table)))


def test_the_payee_can_be_erased_and_nothing_else(hands: Hands) -> None:
    hands.pay(hands.up_to("claimed"))
    with hands.database.transaction() as session:
        payment = session.scalars(select(Payment)).one()
        payment.payee, payment.erased_at = {}, NOW
    with pytest.raises(IntegrityError, match="only the payee"), hands.database.transaction() as session:
        session.scalars(select(Payment)).one().amount = Decimal(1)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE ledger_entries SET amount = 34 WHERE position = 2", words.ENTRY_CHANGED),
        ("UPDATE ledger_entries SET at = at + interval '1 microsecond' WHERE position = 3", words.ENTRY_CHANGED),
        ("DELETE FROM ledger_entries WHERE position = 2", words.CHAIN_BROKEN),
        ("UPDATE ledger_entries SET position = 9 WHERE position = 4", "缺少第4笔"),
        ("UPDATE claims SET state = 'refused'", "的钱不在它的状态该在的账户里"),
    ],
)
def test_a_changed_ledger_is_noticed(hands: Hands, damage: str, said: str) -> None:
    hands.pay(hands.up_to("claimed"))
    with hands.database.transaction() as session:
        assert session.scalar(select(LedgerEntry.position).order_by(LedgerEntry.position.desc())) == 4
        session.execute(text("SET LOCAL session_replication_role = replica"))  # as only a database administrator can
        session.execute(text(damage))
    with hands.database.transaction() as session:
        assert any(said in fault.said for fault in ledger.verify(session))


def test_acts_and_states_have_their_words() -> None:
    assert set(ledger.HOLDS) == set(ClaimState)
    assert set(words.ACCOUNTS) == set(Account)
    assert {Act.PROPOSE, Act.PAY} <= steps.PARTS
