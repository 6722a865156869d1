"""The figures of a month are those worked out by hand, days are China's, and the page and papers show the same ones."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import docx
import openpyxl
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import AuditEntry, Staff
from monthly import figures, making, papers, words
from monthly.figures import Line
from monthly.models import MonthlyReport
from rewards.models import Claim
from stops import cards, same_loss
from stops.facts import LossFacts, TransferFacts
from stops.models import StopCard
from stops.orders.models import OrderStep, Outcome, Step, WarningOrder
from storage.clock import CHINA
from storage.engine import Database
from tests.console.residents import add_staff
from tests.rewards import hands as reward_hands
from tests.rewards.hands import Hands
from tips import registry
from tips.models import Tip, TipState
from tips.registry import Draft

OCTOBER = date(2026, 10, 1)
NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
FIRST = datetime(2026, 10, 1, 0, 0, tzinfo=CHINA)  # in UTC still September
LAST = datetime(2026, 10, 31, 23, 59, 59, 999999, tzinfo=CHINA)
BEFORE, AFTER = FIRST - timedelta(microseconds=1), LAST + timedelta(microseconds=1)
NAMES = {"fake_invest": "虚假投资理财"}


@pytest.fixture
def staff(database: Database) -> Staff:
    with database.transaction() as session:
        return add_staff(session, "officer", "王警官", "officer")


def tip(database: Database, at: datetime, sender: str = "o1", *, drill: bool = False) -> Tip:
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.WECHAT, sender, at)
        contact.drill = drill
        conversation = contacts.open_conversation(session, contact, at)
        return registry.register(session, conversation, Draft(story="有人收银行卡"), at).tip


def judged(database: Database, found: Tip, to: TipState, staff: Staff, at: datetime) -> None:
    with database.transaction() as session:
        if session.get_one(Tip, found.id).state == TipState.REGISTERED:
            registry.set_state(session, found.id, TipState.CHECKING, staff, at, "x")
        registry.set_state(session, found.id, to, staff, at, "x")


def card(database: Database, at: datetime, fen: int, sender: str = "o1") -> StopCard:
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.WECHAT, sender, at)
        conversation = contacts.open_conversation(session, contact, at)
        found = cards.open_card(session, conversation, at)
        facts = LossFacts(fraud_type="fake_invest", transfers=(TransferFacts(amount_fen=fen),))
        cards.enrich(session, found, facts, at)
        return found


def order(
    database: Database,
    number: str,
    village: str,
    at: datetime,
    outcome: str = "",
    done: datetime | None = None,
    **more: object,
) -> WarningOrder:
    with database.transaction() as session:
        found = WarningOrder(
            number=number, received_at=at, village=village, outcome=outcome, level="", fraud="", rating=""
        )
        for name, value in more.items():
            setattr(found, name, value)
        session.add(found)
        session.flush()
        for place, step in enumerate(Step):
            done_at = done if step is Step.DISSUADE else None
            session.add(OrderStep(order_id=found.id, step=step.value, ordinal=place, done_at=done_at))
        return found


def october(database: Database, now: datetime = NOW) -> figures.Report:
    with database.transaction() as session:
        return figures.report(session, OCTOBER, now)


def test_an_empty_month(database: Database, staff: Staff) -> None:
    found = october(database)
    assert found.empty
    assert found.total == Line("")
    assert (found.villages, found.frauds) == ((), ())
    content = docx.Document(io.BytesIO(papers.docx(found, NAMES, "")))
    assert words.EMPTY in [paragraph.text for paragraph in content.paragraphs]
    assert len(openpyxl.load_workbook(io.BytesIO(papers.xlsx(found, NAMES, ""))).worksheets) == 3


def test_both_sides_of_midnight_in_china(database: Database, staff: Staff) -> None:
    for place, at in enumerate((BEFORE, FIRST, LAST, AFTER)):
        tip(database, at, f"o{place}")
        card(database, at, 100 * 10**place, f"c{place}")
        order(database, f"N{place}", "甲村", at, Outcome.STOPPED.value, at)
    found = october(database).total
    assert (found.tips, found.losses, found.warned, found.dissuaded) == (2, 2, 2, 2)
    assert found.lost == Decimal("110.00")


def test_what_was_achieved_counts_in_the_month_it_was(database: Database, staff: Staff) -> None:
    early, late, other = (tip(database, at, str(at)) for at in (BEFORE, LAST, FIRST))
    judged(database, early, TipState.CONFIRMED, staff, FIRST)
    judged(database, late, TipState.CONFIRMED, staff, AFTER)
    judged(database, other, TipState.UNFOUNDED, staff, LAST)
    with database.transaction() as session:  # what the reporter adds later proves nothing anew
        registry.add(session, early.id, "还有", (), LAST)
        registry.add(session, late.id, "还有", (), AFTER)
    found = october(database)
    assert (found.total.tips, found.total.verified, found.unfounded) == (2, 1, 1)
    with database.transaction() as session:
        november = figures.report(session, date(2026, 11, 1), NOW)
    assert (november.total.tips, november.total.verified, november.unfounded) == (0, 1, 0)


def test_rewards_count_when_they_are_paid(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reward_hands, "NOW", LAST - timedelta(days=1))
    hands = Hands.with_a_claim(database)
    hands.pay(hands.up_to("claimed"))
    with database.transaction() as session:
        amount = session.get_one(Claim, hands.claim_id).amount
    found = october(database).total
    assert (found.rewards, found.rewarded) == (1, amount)


def test_drills_and_merged_cards_do_not_count(database: Database, staff: Staff) -> None:
    tip(database, FIRST, "drill", drill=True)
    kept, gone = card(database, FIRST, 5000, "a"), card(database, FIRST, 5000, "b")
    played = card(database, FIRST, 900, "z")
    with database.transaction() as session:
        same_loss.merge(session, kept.id, gone.id, staff, LAST)
        session.execute(update(StopCard).where(StopCard.id == played.id).values(drill=True))
    found = october(database)
    assert (found.total.tips, found.cards, found.total.losses, found.total.lost) == (0, 1, 1, Decimal("50.00"))


def test_villages_are_ranked_and_the_unknown_come_last(database: Database, staff: Staff) -> None:
    stopped, unsure = Outcome.STOPPED.value, Outcome.DOUBTFUL.value
    for place in range(3):
        order(database, f"甲{place}", "甲村", FIRST, stopped if place else unsure, FIRST if place else None)
        order(database, f"乙{place}", "乙村", FIRST, stopped if place else unsure, FIRST if place else None)
    order(database, "丙", "丙村", FIRST, Outcome.PAID.value, FIRST, card_id=card(database, FIRST, 7700).id)
    order(database, "无", "", FIRST, stopped, FIRST)
    tip(database, FIRST)
    found = october(database)
    assert [(line.rank, line.village, line.dissuaded, line.warned) for line in found.villages] == [
        (1, "乙村", 2, 3),
        (1, "甲村", 2, 3),
        (3, "丙村", 0, 1),
        (0, "", 1, 1),
    ]
    assert [(line.village, line.losses, line.lost) for line in found.villages if line.losses] == [
        ("丙村", 1, Decimal(77))
    ]
    assert found.villages[-1].tips == 1
    assert found.total.dissuaded == 5


def filled(database: Database, staff: Staff) -> figures.Report:
    judged(database, tip(database, FIRST), TipState.CONFIRMED, staff, LAST)
    order(database, "N1", "=甲村", FIRST, Outcome.STOPPED.value, LAST)
    order(database, "N2", "乙村", FIRST)
    card(database, FIRST, 123_456_78, "c")
    return october(database)


def test_page_paper_and_table_show_the_same(database: Database, staff: Staff) -> None:
    found = filled(database, staff)
    shown = [[[papers.say(cell) for cell in row] for row in table.rows] for table in papers.tables(found, NAMES)]
    paper = docx.Document(io.BytesIO(papers.docx(found, NAMES, "x")))
    in_paper = [[[cell.text for cell in row.cells] for row in table.rows[1:]] for table in paper.tables]
    assert [in_paper[0], in_paper[1], in_paper[3]] == shown
    book = openpyxl.load_workbook(io.BytesIO(papers.xlsx(found, NAMES, "x")))
    for table, sheet in zip(papers.tables(found, NAMES), book.worksheets, strict=True):
        rows = list(sheet.iter_rows(min_row=2, max_row=1 + len(table.rows), values_only=True))
        for expected, row in zip(table.rows, rows, strict=True):
            for one, cell in zip(expected, row[: len(expected)], strict=True):
                assert str(cell).removeprefix("'") == str(one) or Decimal(str(cell)) == one
    assert [len(sheet._charts) for sheet in book.worksheets] == [0, 1, 1]
    assert "1,234,567.80" not in str(shown) and "123,456.78" in str(shown)


def test_a_made_report_stays_as_it_was(database: Database, staff: Staff) -> None:
    before = filled(database, staff)
    with database.transaction() as session:
        made = making.make(session, OCTOBER, staff, NOW)
    with database.transaction() as session:  # an officer learns later what was stopped
        session.execute(text("UPDATE stop_cards SET stopped_fen = 100"))
    assert october(database) != before
    with database.transaction() as session:
        kept = session.get_one(MonthlyReport, made.id)
        assert figures.from_json(kept.figures) == before
        assert figures.to_json(before) == kept.figures
        line = session.scalars(select(AuditEntry)).one()
        assert (line.action, line.subject_id, line.detail) == ("month_make", made.id, "2026-10")
    with pytest.raises(DBAPIError, match="only added"), database.transaction() as session:
        session.execute(text("UPDATE monthly_reports SET figures = '{}'"))


def test_a_month_that_is_not_over_is_not_made(database: Database, staff: Staff) -> None:
    with database.transaction() as session, pytest.raises(making.MonthError):
        making.make(session, OCTOBER, staff, LAST)
    with database.transaction() as session:
        assert making.make(session, OCTOBER, staff, AFTER).month == OCTOBER


def test_who_is_reminded_when(database: Database, staff: Staff) -> None:
    def owed(at: datetime) -> date | None:
        with database.transaction() as session:
            return making.owed(session, at)

    fifteenth = datetime(2026, 11, 15, 0, 0, tzinfo=CHINA)
    assert owed(fifteenth) is None  # nobody worked here in October
    with database.transaction() as session:
        session.execute(update(Staff).values(created_at=LAST))
    assert owed(fifteenth - timedelta(microseconds=1)) is None
    assert owed(fifteenth) == OCTOBER
    assert not making.late(fifteenth) and making.late(fifteenth + timedelta(days=5))
    with database.transaction() as session:
        making.make(session, OCTOBER, staff, fifteenth)
    assert owed(fifteenth) is None
    assert owed(datetime(2026, 12, 15, tzinfo=CHINA)) == date(2026, 11, 1)


def test_a_tip_with_a_village(database: Database, staff: Staff) -> None:
    found = tip(database, FIRST)
    with database.transaction() as session:
        session.execute(text("UPDATE tips SET village = '甲村'"))
    judged(database, found, TipState.CONFIRMED, staff, LAST)
    assert [(line.village, line.tips, line.verified) for line in october(database).villages] == [("甲村", 1, 1)]
