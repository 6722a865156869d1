"""The board and a card in a real browser: seen, heard, taken with one key, lost, typed off, changed by two."""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from bot.sweep import Sweep
from conversations.inbound import Kind
from conversations.models import Staff
from stops import cards
from stops.models import StopCard, StopEvent
from stops.record import changes_of
from storage.engine import Database
from tests.console.browsing import NEEDS_CHROMIUM, OpenAs, becomes
from tests.console.conftest import Clock
from tests.console.residents import LOSS, Resident, add_staff, opens_card

# Real sounds and notices, counted.
LISTEN = """
window.tones = 0;
const tone = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones++; return tone.call(this); };
window.notices = [];
window.Notification = class extends Notification {
  constructor(title, options) { super(title, options); window.notices.push([title, options.body]); }
};
"""
NOTICES = ("notifications",)
CLIPBOARD = ("clipboard-read", "clipboard-write")
Card = Callable[..., StopCard]
pytestmark = NEEDS_CHROMIUM


@pytest.fixture(autouse=True)
def second_officer(people: dict[str, Staff], database: Database) -> Staff:
    with database.transaction() as session:
        return add_staff(session, "other", "陈警官", "officer")


@pytest.fixture
def card(resident: Resident) -> Card:
    """Cards of one resident after another."""

    def open_one(minutes: float = 0, words: str = "我刚被骗了", facts: object = LOSS) -> StopCard:
        somebody = Resident(resident.database, resident.settings, sender=f"oTest0000{uuid.uuid4().hex[:6]}")
        return opens_card(resident.database, somebody.says(words), facts, minutes=minutes)  # type: ignore[arg-type]

    return open_one


def silent_for(app: Flask, clock: Clock, **span: float) -> None:
    """As if holders had given no further sign of life for so long; then what the worker does every five seconds."""
    database = app.extensions["console"].database
    with database.transaction() as session:
        session.execute(update(StopCard).values(seen_at=StopCard.seen_at - timedelta(**span)))
    Sweep(database, clock).run()


def test_a_new_card_is_seen_heard_and_noticed(open_as: OpenAs, url: str, card: Card, faults: list[str]) -> None:
    page = open_as("officer", script=LISTEN, permissions=NOTICES)
    page.goto(f"{url}/cards")
    expect(page.locator(".empty")).to_be_visible()
    page.click(".empty")
    expect(page.locator("[data-sound]")).to_have_text("提示音：开")
    assert page.evaluate("window.tones") == 0
    page.evaluate("window.same = true")
    opened = card(words="我刚被骗了32000,打我17000000001")
    row = page.locator(f"#card-{opened.id}")
    expect(row).to_contain_text("新建")
    expect(row.locator("time")).to_contain_text("还剩 1")
    becomes(page, "window.tones > 0 && window.notices.length === 1")
    title, body = page.evaluate("window.notices[0]")
    assert (title, body) == ("有止付单等人接手", "请打开反诈专线工作台。")
    assert page.evaluate("window.same")  # nothing was loaded anew
    assert faults == []


def test_sound_says_what_is_true(open_as: OpenAs, url: str, card: Card) -> None:
    page = open_as("officer", script=LISTEN)
    page = page.context.new_page()  # not clicked yet
    page.goto(f"{url}/cards")
    button = page.locator("[data-sound]")
    expect(button).to_have_text("打开声音")
    opened = card()
    expect(page.locator(f"#alarm-{opened.id}")).to_be_visible()
    assert page.evaluate("window.tones") == 0
    button.click()
    expect(button).to_have_text("提示音：开")
    becomes(page, "window.tones >= 4")
    button.click()
    expect(button).to_have_text("提示音：关")
    before = page.evaluate("window.tones")
    second = card()
    expect(page.locator(f"#alarm-{second.id}")).to_be_visible()
    assert page.evaluate("window.tones") == before


def test_one_key_takes_the_most_pressing(open_as: OpenAs, url: str, card: Card, faults: list[str]) -> None:
    later, pressing = card(1, facts=None), card(14, facts=None)
    first, second = open_as("officer"), open_as("other")
    for page in (first, second):
        page.goto(f"{url}/cards")
    first.press("#find-number", "j")
    expect(first.locator("#find-number")).to_have_value("j")
    expect(second.locator(f"#card-{pressing.id} .hand")).to_contain_text("接手")
    first.locator("#find-number").blur()
    first.keyboard.press("j")
    first.wait_for_url(f"**/cards/{pressing.id}")
    expect(first.locator("#state")).to_have_text("已接手")
    expect(first.locator("#holder")).to_contain_text("您在办")
    row = second.locator(f"#card-{pressing.id}")
    expect(row.locator(".hand")).to_have_text("王警官在办")
    expect(second.locator(f"#alarm-{pressing.id}")).to_have_count(0)
    second.keyboard.press("j")
    second.wait_for_url(f"**/cards/{later.id}")
    second.goto(f"{url}/cards/{pressing.id}")
    expect(second.locator("#holder")).to_contain_text("王警官在办")
    expect(second.locator("#take")).to_have_count(0)
    assert faults == []


def test_on_a_card_the_key_takes_that_card(open_as: OpenAs, url: str, card: Card) -> None:
    card(14, facts=None)
    chosen = card(1, facts=None)
    page = open_as("officer")
    page.goto(f"{url}/cards/{chosen.id}")
    page.keyboard.press("j")
    expect(page.locator("#holder")).to_contain_text("您在办")
    page.keyboard.press("b")
    page.wait_for_url("**/cards")
    expect(page.locator(f"#card-{chosen.id} .hand")).to_have_text("您在办")


def test_a_silent_holder_is_warned_and_loses_the_card(
    open_as: OpenAs, url: str, card: Card, app: Flask, clock: Clock, faults: list[str]
) -> None:
    opened = card()
    first, second = open_as("officer"), open_as("other")
    second.goto(f"{url}/cards")
    first.goto(f"{url}/cards/{opened.id}")
    first.keyboard.press("j")
    expect(first.locator("#holder")).to_contain_text("您在办")
    silent_for(app, clock, minutes=2, seconds=20)
    first.evaluate("dispatchEvent(new Event('refresh-all'))")
    expect(first.locator(f"#going-{opened.id}")).to_contain_text("秒后会交给别人")
    first.locator(f"#going-{opened.id} button").click()
    expect(first.locator(f"#going-{opened.id}")).to_have_count(0)
    silent_for(app, clock, minutes=2)
    expect(second.locator(f"#card-{opened.id} .hand")).to_have_text("王警官在办")
    silent_for(app, clock, minutes=1, seconds=30)
    expect(second.locator(f"#alarm-{opened.id}")).to_be_visible()
    expect(second.locator(f"#card-{opened.id} .hand button")).to_be_visible()
    expect(first.locator("#holder")).to_have_text("还没有人接手")
    expect(first.locator("#state")).to_have_text("新建")
    expect(first.locator(".history")).to_contain_text("3分钟没有动静，放回队列")
    second.keyboard.press("j")
    second.wait_for_url(f"**/cards/{opened.id}")
    expect(first.locator("#holder")).to_contain_text("陈警官在办")
    assert faults == []


def test_taking_over_and_giving_back(open_as: OpenAs, url: str, card: Card) -> None:
    opened = card()
    first, second = open_as("officer"), open_as("other")
    for page in (first, second):
        page.goto(f"{url}/cards/{opened.id}")
    first.keyboard.press("j")
    expect(second.locator("#holder")).to_contain_text("王警官在办")
    second.click("#over summary")
    second.fill("#over-note", "他在出警")
    second.click("#over button")
    expect(second.locator("#holder")).to_contain_text("您在办")
    expect(first.locator("#holder")).to_contain_text("陈警官在办")
    expect(first.locator(".history")).to_contain_text("王警官 → 陈警官：他在出警")
    second.on("dialog", lambda dialog: dialog.accept())
    second.click("button:has-text('放回队列')")
    second.wait_for_url("**/cards")
    expect(first.locator("#take button")).to_be_visible()


def test_every_field_is_copied(open_as: OpenAs, url: str, card: Card) -> None:
    page = open_as("officer", permissions=CLIPBOARD)
    page.goto(f"{url}/cards/{card().id}")
    for label, copied in [
        ("收款账号", "6222000000001234"),
        ("收款户名", "某某商贸公司"),
        ("金额", "32000.00"),
        ("到账方式", "实时到账"),
        ("付款银行或平台", "中国建设银行"),
    ]:
        page.click(f".payment .sheet > div:has(dt:text-is('{label}')) [data-copy]")
        expect(page.locator("#toast")).to_have_text("已复制")
        assert page.evaluate("navigator.clipboard.readText()") == copied
    page.click(".phone [data-copy]")
    assert page.evaluate("navigator.clipboard.readText()") == "17000000001"
    page.keyboard.press("c")
    becomes(page, "navigator.clipboard.readText().then((text) => text.includes('收款户名：某某商贸公司'))")


def test_the_second_sees_what_changed_and_overwrites_nothing(
    open_as: OpenAs, url: str, card: Card, database: Database, faults: list[str]
) -> None:
    opened = card()
    first, second = open_as("officer"), open_as("other")
    for page in (first, second):
        page.goto(f"{url}/cards/{opened.id}")
        page.click("#amend-1 summary")
    second.fill("#f-1-payee_bank", "中国工商银行")
    first.fill("#f-1-payee_bank", "中国农业银行")
    first.fill("#f-1-payer_account", "6222 0000 0000 0009")
    first.click("#fields-1 .send .main")
    expect(first.locator("#toast")).to_have_text("已保存。")
    # What the second types stays, though the card around it is already new.
    expect(second.locator(".payment .sheet")).to_contain_text("中国农业银行")
    expect(second.locator("#f-1-payee_bank")).to_have_value("中国工商银行")
    second.click("#fields-1 .send .main")
    note = second.locator("#fields-1 .form-note")
    expect(note).to_contain_text("还没有保存。王警官")
    expect(note).to_contain_text("收款银行：中国农业银行")
    expect(second.locator("#now-f-1-payee_bank")).to_contain_text("别人刚改成：中国农业银行")
    expect(second.locator("#f-1-payee_bank")).to_have_value("中国工商银行")
    expect(second.locator("#f-1-payer_account")).to_have_value("6222000000000009")
    assert bank_of(database, opened.id) == ("中国农业银行", "6222000000000009")
    second.click("#fields-1 .send .main")
    expect(second.locator("#toast")).to_contain_text("已保存。")
    expect(first.locator(".payment .sheet")).to_contain_text("中国工商银行")
    assert bank_of(database, opened.id) == ("中国工商银行", "6222000000000009")
    assert faults == []


def bank_of(database: Database, card_id: uuid.UUID) -> tuple[str, str]:
    with database.transaction() as session:
        loaded = cards.load(session, card_id)
        assert loaded is not None
        return loaded.transfers[0].payee_bank, loaded.transfers[0].payer_account


def test_two_who_change_different_fields_both_have_their_way(
    open_as: OpenAs, url: str, card: Card, database: Database
) -> None:
    opened = card()
    first, second = open_as("officer"), open_as("other")
    for page in (first, second):
        page.goto(f"{url}/cards/{opened.id}")
        page.click("#amend-1 summary")
    second.fill("#f-1-payer_account", "6222000000000009")
    first.fill("#f-1-payee_bank", "中国农业银行")
    first.click("#fields-1 .send .main")
    expect(second.locator(".payment .sheet")).to_contain_text("中国农业银行")
    second.click("#fields-1 .send .main")
    expect(second.locator("#toast")).to_contain_text("王警官")
    assert bank_of(database, opened.id) == ("中国农业银行", "6222000000000009")
    expect(second.locator("#f-1-payee_bank")).to_have_value("中国农业银行")
    with database.transaction() as session:  # and nothing a browser only wrote differently
        kept = session.scalars(select(StopEvent).where(StopEvent.what == "amended")).all()
        assert sorted(change.field for event in kept for change in changes_of(event)) == [
            "1.payee_bank",
            "1.payer_account",
        ]


def test_giving_up_what_one_typed(open_as: OpenAs, url: str, card: Card) -> None:
    page = open_as("officer")
    page.goto(f"{url}/cards/{card().id}")
    page.click("#amend-0 summary")
    page.fill("#f-0-victim_name", "写错了")
    page.click("#fields-0 [data-undo]")
    expect(page.locator("#f-0-victim_name")).to_have_value("张三")
    expect(page.locator("#fields-0 [data-undo]")).to_be_hidden()


def test_typed_off_the_picture_beside_it(open_as: OpenAs, url: str, resident: Resident) -> None:
    conversation = resident.says("我刚被骗了")
    resident.sends(Kind.IMAGE, picture(), "image/png")
    opened = opens_card(resident.database, conversation)
    page = open_as("officer", 1440)
    page.goto(f"{url}/cards/{opened.id}")
    page.keyboard.press("j")
    expect(page.locator("#holder")).to_contain_text("您在办")
    page.reload()
    image, field = page.locator("#pictures-1 img"), page.locator("#f-1-payee_account")
    expect(field).to_be_visible()
    becomes(page, "document.querySelector('#pictures-1 img').naturalWidth > 0")
    shown, typed = image.bounding_box(), field.bounding_box()
    assert shown and typed
    assert shown["x"] + shown["width"] <= typed["x"]
    assert shown["y"] <= typed["y"] <= shown["y"] + shown["height"]
    field.fill("6222 0000 0000 0000 094")
    page.fill("#f-1-amount", "8820.5")
    page.fill("#f-1-transferred_at", "2026-03-01T14:05:09")
    page.click("#fields-1 .send .main")
    sheet = page.locator(".payment .sheet")
    expect(sheet).to_contain_text("6222 0000 0000 0000 094")
    expect(sheet).to_contain_text("8,820.50 元")
    expect(sheet).to_contain_text("2026-03-01 14:05:09")


def picture() -> bytes:
    """A grey PNG, taller than wide."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    lines = b"".join(b"\x00" + b"\xcc" * 90 for _ in range(160))
    head = struct.pack(">IIBBBBB", 90, 160, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b"")


def test_answering_beside_the_card(open_as: OpenAs, url: str, resident: Resident) -> None:
    conversation = resident.says("我刚被骗了")
    opened = opens_card(resident.database, conversation, LOSS)
    page = open_as("officer")
    page.goto(f"{url}/cards/{opened.id}")
    expect(page.locator(".bubble.in .text")).to_have_text("我刚被骗了")
    page.click("#desk button:has-text('接手会话')")
    page.fill("#reply-text", "j我马上打给您")
    page.press("#reply-text", "Control+Enter")
    expect(page.locator(".bubble.staff .text")).to_have_text("j我马上打给您")
    assert page.url == f"{url}/cards/{opened.id}"
    expect(page.locator("#holder")).to_have_text("还没有人接手")  # answering is not taking the card
    resident.says("好的")
    expect(page.locator(".bubble.in .text").last).to_have_text("好的")


def test_a_card_on_a_phone(open_as: OpenAs, url: str, card: Card) -> None:
    opened = card()
    page = open_as("officer", 390)
    page.goto(f"{url}/cards")
    expect(page.locator("kbd").first).to_be_hidden()
    page.click(f"#card-{opened.id} .hand button")
    page.wait_for_url(f"**/cards/{opened.id}")
    phone = page.locator("#phone")
    expect(phone).to_be_in_viewport()
    assert phone.get_attribute("href") == "tel:17000000001"
    box = phone.bounding_box()
    assert box
    assert box["height"] >= 44
    fits(page)
    page.click("#amend-1 summary")
    fits(page)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
