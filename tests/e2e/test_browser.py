"""The sandbox page and the console in a real browser, on one running hotline: what a new user sees first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from handlers.words import general, urgent
from tests.console.browsing import CHROMIUM, becomes, browser, sign_in
from tests.console.residents import PASSWORD
from tests.e2e.records import Records
from tests.e2e.residents import Phone, Sandbox, Sms, Wechat
from tests.e2e.stack import Stack
from tests.e2e.test_media import png

PEOPLE = {"li": ("小李", "agent"), "zhao": ("小赵", "agent"), "wang": ("王警官", "officer")}
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
LOSS = "我刚才被骗了,转了两万块给对方"
OpenAs = Callable[..., Page]
pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        expect.set_options(timeout=30_000)
        yield running


@pytest.fixture(scope="module")
def staff(hotline: Stack) -> None:
    for login, (name, role) in PEOPLE.items():
        hotline.command("staff", "add", login, "--name", name, "--role", role, "--password", PASSWORD)


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    made: list[BrowserContext] = []
    yield made
    for context in made:
        context.close()


@pytest.fixture
def open_as(chromium: Browser, hotline: Stack, staff: None, contexts: list[BrowserContext]) -> OpenAs:
    """The console with somebody signed in; on a phone if told so."""

    def open_page(login: str, viewport: dict[str, int] = DESK) -> Page:
        contexts.append(chromium.new_context(viewport=viewport))  # type: ignore[arg-type]
        return sign_in(contexts[-1], hotline.url("console"), login)

    return open_page


@pytest.fixture
def playing(chromium: Browser, sandbox: Sandbox, contexts: list[BrowserContext]) -> Iterator[Page]:
    """The sandbox page, as one resident each on WeChat and SMS; nothing in it may fail."""
    contexts.append(chromium.new_context(viewport=PHONE))  # type: ignore[arg-type]
    page = contexts[-1].new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(sandbox.url)
    for channel in ("wechat", "sms"):
        expect(page.locator(f"#{channel}-person")).not_to_have_value("")
        before = page.input_value(f"#{channel}-person")
        page.click(f"#{channel}-new")
        expect(page.locator(f"#{channel}-person")).not_to_have_value(before)
    yield page
    assert faults == []


def _player(page: Page, sandbox: Sandbox, channel: str) -> Phone:
    sender = page.input_value(f"#{channel}-person")
    return Wechat(sandbox, sender) if channel == "wechat" else Sms(sandbox, sender)


def _say(page: Page, channel: str, text: str) -> None:
    page.fill(f"#{channel}-text", text)
    page.press(f"#{channel}-text", "Enter")


def _heard(channel: str) -> str:
    """Everything the hotline said on one phone of the sandbox page."""
    return "#wechat-talk .theirs .bubble" if channel == "wechat" else "#sms-talk [data-direction=mt] .bubble"


def _open(desk: Page, hotline: Stack, conversation: str) -> None:
    desk.goto(f"{hotline.url('console')}/conversations/{conversation}")


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_loss_played_on_wechat_is_seen_and_answered_at_the_desk(
    playing: Page, open_as: OpenAs, sandbox: Sandbox, records: Records, hotline: Stack, tmp_path: Path
) -> None:
    """Given an officer at the list, when somebody plays a loss in the sandbox page, then alarm and conversation appear
    without a reload; reply, picture, new words and the bot's return pass between the two pages."""
    desk = open_as("wang")
    desk.evaluate("window.here = true")  # gone after any reload
    _say(playing, "wechat", LOSS)

    expect(playing.locator("[data-via=passive] .bubble")).to_have_text(urgent.ADVICE)
    expect(playing.locator("[data-via=custom] .bubble")).to_have_text(urgent.ASK_CALLBACK)
    expect(playing.locator("[data-via=resident] .caption")).to_have_text(re.compile("^已送达"))
    victim = _player(playing, sandbox, "wechat")
    conversation, card = records.id_of(victim), records.card(victim)
    expect(desk.locator(f"#alarm-{card['id']}")).to_contain_text(card["number"])
    expect(desk.locator(f"#row-{conversation}")).to_contain_text("紧急止付")
    assert desk.evaluate("window.here")

    desk.click(f"#row-{conversation} a")
    desk.click("#desk button:has-text('接手')")
    desk.fill("#reply-text", "您好,我是值班民警。")
    desk.dblclick("#send")
    told = playing.locator("[data-via=custom] .bubble")
    expect(told.last).to_have_text("您好,我是值班民警。")
    expect(desk.locator(".bubble.staff .delivery")).to_have_text("已发出")
    expect(told).to_have_count(2)

    picture = tmp_path / "transfer.png"
    picture.write_bytes(png(victim.sender))
    playing.set_input_files("[data-kind=image]", picture)
    shown = desk.locator(".bubble.in .picture img")
    expect(shown).to_be_visible()
    becomes(desk, "document.querySelector('.picture img').naturalWidth === 1")
    _say(playing, "wechat", "是从工商银行转的")
    expect(desk.locator(".bubble.in .text").last).to_have_text("是从工商银行转的")
    said = playing.locator(_heard("wechat"))
    expect(playing.locator("[data-via=resident] .caption").last).to_have_text(re.compile("^已送达"))
    expect(said).to_have_count(3)

    desk.click("button:has-text('交回机器人')")
    expect(desk.locator("#desk button:has-text('接手')")).to_be_visible()
    _say(playing, "wechat", "17000000001")
    expect(said).to_have_count(4)
    expect(said.last).to_contain_text(urgent.ASK_PAYEE)
    assert _fits(playing)


def test_who_texts_for_a_person_is_answered_from_a_phone(
    playing: Page, open_as: OpenAs, sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given an agent with the console on a phone, when somebody plays a texter who wants a person, then they appear in
    the list; a reply with a link is refused with the reason, a fitting one arrives, and the bot stays silent."""
    desk = open_as("li", PHONE)
    _say(playing, "sms", "转人工")
    heard = playing.locator(_heard("sms"))
    expect(heard).to_contain_text(["已转工作人员"])
    texter = _player(playing, sandbox, "sms")
    row = desk.locator(f"#row-{records.id_of(texter)}")
    expect(row).to_contain_text("转人工")
    assert texter.sender.removeprefix("+86") not in desk.content()
    assert _fits(desk)

    row.locator("a").click()
    desk.wait_for_url("**/conversations/*")  # and its scripts: before, the page posts its forms whole
    desk.click("#desk button:has-text('接手')")
    desk.fill("#reply-text", "请看 http://help-0000.example")
    desk.click("#send")
    expect(desk.locator("#reply .form-note")).to_contain_text("网址")
    desk.fill("#reply-text", "您好,请问什么事?")
    desk.click("#send")
    expect(heard.last).to_have_text("您好,请问什么事?")
    expect(desk.locator(".bubble.staff .delivery")).to_have_text("已送达")
    _say(playing, "sms", "你好")
    expect(desk.locator(".bubble.in .text").last).to_have_text("你好")
    assert _fits(desk)

    desk.on("dialog", lambda dialog: dialog.accept())
    desk.click("button:has-text('结束')")
    expect(desk.locator(".empty")).to_be_visible()
    _say(playing, "sms", "谢谢")
    expect(heard).to_have_text([re.compile("已转工作人员"), "您好,请问什么事?", general.THANKS])


def test_of_two_at_one_conversation_one_has_it_until_an_officer_takes_over(
    open_as: OpenAs, sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given a waiting conversation on two screens, when both people take it, then one gets it and the other is told
    who; an officer who says why takes it over, and is the one whose words arrive."""
    resident = sandbox.wechat()
    resident.says("转人工")
    conversation = records.id_of(resident)
    first, second, officer = (open_as(login) for login in ("li", "zhao", "wang"))
    for desk in (first, second, officer):
        _open(desk, hotline, conversation)
    second.route("**/fragments/**", lambda route: route.abort())  # this screen is behind the times
    first.click("#desk button:has-text('接手')")
    expect(first.locator("#reply-text")).to_be_visible()
    second.click("#desk button:has-text('接手')")
    expect(second.locator("#desk .form-note").first).to_have_text("这个会话由小李在处理。")
    expect(second.locator("#over")).to_have_count(0)

    expect(officer.locator("#desk .taken")).to_have_text("这个会话由小李在处理。")
    officer.click("#over summary")
    officer.select_option("#over-reason", label="下班或休假")
    officer.click("button:has-text('接过来')")
    officer.fill("#reply-text", "我来接着办。")
    officer.click("#send")
    resident.wait("我来接着办。")
    expect(first.locator("#desk .taken")).to_have_text("这个会话由王警官在处理。")
    expect(first.locator("#reply-text")).to_be_hidden()
    assert records.ask("SELECT detail FROM audit_entries WHERE action = 'take_over'")[0][0].startswith("off_duty")
