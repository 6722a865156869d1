"""The monthly report in the console: the page, making it, its papers, and the reminder."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime, timedelta

import docx
import openpyxl
import pytest
from sqlalchemy import select

from conversations.models import AuditEntry, Staff
from monthly import words
from storage.clock import utc_now
from storage.engine import Database
from tests.console.conftest import Clock, Desk
from tests.console.residents import LOSS, Resident, gives_tip, opens_card

Rows = list[list[str]]


@pytest.fixture
def filled(resident: Resident, clock: Clock, database: Database) -> str:
    """Records of now, looked at in the middle of the next month; returns the month."""
    conversation = resident.says("举报")
    gives_tip(database, conversation)
    opens_card(database, conversation, LOSS)
    now = utc_now() + timedelta(hours=8)
    following = (now.replace(day=28) + timedelta(days=4)).replace(day=16, hour=12)
    clock.ahead = following - timedelta(hours=8) - utc_now()
    return f"{now:%Y-%m}"


def of_page(page: str) -> list[Rows]:
    tables = re.findall(r'<table class="figures[^>]*id="table-.*?</table>', page, re.S)
    rows = [re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2], re.S) for table in tables]
    return [
        [[html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in one] for one in rows
    ]


def test_page_and_papers_show_the_same(
    officer: Desk, admin: Desk, agent: Desk, filled: str, people: dict[str, Staff], database: Database
) -> None:
    for desk, login in ((officer, "officer"), (admin, "boss"), (agent, "agent")):
        desk.sign_in(login)  # the clock went past the end of the sessions
    before = of_page(officer.get(f"/month?month={filled}").text)
    page = officer.get(officer.post("/month", month=filled).location).text
    assert before == of_page(page)
    assert "32,000.00" in str(before) and len(before) == 3
    assert "王警官于" in page and "之后记录有变化" not in page
    docx_path, xlsx_path = re.findall(r'href="(/month/[^"]+)"', page)
    paper = docx.Document(io.BytesIO(officer.get(docx_path).data))
    tables = [[[cell.text for cell in row.cells] for row in table.rows[1:]] for table in paper.tables]
    assert [tables[0], tables[1], tables[3]] == before
    book = openpyxl.load_workbook(io.BytesIO(admin.get(xlsx_path).data))
    sheets = [list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book.worksheets]
    for rows, sheet in zip(before, sheets, strict=True):
        for row, cells in zip(rows, sheet, strict=False):
            assert [said(cell) for cell in row] == [said(cell) for cell in cells[: len(row)]]
    assert agent.get(docx_path).status_code == 403
    assert officer.get(docx_path.replace("docx", "exe")).status_code == 404
    with database.transaction() as session:
        done = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "month"))
        assert sorted(done) == ["month_make", "month_paper", "month_paper"]


def said(cell: object) -> object:
    text = str(cell).replace(",", "")
    return float(text) if re.fullmatch(r"[\d.]+", text) else text


def test_later_records_do_not_change_what_was_made(
    officer: Desk, filled: str, resident: Resident, database: Database
) -> None:
    officer.sign_in("officer")
    officer.post("/month", month=filled)
    before = of_page(officer.get(f"/month?month={filled}").text)
    gives_tip(database, resident.says("还有一条"))
    page = officer.get(f"/month?month={filled}").text
    assert of_page(page) == before and "之后记录有变化" in page
    again = officer.get(officer.post("/month", month=filled).location).text
    assert of_page(again) != before and again.count("王警官于") == 2


def test_a_month_that_runs_is_shown_and_not_made(officer: Desk, resident: Resident, database: Database) -> None:
    gives_tip(database, resident.says("举报"))
    month = f"{utc_now() + timedelta(hours=8):%Y-%m}"
    page = officer.get(f"/month?month={month}").text
    assert "这个月还没有过完" in page and "生成月报" not in page
    assert officer.post("/month", month=month, fetched=True).get_json()["message"] == words.NOT_OVER


def test_the_reminder_stays_until_the_report_is_made(officer: Desk, admin: Desk, clock: Clock) -> None:
    clock.ahead = datetime(2027, 3, 15, 4, 0, tzinfo=UTC) - utc_now()
    officer.sign_in("officer")
    admin.sign_in("boss")
    assert "2月的月报还没有生成，20日前要报。" in officer.get("/figures").text
    assert "月报还没有生成" not in admin.get("/figures").text
    clock.ahead += timedelta(days=5)
    officer.sign_in("officer")
    assert "2月的月报还没有生成，已到20日，请马上办。" in officer.get("/figures").text
    officer.post("/month", month="2027-02")
    assert "月报还没有生成" not in officer.get("/figures").text
