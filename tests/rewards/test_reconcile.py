"""The month of the ledger, on the screen and as XLSX."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import text

from rewards import ledger
from rewards.models import Account
from rewards.reconcile import bounds, month_of, receipts, workbook
from storage.engine import Database
from tests.rewards.hands import Hands


def test_a_month_is_chinas() -> None:
    assert bounds(date(2026, 12, 9)) == (
        datetime(2026, 11, 30, 16, 0, tzinfo=UTC),
        datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
    )


def test_opening_and_movements_give_the_closing(database: Database) -> None:
    hands = Hands.with_a_claim(database)  # in March, with 1000 yuan
    hands.pay(hands.up_to("claimed"))
    with database.transaction() as session:
        ledger.add_budget(session, Decimal("0.01"), None, "=1+1", datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
        march, april = ({row.account: row for row in month_of(session, date(2026, month, 1))} for month in (3, 4))
        sheets = openpyxl.load_workbook(io.BytesIO(workbook(session, date(2026, 4, 1))))
    budget = march[Account.BUDGET]
    assert (budget.opening, budget.into, budget.out_of, budget.closing) == (0, 1000, 33, 967)
    assert (march[Account.PAID].closing, march[Account.RESERVED].into, march[Account.RESERVED].closing) == (33, 33, 0)
    for month in (march, april):
        assert sum(row.opening for row in month.values()) == sum(row.closing for row in month.values()) == 0
        assert sum(row.into - row.out_of for row in month.values()) == 0
    assert all(april[account].opening == march[account].closing for account in Account)
    assert [cell.value for cell in sheets["对账"][3]] == ["奖励经费", 967, 0.01, 0, 967.01]
    assert [cell.value for cell in sheets["对账"][9]] == ["合计", 0, 0.01, 0.01, 0]
    (row,) = list(sheets["明细"].iter_rows(min_row=2, values_only=True))
    assert row[1:5] == ("2026-04-01 00:00:00", "拨款来源", "奖励经费", 0.01)
    assert row[6] == "'=1+1"


def test_receipts_beside_the_book(database: Database) -> None:
    hands = Hands.with_a_claim(database)
    hands.pay(hands.up_to("claimed"), receipt="=SJ-1")
    march = date(2026, 3, 1)
    with database.transaction() as session:
        (line,) = receipts(session, march)
        assert (line.receipt, line.method, line.paid, line.booked, line.agrees) == ("=SJ-1", "cash", 33, 33, True)
        assert receipts(session, date(2026, 4, 1)) == []
        sheets = openpyxl.load_workbook(io.BytesIO(workbook(session, march)))
    assert [cell.value for cell in sheets["收据"][2]][1:] == [hands.claim().number, "'=SJ-1", "现金", 33, 33, "一致"]


@pytest.mark.parametrize(
    ("damage", "paid", "booked"),
    [
        ("UPDATE claim_payments SET amount = 30", 30, 33),
        ("DELETE FROM claim_payments", None, 33),
        ("DELETE FROM ledger_entries WHERE debit = 'paid'", 33, None),
    ],
)
def test_what_only_one_of_the_two_says_is_seen(
    database: Database, damage: str, paid: int | None, booked: int | None
) -> None:
    hands = Hands.with_a_claim(database)
    hands.pay(hands.up_to("claimed"))
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(damage))
        (line,) = receipts(session, date(2026, 3, 1))
    assert (line.paid, line.booked, line.agrees) == (paid, booked, False)
    assert line.claim == hands.claim().number
