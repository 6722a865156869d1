"""The golden half hour from the first words to the closed card, played on both sides in a browser.

A resident on WeChat in the sandbox page, an officer at the board. ``PICTURES=folder`` keeps a picture of every step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from handlers.words import urgent
from stops.telling import words as told_of
from storage.clock import CHINA, utc_now
from tests.console.browsing import NEEDS_CHROMIUM, becomes, browser, sign_in
from tests.console.residents import PASSWORD
from tests.e2e.playing import Pictures, Victim
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Wechat
from tests.e2e.stack import Stack

PAYEE_CARD = "6222000011112223"  # made up, its check digit fits
CALLBACK = "17000000001"
ANSWERS = (
    (CALLBACK, urgent.ASK_PAYEE),
    (f"{PAYEE_CARD} 张小三 农业银行", "还差：到账方式"),  # amount and time were said with the first words
    ("实时到账，是十分钟前转的", "哪家银行或哪个支付平台"),
    ("工商银行手机银行", urgent.ASK_STORY),
    ("对方冒充京东客服，说我开了百万保障要取消", urgent.ASK_NAME),
    ("李小四", "请核对一下"),
    ("对", "都记好了"),
)
SEEN = """
window.rows = {};
new MutationObserver(() => {
  for (const row of document.querySelectorAll(".board > li")) window.rows[row.id] ??= Date.now();
}).observe(document, { childList: true, subtree: true });
"""
LIVE = 5.0  # seconds: half of what a page waits before it looks by itself
pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        expect.set_options(timeout=30_000)
        yield running


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    made: list[BrowserContext] = []
    yield made
    for context in made:
        context.close()


@pytest.fixture
def playing(chromium: Browser, sandbox: Sandbox, contexts: list[BrowserContext]) -> Page:
    """A new resident's WeChat."""
    contexts.append(chromium.new_context(viewport={"width": 390, "height": 844}))
    page = contexts[-1].new_page()
    page.goto(sandbox.url)
    expect(page.locator("#wechat-person")).not_to_have_value("")
    before = page.input_value("#wechat-person")
    page.click("#wechat-new")
    expect(page.locator("#wechat-person")).not_to_have_value(before)
    return page


@pytest.fixture
def empty_board(hotline: Stack, records: Records) -> None:
    """What other tests left on the board is out of the way."""
    records.ask("UPDATE stop_cards SET state = 'closed', state_by = (SELECT id FROM staff LIMIT 1), officer_id = NULL")


@pytest.fixture
def desk(chromium: Browser, hotline: Stack, empty_board: None, contexts: list[BrowserContext]) -> Page:
    """An officer's board."""
    words = ("--name", "钱警官", "--role", "officer", "--password", PASSWORD)
    hotline.command("staff", "add", "halfhour", *words)
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    contexts.append(context)
    url = hotline.url("console")
    context.grant_permissions(["clipboard-read", "clipboard-write", "notifications"], origin=url)
    context.add_init_script(SEEN)
    page = sign_in(context, url, "halfhour")
    page.goto(f"{url}/cards")
    return page


@pytest.fixture
def phone(chromium: Browser, hotline: Stack, desk: Page, contexts: list[BrowserContext]) -> Page:
    """The same officer's phone."""
    contexts.append(chromium.new_context(viewport={"width": 390, "height": 844}))
    return sign_in(contexts[-1], hotline.url("console"), "halfhour")


def _copied(desk: Page, label: str) -> str:
    desk.click(f".payment .sheet > div:has(dt:text-is('{label}')) [data-copy]")
    return str(desk.evaluate("navigator.clipboard.readText()"))


def _moves(desk: Page, victim: Victim, number: str, state: str, word: str, **stated: str) -> None:
    """The officer states what has been done; the card says so, and the resident is told in the approved words."""
    for field, value in stated.items():
        desk.fill(f"#{field}", value)
    desk.click(f"#step-{state}")
    expect(desk.locator("#state")).to_have_text(word)
    victim.hears(told_of()[state].wechat.format(number=number))


def test_the_whole_half_hour_on_both_sides(
    playing: Page, desk: Page, phone: Page, sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given an officer at the board, when a resident tells a loss, then it is there at once; it is taken by a key, told
    to the end, stopped twice, frozen and paid back, and closed with a reason; the resident hears of every state."""
    pictures, victim = Pictures(resident=playing, desk=desk, phone=phone), Victim(playing)

    victim.says("我刚才被骗了，转了两万块给对方")
    victim.hears(urgent.ADVICE)
    card = records.card(Wechat(sandbox, playing.input_value("#wechat-person")))
    number, path = card["number"], f"/cards/{card['id']}"
    row = desk.locator(f"#card-{card['id']}")
    expect(row).to_contain_text("新建")
    expect(desk.locator(f"#alarm-{card['id']}")).to_contain_text(number)
    shown_at = desk.evaluate(f"window.rows['card-{card['id']}']") / 1000
    delay = shown_at - datetime.fromisoformat(card["reported_at"]).timestamp()
    assert delay < LIVE, f"on the open board after {delay:.2f} s"
    expect(row.locator(".clock")).to_contain_text(re.compile("还剩 (29|30) 分"))
    phone.goto(f"{hotline.url('console')}/cards")
    pictures.take("first-words")

    desk.keyboard.press("j")
    desk.wait_for_url(f"**{path}")
    expect(desk.locator("#state")).to_have_text("已接手")
    victim.hears(told_of()["accepted"].wechat.format(number=number))
    phone.goto(hotline.url("console") + path)
    pictures.take("taken")

    victim.hears(urgent.ASK_CALLBACK)
    for said, expected in ANSWERS:
        victim.says(said)
        victim.hears(expected)
    expect(desk.locator("#phone")).to_have_text(CALLBACK)
    expect(desk.locator(".case-facts .lacking")).to_have_count(0)
    expect(desk.locator(".call .tag.good")).to_have_text("居民已核对")
    assert [_copied(desk, label) for label in ("收款账号", "收款户名", "收款银行")] == [
        PAYEE_CARD,
        "张小三",
        "中国农业银行",
    ]
    desk.keyboard.press("c")
    expect(desk.locator("#toast")).to_have_text("已复制")
    becomes(desk, "navigator.clipboard.readText().then((text) => text.includes('收款户名：张小三'))")
    pictures.take("complete")

    desk.click("#desk button:has-text('接手会话')")
    desk.fill("#reply-text", "我是钱警官。转账时的附言写的什么？")
    desk.click("#send")
    victim.hears("我是钱警官。转账时的附言写的什么？")
    victim.says("附言写的是解冻费")
    expect(desk.locator(".bubble.in .text").last).to_have_text("附言写的是解冻费")
    expect(desk.locator(".bubble.staff .delivery").last).to_have_text("已发出")
    pictures.take("asked-back")

    at = (utc_now() - timedelta(minutes=1)).astimezone(CHINA)
    desk.click("#step-initiated")  # nothing stated yet
    expect(desk.locator("#state")).to_have_text("已接手")
    _moves(
        desk,
        victim,
        number,
        "initiated",
        "已发起止付",
        reference="某公反诈〔2026〕1号",
        happened=f"{at:%Y-%m-%dT%H:%M:%S}",
    )
    expect(desk.locator(".case-work")).to_contain_text("第1次/共2次")
    pictures.take("initiated")
    _moves(desk, victim, number, "succeeded", "止付成功", note="银行回电：已止付")
    pictures.take("succeeded")
    victim.says("谢谢")  # WeChat allows five more messages with each of the resident's
    _moves(desk, victim, number, "extended", "已续止付", reference="某公反诈〔2026〕2号")
    expect(desk.locator(".case-work")).to_contain_text("第2次/共2次")
    _moves(desk, victim, number, "frozen", "已冻结", reference="某公冻〔2026〕3号")
    pictures.take("frozen")
    _moves(desk, victim, number, "returned", "资金返还", **{"act-amount": "20000", "reference": "某公返〔2026〕4号"})
    pictures.take("returned")
    desk.click("#step-closed")  # a reason is wanted
    expect(desk.locator("#state")).to_have_text("资金返还")
    _moves(desk, victim, number, "closed", "已结案", note="资金已全部返还本人")
    expect(desk.locator("#act, .amend")).to_have_count(0)
    expect(desk.locator("#holder")).to_have_text("钱警官办结")
    for stated in ("文号 某公反诈〔2026〕1号", "办理时间", "20,000 元", "资金已全部返还本人"):
        expect(desk.locator("#course .history")).to_contain_text(stated)
    phone.reload()
    pictures.take("closed")

    for bubble in playing.locator("#wechat-talk .theirs .bubble").all_inner_texts():
        assert "已止付" not in bubble
    done = records.card(Wechat(sandbox, playing.input_value("#wechat-person")))
    assert (done["state"], done["complete"], done["confirmed"]) == ("closed", True, True)
    desk.goto(f"{hotline.url('console')}/cards")
    expect(desk.locator(f"#card-{card['id']}")).to_have_count(0)
