"""Papers of a card, and the queue on paper."""

from __future__ import annotations

import io
import zipfile

from docx import Document
from sqlalchemy import select

from conversations.models import AuditEntry
from storage.engine import Database
from tests.console.conftest import Desk
from tests.console.residents import LOSS, Resident, opens_card


def test_papers_to_take_away(officer: Desk, agent: Desk, resident: Resident, database: Database) -> None:
    card = opens_card(database, resident.says("被骗了"), LOSS)
    for name in ("application.docx", "summary.docx", "evidence.zip"):
        path = f"/cards/{card.id}/papers/{name}"
        answer = officer.get(path)
        assert answer.status_code == 200
        assert card.number in answer.headers["Content-Disposition"]
        if name.endswith("docx"):
            assert Document(io.BytesIO(answer.data)).tables
        else:
            assert "被骗了" in zipfile.ZipFile(io.BytesIO(answer.data)).read("聊天记录.txt").decode()
        assert agent.get(path).status_code == 403
    with database.transaction() as session:
        taken = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "card_paper"))
        assert sorted(taken) == ["application", "evidence", "summary"]


def test_the_queue_on_paper(officer: Desk, resident: Resident, database: Database) -> None:
    assert "没有未结的止付单" in officer.get("/cards/print").text
    first = opens_card(database, resident.says("被骗了"), LOSS)
    page = officer.get("/cards/print").text
    for shown in (
        first.number,
        "17000000001",
        "6222000000001234",
        "卡号校验不过",
        "某某商贸公司",
        "手写记录",
        "收款银行",
    ):
        assert shown in page
    assert "<script" not in page
