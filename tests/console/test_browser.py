"""The console in a real browser: two people, one conversation, live."""

from __future__ import annotations

from playwright.sync_api import expect

from conversations.inbound import Channel
from conversations.models import Staff
from storage.engine import Database
from tests.console.browsing import NEEDS_CHROMIUM, OpenAs, becomes
from tests.console.residents import LOSS, Resident, opens_card, outgoing, waits

COUNT_TONES = """
window.tones = 0;
const real = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones++; return real.call(this); };
void 0;
"""
pytestmark = NEEDS_CHROMIUM


def test_two_people_and_a_nervous_click(
    open_as: OpenAs, url: str, resident: Resident, database: Database, faults: list[str]
) -> None:
    conversation = resident.says("转人工")
    waits(database, conversation)
    first, second = open_as("agent"), open_as("second")
    for page in (first, second):
        page.goto(f"{url}/conversations/{conversation}")
    first.click("button:has-text('接手')")
    expect(first.locator("#reply-text")).to_be_visible()
    expect(second.locator("#desk .taken")).to_have_text("这个会话由小李在处理。")
    expect(second.locator("#reply-text")).to_be_hidden()
    first.fill("#reply-text", "您好,请说。")
    first.dblclick("#send")
    expect(first.locator(".bubble.staff")).to_have_count(1)
    expect(first.locator("#reply-text")).to_have_value("")
    expect(second.locator(".bubble.staff .text")).to_have_text("您好,请说。")
    first.fill("#reply-text", "还在吗")
    first.press("#reply-text", "Control+Enter")
    expect(first.locator(".bubble.staff")).to_have_count(2)
    assert [message.text for message in outgoing(database, conversation)] == ["您好,请说。", "还在吗"]
    assert faults == []


def test_a_new_message_appears_while_one_types(
    open_as: OpenAs, url: str, resident: Resident, database: Database, faults: list[str]
) -> None:
    conversation = resident.says("转人工")
    waits(database, conversation)
    page = open_as("agent")
    page.goto(f"{url}/conversations/{conversation}")
    page.click("button:has-text('接手')")
    expect(page.locator("#reply-text")).to_be_visible()
    page.locator("#reply-text").press_sequentially("正在写")
    page.evaluate("document.getElementById('reply-text').dataset.same = 'yes'")
    resident.says("我想补充一句")
    expect(page.locator(".bubble.in .text").last).to_have_text("我想补充一句")
    page.keyboard.type("给您")
    expect(page.locator("#reply-text")).to_have_value("正在写给您")
    assert page.evaluate("document.getElementById('reply-text').dataset.same") == "yes"
    expect(page.locator(".facts")).to_have_attribute("open", "")
    assert faults == []


def test_reading_back_is_not_disturbed(open_as: OpenAs, url: str, resident: Resident) -> None:
    for number in range(40):
        conversation = resident.says(f"第{number}句")
    page = open_as("agent")
    page.goto(f"{url}/conversations/{conversation}")
    expect(page.locator(".bubble").last).to_be_in_viewport()
    page.evaluate("document.getElementById('thread').scrollTop = 100")
    becomes(page, "document.getElementById('thread').scrollTop === 100")
    resident.says("新的一句")
    expect(page.locator("#jump")).to_be_visible()
    assert page.evaluate("document.getElementById('thread').scrollTop") == 100
    page.click("#jump")
    expect(page.locator(".bubble").last).to_be_in_viewport()
    expect(page.locator("#jump")).to_be_hidden()


def test_a_new_card_raises_the_alarm(open_as: OpenAs, url: str, resident: Resident, database: Database) -> None:
    page = open_as("officer")
    page.goto(f"{url}/tips")
    page.evaluate(COUNT_TONES)
    page.click("h1")
    assert page.title().startswith("反诈")
    card = opens_card(resident.database, resident.says("被骗了"), LOSS)
    expect(page.locator(f"#alarm-{card.id}")).to_be_visible()
    expect(page).to_have_title("(1) 反诈专线工作台")
    becomes(page, "window.tones > 0")
    page.click(f"#alarm-{card.id}")
    expect(page.locator("h1")).to_have_text(card.number)
    page.wait_for_load_state()  # before its scripts run, the page posts its forms whole
    page.click("#take button")
    expect(page.locator(f"#alarm-{card.id}")).to_have_count(0)
    page.click("#step-initiated")
    assert page.evaluate("document.activeElement.id") == "note"
    page.fill("#note", "14:05 文号")
    page.click("#step-initiated")
    expect(page.locator("#state")).to_have_text("已发起止付")
    expect(page.locator("#note")).to_have_value("")


def test_the_list_is_masked_and_live(open_as: OpenAs, resident: Resident, database: Database) -> None:
    page = open_as("agent")
    texter = Resident(resident.database, resident.settings, Channel.SMS, "+8617000000001")
    conversation = texter.says("打我17000000002")
    waits(resident.database, conversation)
    row = page.locator(f"#row-{conversation}")
    expect(row).to_contain_text("170****0001")
    expect(row).to_contain_text("170****0002")
    assert "17000000001" not in page.content()


def test_it_fits_a_phone(open_as: OpenAs, url: str, resident: Resident, database: Database) -> None:
    conversation = resident.says("转人工" * 30 + "https://" + "x" * 80 + ".example")
    waits(database, conversation)
    card = opens_card(database, conversation, LOSS)
    page = open_as("officer", 390)
    for path in (
        "/inbox",
        f"/conversations/{conversation}",
        "/cards",
        f"/cards/{card.id}",
        "/tips",
        "/claims",
        "/account",
    ):
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto(f"{url}/conversations/{conversation}")
    expect(page.locator("#desk button:has-text('接手')")).to_be_in_viewport()


def test_signed_out_while_writing(
    open_as: OpenAs, url: str, resident: Resident, database: Database, people: dict[str, Staff]
) -> None:
    conversation = resident.says("转人工")
    page = open_as("agent")
    page.goto(f"{url}/conversations/{conversation}")
    page.click("button:has-text('接手')")
    page.fill("#reply-text", "写到一半")
    page.context.clear_cookies()
    page.click("#send")
    expect(page.locator("#offline a")).to_be_visible()
    expect(page.locator("#reply-text")).to_have_value("写到一半")
    with page.context.expect_page() as opened:
        page.click("#offline a")
    other = opened.value
    other.fill("#login", "agent")
    other.fill("#password", "correct-horse-9")
    other.click("button.main")
    other.wait_for_selector("#bar nav")
    page.bring_to_front()
    expect(page.locator("#offline")).to_be_hidden(timeout=15_000)
    page.click("#send")
    expect(page.locator(".bubble.staff")).to_have_count(1)
