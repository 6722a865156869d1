"""The page in a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.sandbox.conftest import Sandbox
from tests.sandbox.intake import Delivery, Intake
from tests.sandbox.test_wechat_api import PNG

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def page(sandbox: Sandbox) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(sandbox.url)
        yield page
        browser.close()
        # after a reset the page asks once for somebody who is gone
        assert [problem for problem in problems if "404" not in problem] == []


def test_a_conversation_on_both_phones(page: Page, sandbox: Sandbox, intake: Intake, tmp_path: Path) -> None:
    def answer(delivery: Delivery, here: Intake) -> tuple[int, bytes]:
        return 200, here.reply(
            delivery, "收到：" + str(delivery.message.get("Content") or delivery.message.get("EventKey"))
        )

    intake.answer = answer
    expect(page.locator("#hotline-state")).to_have_attribute("data-state", "online")
    expect(page.locator("#wechat-person option")).to_have_count(1)
    page.click("#wechat-follow")
    expect(page.locator("#wechat-follow-bar")).to_be_hidden()
    page.click("[data-menu=举报]")
    page.fill("#wechat-text", "<b>在吗</b>")
    page.press("#wechat-text", "Enter")
    talk = page.locator("#wechat-talk")
    expect(talk.locator("[data-via=passive] .bubble").last).to_have_text("收到：<b>在吗</b>")
    expect(talk.locator("[data-via=passive] .bubble").nth(1)).to_have_text("收到：举报")
    expect(talk.locator("[data-via=resident] .caption").last).to_have_text(re.compile("已送达"))

    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    page.set_input_files("[data-kind=image]", picture)
    expect(talk.locator("[data-kind=image] img")).to_be_visible()
    assert sandbox.custom_send(page.input_value("#wechat-person"), "我是工作人员") == 0
    expect(talk.locator("[data-via=custom] .bubble")).to_have_text("我是工作人员")

    page.fill("#sms-text", "真的吗" * 30)
    expect(page.locator("#sms-count")).to_have_text("90 字 · 2 条")
    page.click("#sms-send")
    expect(page.locator("#sms-talk [data-direction=mo] .meta")).to_have_text("2 条 · 已送达专线")
    assert intake.texts[0]["from"] == page.input_value("#sms-person")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_panel_says_what_is_in_force(page: Page, sandbox: Sandbox) -> None:
    page.click("#panel summary")
    page.select_option("[data-section=custom_send] [name=errcode]", "45047")
    page.fill("#panel-times", "2")
    page.click("#panel-form [type=submit]")
    expect(page.locator("#panel-badge")).to_be_visible()
    assert sandbox.get("/api/misbehave") == {"custom_send": {"errcode": 45047, "times": 2}}
    page.click("#panel-clear")
    expect(page.locator("#panel-badge")).to_be_hidden()
    assert sandbox.get("/api/misbehave") == {}


def test_somebody_is_there_again_after_a_reset(page: Page, sandbox: Sandbox) -> None:
    before = page.locator("#wechat-person option")
    expect(before).to_have_count(1)
    gone = page.input_value("#wechat-person")
    sandbox.http.delete(sandbox.url + "/api/state", timeout=30)
    expect(page.locator("#wechat-person")).not_to_have_value(gone)
    expect(page.locator("#sms-person option")).to_have_count(1)
