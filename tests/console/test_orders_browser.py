"""Warning orders in a real browser: the whole way by hand, live on a second desk, and on a phone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from console import order_words
from conversations.models import Message
from stops.orders.models import WarningOrder
from storage.engine import Database
from tests.console.browsing import CHROMIUM, sign_in
from tests.stops.orders.sheets import HEADER, as_csv, as_xlsx, row

OpenAs = Callable[..., Page]
pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")


@pytest.fixture
def open_as(chromium: Browser, url: str) -> Iterator[OpenAs]:
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(login: str, width: int = 1280) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800}, timezone_id="Asia/Shanghai")
        contexts.append(context)
        page = sign_in(context, url, login)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def test_the_whole_way_by_hand_and_live(open_as: OpenAs, url: str, database: Database) -> None:
    board, page = open_as("officer"), open_as("officer")
    board.goto(f"{url}/cards")  # orders stand among the cards
    page.goto(f"{url}/orders")
    page.click("text=登记或导入")
    page.wait_for_url("**/orders/new")
    page.wait_for_load_state()  # its script has run
    page.fill("#f-number", "A-1")
    page.fill("#f-phone", "1700")
    page.click("button:has-text('登记')")
    expect(page.locator(".form-note").first).to_contain_text("不是电话号码")
    expect(page.locator("#f-number")).to_have_value("A-1")
    page.fill("#f-phone", "17000000001")
    page.fill("#f-name", "张三")
    page.click("button:has-text('登记')")
    expect(page.locator("h1")).to_have_text("A-1")
    listed = board.locator(".row", has_text="A-1")
    expect(listed).to_contain_text("170****0001")
    expect(listed.locator(".clock")).to_contain_text("还剩")
    page.click("#amend summary")
    page.fill("#amend-phone", "17000000002")
    page.fill("#amend-note", "本人换号")
    page.click("#amend-form button")
    expect(listed).to_contain_text("170****0002")
    expect(page.locator(".history")).to_contain_text("手机号：17000000001 → 17000000002")
    page.click("#do-sign button")
    expect(listed).to_contain_text("已签收")
    page.click("#do-text button")
    expect(page.locator(".history")).to_contain_text("发短信")
    expect(page.locator("#order-text")).to_have_value("")
    page.select_option("#outcome", "stopped")
    page.fill("#attempt-note", "答应不转")
    page.click("#do-attempt button")
    expect(page.locator(".history")).to_contain_text("答应不转")
    page.fill("#feedback-note", "已劝住")
    page.click("#do-feedback button")
    page.select_option("#rating", "good")
    page.click("#do-review button")
    expect(page.locator(".title .tag").first).to_have_text("已评价")
    expect(listed).to_have_count(0)
    with database.transaction() as session:
        assert session.scalars(select(Message.author)).all() == ["staff"]


def test_a_list_is_imported(open_as: OpenAs, url: str, database: Database) -> None:
    page = open_as("officer")
    page.goto(f"{url}/orders/new")
    rows = [HEADER, row("YJ-1"), row("YJ-2", phone="不详"), row("YJ-3")]
    page.set_input_files(
        "#file", {"name": "三月.xlsx", "mimeType": "application/octet-stream", "buffer": as_xlsx(rows)}
    )
    page.click("button:has-text('导入')")
    expect(page.locator("#errors li")).to_have_text("文件“三月.xlsx”第 3 行“手机号”：不是电话号码，请核对")
    page.click("text=看预警指令")
    expect(page.locator(".rows .row")).to_have_count(2)


def test_it_fits_a_phone(open_as: OpenAs, url: str, database: Database) -> None:
    page = open_as("officer", 390)
    page.goto(f"{url}/orders/new")
    content = as_csv(
        [HEADER, row("YJ-2026-0000-0000-0000-0000-0001", name="长" * 30, fraud="骗" * 60), row("A", phone="x")]
    )
    page.set_input_files("#file", {"name": "一.csv", "mimeType": "text/csv", "buffer": content})
    page.click("button:has-text('导入')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with database.transaction() as session:
        order_id: uuid.UUID = session.scalars(select(WarningOrder.id)).one()
    for path in ("/orders", "/orders/new", f"/orders/{order_id}"):
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.click("#do-sign button")
    expect(page.locator("#do-attempt")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert order_words.STATES["signed"] in page.content()
