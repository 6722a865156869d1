"""Drills on the console: marked wherever they stand; leaders start and end them."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from urllib.parse import quote

import pytest
from docx import Document
from sqlalchemy import select

from bot.intake import Intake
from bot.parts import services
from conversations.models import Staff
from nlu.client import NluClient
from nlu.understand import Understander
from stops.drills import desk
from stops.drills.models import Drill
from stops.duty import plans, reach
from stops.models import StopCard
from storage.clock import utc_now
from storage.engine import Database
from storage.settings import Settings
from tests.console.conftest import Desk
from tests.console.residents import LOSS, Resident, opens_card

LEADER = """\
what: roster
name: 全天
effective_from: 2020-01-01
leaders: [officer]
shifts:
  - {name: 全天, days: [workday, weekend, holiday], from: "00:00", to: "24:00", teams: [{people: [officer]}]}
"""


@pytest.fixture
def played(database: Database, settings: Settings, people: dict[str, Staff]) -> tuple[uuid.UUID, uuid.UUID]:
    """A drill and its complete card."""
    intake = Intake(database, Understander(NluClient((), "")), services(settings), utc_now)
    with database.transaction() as session:
        drill_id = desk.start(session, "clerk", people["admin"], utc_now(), by_worker=False).id
    for _ in range(desk.MOST):
        with database.transaction() as session:
            row = session.get_one(Drill, drill_id)
            said, message = row.said, desk.next_message(session, row, utc_now())
        if message is None:
            break
        intake.take(message)
        with database.transaction() as session:
            desk.has_said(session, drill_id, said, utc_now(), by_worker=False)
    with database.transaction() as session:
        card = session.scalars(select(StopCard)).one()
        assert card.complete
        return drill_id, card.id


def test_every_page_says_that_it_is_a_drill(
    played: tuple[uuid.UUID, uuid.UUID], officer: Desk, database: Database, people: dict[str, Staff], resident: Resident
) -> None:
    _, card_id = played
    with database.transaction() as session:
        card = session.get_one(StopCard, card_id)
        conversation_id, number = card.conversation_id, card.number
        reach.alert(session, [people["officer"].id], reach.LADDER, "first", card, utc_now(), "k")
    for path in ("/cards", f"/cards/{card_id}", "/inbox", f"/conversations/{conversation_id}"):
        assert '<span class="tag drill">演练</span>' in officer.get(path).text, path
    head = officer.get("/fragments/status").text
    assert f'data-drills="{card_id}"' in head
    assert f"【演练】{number} <time" in head
    assert "【演练】止付单" in head, "the officer's own alert"
    assert "data-drill " in head or "data-drill>" in head or 'data-drill role="alert"' in head
    page = officer.get(f"/cards/{card_id}").text
    assert "演练单：不要报给银行" in page
    assert 'data-copy="【演练】' in page
    assert f"【演练，不要报给银行】{number}" in officer.get("/cards/print").text
    assert number.startswith("YL")


def test_a_real_card_says_nothing_of_it(officer: Desk, database: Database, resident: Resident) -> None:
    card = opens_card(database, resident.says("我被骗了"), LOSS)
    for path in ("/cards", f"/cards/{card.id}", "/inbox", "/fragments/status", "/cards/print"):
        text = officer.get(path).text.replace("【演练】{title}", "")  # what the script says of one
        assert "【演练" not in text, path
        assert "tag drill" not in text, path


def test_its_papers_cannot_be_taken_for_real_ones(played: tuple[uuid.UUID, uuid.UUID], officer: Desk) -> None:
    papers = f"/cards/{played[1]}/papers"
    for name, title in (("application", "【演练】紧急止付申请表"), ("summary", "【演练】案件情况摘要")):
        answer = officer.get(f"{papers}/{name}.docx")
        document = Document(io.BytesIO(answer.data))
        assert document.paragraphs[0].text == title
        assert "不得报送银行" in document.sections[0].header.paragraphs[0].text
        assert quote("【演练】") in answer.headers["Content-Disposition"]
    answer = officer.get(f"{papers}/evidence.zip")
    assert quote("【演练】") in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        for name in ("清单.txt", "聊天记录.txt"):
            assert packed.read(name).decode().startswith("【演练】")


def test_leaders_start_and_end(officer: Desk, admin: Desk, database: Database, people: dict[str, Staff]) -> None:
    assert officer.post("/drills", script="clerk").status_code == 403
    assert "开始演练" not in officer.get("/drills").text
    with database.transaction() as session:
        plans.load(session, LEADER, "r.yml", None, utc_now())
    assert officer.post("/drills", script="clerk").status_code == 303
    assert "没有这个演练脚本" in officer.post("/drills", fetched=True, script="nonsense").get_json()["message"]
    with database.transaction() as session:
        drill = session.scalars(select(Drill)).one()
        assert (drill.script, drill.started_by) == ("clerk", people["officer"].id)
    page = admin.get("/drills").text
    assert "王警官开始" in page
    assert admin.post(f"/drills/{drill.id}/end").status_code == 303
    with database.transaction() as session:
        assert session.get_one(Drill, drill.id).ended_by == people["admin"].id


def test_the_times_are_on_the_page(played: tuple[uuid.UUID, uuid.UUID], officer: Desk, admin: Desk) -> None:
    assert officer.post(f"/cards/{played[1]}/take").status_code == 303
    page = officer.get("/drills").text
    times = [part.split("</dd>")[0] for part in page.split("<dd>")[1:5]]
    assert [time == "—" for time in times] == [False, False, False, True]
    assert f'href="/cards/{played[1]}"' in page
    assert f'href="/cards/{played[1]}"' not in admin.get("/drills").text, "administrators see no cases"
    assert json.dumps(times, ensure_ascii=False).count("秒") == 3
