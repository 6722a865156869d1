"""Saying what a message meant: on the page of what to learn from, and in the conversation."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from conversations import labels
from conversations.inbound import Channel
from conversations.models import Label, Message, Staff
from storage.clock import utc_now
from storage.engine import Database
from tests.console.browsing import CHROMIUM, browser, serving, sign_in
from tests.console.conftest import Desk
from tests.console.residents import Resident

UNCLEAR = "那个做任务的，王经理拉我进群，打17000000002问，先交5000元"
RANKING = "consult 0.31,check_suspicious 0.29,report_tip 0.12"


def message_of(database: Database, conversation: uuid.UUID) -> uuid.UUID:
    with database.transaction() as session:
        query = select(Message.id).where(Message.conversation_id == conversation).order_by(Message.position.desc())
        return session.scalars(query).first()  # type: ignore[return-value]


def given(database: Database) -> list[tuple[str, str]]:
    """Intent and login of every label."""
    with database.transaction() as session:
        query = select(Label.intent, Staff.login).join(Staff, Staff.id == Label.staff_id).order_by(Label.at)
        return [(row.intent, row.login) for row in session.execute(query)]


@pytest.fixture
def unclear(database: Database, resident: Resident) -> uuid.UUID:
    """A message the bot asked back about, and one it was sure of; the resident chose a meaning."""
    resident.says("刷单是不是诈骗", intent="consult", confidence=0.93, alternatives="consult 0.93,greet 0.01")
    talk = resident.says(
        UNCLEAR, intent="consult", confidence=0.31, unsure=True, alternatives=RANKING, model="0123abcd"
    )
    message = message_of(database, talk)
    with database.transaction() as session:
        labels.suggest(session, session.get_one(Message, message), "report_tip", utc_now())
    return message


def test_the_list_hides_who_it_is_and_shows_what_the_model_thought(agent: Desk, unclear: uuid.UUID) -> None:
    page = agent.get("/learning").text
    assert "那个做任务的,某经理拉我进群,打17000000000问,先交5000元" in page
    assert "17000000002" not in page
    for shown in ("机器人认为：咨询", "31%", "模型 0123abcd", "居民自己选了：举报线索", "29%"):
        assert shown in page
    assert "刷单是不是诈骗" not in page
    assert "刷单是不是诈骗" in agent.get("/learning?which=unlabelled").text
    assert agent.get("/learning?which=nonsense").status_code == 404


def test_one_click_labels_and_moves_it_to_another_tab(agent: Desk, database: Database, unclear: uuid.UUID) -> None:
    answer = agent.post(f"/messages/{unclear}/label", fetched=True, intent="report_tip", tab="unsure")
    assert answer.get_json() == {"to": "/learning?which=unsure", "message": "已标为“举报线索”。"}
    assert given(database) == [("report_tip", "agent")]
    assert "没有要看的了" in agent.get("/learning").text
    assert "人工标注：举报线索 · 小李" in agent.get("/learning?which=corrected").text


def test_roles_and_nonsense(
    desk: Desk, agent: Desk, officer: Desk, admin: Desk, database: Database, unclear: uuid.UUID
) -> None:
    path = f"/messages/{unclear}/label"
    for who, intent in ((agent, "report_tip"), (officer, "consult"), (admin, "")):
        assert who.post(path, intent=intent, tab="unsure").status_code == 303
    assert given(database) == [("report_tip", "agent"), ("consult", "officer"), ("", "boss")]
    assert agent.post(path, intent="unheard_of").status_code == 400
    assert agent.post(path).status_code == 400
    assert agent.post(f"/messages/{uuid.uuid4()}/label", fetched=True, intent="greet").status_code == 409
    assert agent.client.post(path, data={"intent": "greet"}).status_code == 400  # no token
    assert desk.client.post(path, data={"intent": "greet"}).status_code == 302
    assert len(given(database)) == 3


def test_an_admin_sees_no_way_into_the_conversation(admin: Desk, unclear: uuid.UUID) -> None:
    page = admin.get("/learning").text
    assert "某经理" in page
    assert "/conversations/" not in page


def test_in_the_conversation_the_label_stands_by_the_message(
    agent: Desk, database: Database, resident: Resident
) -> None:
    talk = resident.says(UNCLEAR, intent="consult", alternatives=RANKING)
    message = message_of(database, talk)
    page = agent.get(f"/conversations/{talk}").text
    assert f'id="meant-{message}"' in page
    answer = agent.post(f"/messages/{message}/label", fetched=True, intent="check_suspicious")
    assert answer.get_json()["to"] == f"/conversations/{talk}"
    assert "人工标注：辨真假" in agent.get(f"/conversations/{talk}").text


@pytest.fixture
def url(app: Flask, people: dict[str, Staff]) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
def test_on_a_phone_with_one_tap(url: str, database: Database, resident: Resident, unclear: uuid.UUID) -> None:
    texter = Resident(resident.database, resident.settings, Channel.SMS, "+8617000000001")
    texter.says("https://" + "x" * 80 + ".example 这个是啥", intent="out_of_scope", unsure=True)
    with browser() as running:
        page = sign_in(running.new_context(viewport={"width": 390, "height": 800}), url, "agent")
        for which in ("unsure", "corrected", "unlabelled", "labelled"):
            page.goto(f"{url}/learning?which={which}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, which
        page.goto(f"{url}/learning")
        lesson = page.locator(f"#lesson-{unclear}")
        _picture(page, "learning-phone")
        lesson.locator("button.chip:has-text('举报线索')").first.click()
        expect(lesson).to_have_count(0)
        expect(page.locator("#toast")).to_have_text("已标为“举报线索”。")
        with database.transaction() as session:
            talk = session.get_one(Message, unclear).conversation_id
        page.goto(f"{url}/conversations/{talk}")
        bubble = page.locator(f"#m-{unclear}")
        expect(bubble.locator(".signed")).to_have_text("人工标注：举报线索")
        bubble.locator("button.chip:has-text('辨真假')").first.click()
        expect(bubble.locator(".signed")).to_have_text("人工标注：辨真假")
        bubble.locator("summary").click()
        _picture(page, "learning-talk-phone")
        bubble.locator("details button.chip:has-text('不用来训练')").click()
        expect(bubble.locator(".signed")).to_have_text("人工标注：不用来训练")
        expect(bubble.locator("details")).not_to_have_attribute("open", "")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1280, "height": 800})
        _picture(page, "learning-talk-wide")
        page.goto(f"{url}/learning?which=labelled")
        _picture(page, "learning-wide")
        page.goto(f"{url}/learning?which=unlabelled")
        _picture(page, "learning-unlabelled")
    assert given(database) == [("report_tip", "agent"), ("check_suspicious", "agent"), ("", "agent")]


def _picture(page, name):  # type: ignore[no-untyped-def]
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)
