"""A tip from a WeChat message to paid and archived, by five pairs of hands in their browsers, and the auditor reading.

``PICTURES=folder`` keeps a picture of every step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.cli.main import cli
from handlers.words import general
from rewards import words
from storage.clock import CHINA, china_date, utc_now
from tests.console.browsing import NEEDS_CHROMIUM, browser, sign_in
from tests.console.residents import PASSWORD
from tests.e2e.playing import Pictures, Victim
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox
from tests.e2e.stack import Stack
from tests.e2e.test_tips import CODE, NUMBER

# The officer's account may verify as well, but not what it proposed itself.
STAFF = {
    "officer": ("王警官", "officer", "verifier"),
    "verifier": ("钱审核", "verifier"),
    "approver": ("孙所长", "approver"),
    "finance": ("吴会计", "finance"),
    "second": ("郑出纳", "finance"),
    "auditor": ("周审计", "auditor"),
}
REPORT = ("我要举报", "村口有人收银行卡，一张五百块", "没有", "示例镇示例村，昨天下午", "没有")
YES = ("c.verified", "c.unknown_before", "c.dissuaded", "c.arrested")
NO = ("e.on_duty_staff", "e.suspect", "e.already_known", "e.unreachable", "e.already_rewarded")
PAYEE, ACCOUNT = "李小四", "6222000011112223"
pytestmark = NEEDS_CHROMIUM


@dataclass
class People:
    """Everybody's browser, opened when they are needed."""

    chromium: Browser
    url: str
    prefix: str
    contexts: list[BrowserContext] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)

    def at(self, who: str, path: str) -> Page:
        """Somebody's page, at a path."""
        if who not in self.pages:
            self.contexts.append(self.chromium.new_context(viewport={"width": 1280, "height": 800}))
            self.pages[who] = sign_in(self.contexts[-1], self.url, self.prefix + who)
        page = self.pages[who]
        page.goto(self.url + path)
        return page

    def step(self, who: str, path: str, act: str, shown: str, note: str = "") -> Page:
        """Somebody does one step, and the page says so."""
        page = self.at(who, path)
        if note:
            page.fill("#note", note)
        page.click(f"#step-{act}")
        expect(page.locator("header .tag").first).to_have_text(re.compile(shown))
        return page

    def id_of(self, records: Records, who: str) -> object:
        return records.one("SELECT id FROM staff WHERE login = %s", self.prefix + who)


def command(hotline: Stack, *words: str) -> str:
    """``python -m bot …`` in this process: starting one for each takes longer than all it does."""
    ran = CliRunner().invoke(cli, words, env=hotline.env, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.fixture
def people(hotline: Stack) -> Iterator[People]:
    for login, (name, *roles) in STAFF.items():
        options = [word for role in roles for word in ("--role", role)]
        command(hotline, "staff", "add", f"reward-{login}", "--name", name, "--password", PASSWORD, *options)
    with browser() as chromium:
        made = People(chromium, hotline.url("console"), "reward-")
        yield made
        for context in made.contexts:
            context.close()


def reporter(people: People, sandbox: Sandbox) -> Page:
    """A new resident's WeChat."""
    people.contexts.append(people.chromium.new_context(viewport={"width": 390, "height": 844}))
    page = people.contexts[-1].new_page()
    page.goto(sandbox.url)
    expect(page.locator("#wechat-person")).not_to_have_value("")
    before = page.input_value("#wechat-person")
    page.click("#wechat-new")
    expect(page.locator("#wechat-person")).not_to_have_value(before)
    return page


def answers(page: Page, after: int) -> str:
    """What the hotline says next, beyond so many bubbles."""
    bubbles = page.locator("#wechat-talk .theirs .bubble")
    expect(bubbles).to_have_count(after + 1)
    return bubbles.nth(after).inner_text()


def test_from_a_message_to_the_archive(people: People, sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given a scheme and a budget, when a tip told on WeChat is found true, then its reward is proposed, verified,
    approved, told, claimed, paid by two and archived, each by somebody else; nobody does two of these."""
    phone = reporter(people, sandbox)
    someone = Victim(phone)
    for place, said in enumerate(REPORT):
        someone.says(said)
        answers(phone, place)
    registered = phone.locator("#wechat-talk .theirs .bubble").filter(has_text="查询码").last
    expect(registered).to_be_visible()
    told = registered.inner_text()
    number, code = NUMBER.search(told), CODE.search(told)
    assert number and code, told
    someone.says(f"我要领奖 {number.group()} {code.group()}")
    someone.hears("已收到您的领奖申请")
    claim_id, claim_number, tip_id = records.ask(
        "SELECT claims.id, claims.number, tips.id FROM claims JOIN tips ON tips.id = tip_id WHERE tips.number = %s",
        number.group(),
    )[0]
    path = f"/claims/{claim_id}"

    finance = people.at("finance", "/ledger")
    finance.fill("#amount", "500")
    finance.fill("#reference", "测试〔2026〕5号")
    finance.click("button:has-text('登记')")
    expect(finance.locator("table")).to_contain_text("测试〔2026〕5号")

    officer = people.at("officer", f"{path}/propose")
    fill_in(officer)
    officer.click("button[value=propose]")
    expect(officer.locator("main .form-note[role=alert]").last).to_have_text(words.NOT_CONFIRMED)
    pictures = Pictures(phone=phone, officer=officer)
    pictures.take("not-confirmed", "officer")
    people.step("officer", f"/tips/{tip_id}", "checking", "核查中", "去看看")
    people.step("officer", f"/tips/{tip_id}", "confirmed", "查实", "抓获三人")
    pictures.take("confirmed", "officer")
    people.at("officer", f"{path}/propose")
    fill_in(officer)
    officer.click("button[value=work_out]")
    expect(officer.locator(".reasons")).to_contain_text("每人11元×3人=33元")
    pictures.take("worked-out", "officer")
    officer.click("button[value=propose]")
    expect(officer.locator("header .tag").first).to_have_text("待审核")

    nobody_does_two(officer, path, people, records, claim_id)
    pictures.take("proposed", "officer")
    verifier = people.step("verifier", path, "verify", "待审批")
    approver = people.step("approver", path, "approve", "已批准|已通知")  # the worker may be quicker
    someone.hears(f"奖励{claim_number}已经批准")
    expect(approver.locator("header .tag").first).to_contain_text("已通知")
    Pictures(verifier=verifier, approver=approver, phone=phone).take("approved")

    someone.says(f"领奖 {number.group()} {code.group()}")
    someone.hears(f"奖励{claim_number}可以领取了")
    collection = re.search(r"领取号：(\d{8})", phone.locator("#wechat-talk").inner_text())
    assert collection
    finance = people.at("finance", path)
    finance.select_option("#method", "transfer")
    finance.fill("#collection", collection.group(1))
    finance.fill("#receipt", "SJ-0501")
    finance.select_option("#second", label="郑出纳")
    finance.fill("#name", PAYEE)
    finance.fill("#account", ACCOUNT)
    Pictures(finance=finance).take("paying")
    late = people.at("second", path)
    finance.click("button:has-text('登记发放')")
    expect(finance.locator("header .tag").first).to_have_text("已发放")
    expect(finance.locator("#payment")).to_contain_text("李**")
    expect(late.locator("header .tag").first).to_have_text("已发放")
    Pictures(finance=finance).take("paid")
    officer = people.step("officer", path, "archive", "已归档")
    someone.says(f"领奖 {number.group()} {code.group()}")
    someone.hears(general.ALREADY_PAID)
    Pictures(officer=officer, phone=phone).take("archived")

    the_auditor_reads(people, path, claim_number)
    assert "its sum is zero" in command(hotline, "ledger", "verify")
    month = f"{china_date(utc_now()):%Y-%m}"
    assert "0 not as in the book" in command(hotline, "ledger", "reconcile", month)
    assert records.holding(ACCOUNT) == [] and records.holding(collection.group(1)) == []


def fill_in(officer: Page) -> None:
    """Three people arrested for selling cards; the rest is as it must be."""
    officer.check("[name='r.cards']")
    officer.fill("[name='n.cards']", "3")
    for name in YES:
        officer.select_option(f"[name='{name}']", "yes")
    for name in NO:
        officer.select_option(f"[name='{name}']", "no")


def nobody_does_two(officer: Page, path: str, people: People, records: Records, claim_id: object) -> None:
    """The proposer, who has the verifier's role too, finds no button, is refused over HTTP and in SQL."""
    expect(officer.locator("#step-verify")).to_have_count(0)
    token = officer.locator("[name=csrf_token]").first.input_value()
    answer = officer.request.post(
        f"{people.url}{path}/step",
        form={"csrf_token": token, "state": "verify"},
        headers={"X-Hotline-Fetch": "1", "Referer": people.url + path},
    )
    assert (answer.status, answer.json()["message"]) == (409, words.NOT_YOUR_PART)
    with pytest.raises(psycopg.errors.CheckViolation, match="another part"):
        records.ask(
            "INSERT INTO claim_events (id, claim_id, at, act, actor, staff_id, state, amount) "
            "VALUES (gen_random_uuid(), %s, now(), 'verify', 'staff', %s, 'verified', 33)",
            claim_id,
            people.id_of(records, "officer"),
        )
    assert records.one("SELECT state FROM claims WHERE id = %s", claim_id) == "proposed"


def the_auditor_reads(people: People, path: str, claim_number: str) -> None:
    """Everything is there to read, masked, and nothing to press."""
    auditor = people.at("auditor", path)
    expect(auditor.locator(".history")).to_contain_text("归档")
    expect(auditor.locator("#page form")).to_have_count(0)
    assert ACCOUNT not in auditor.content() and PAYEE not in auditor.content()
    pictures = Pictures(auditor=auditor)
    pictures.take("audit-claim")
    people.at("auditor", "/ledger")
    expect(auditor.locator("#page")).to_contain_text("已核对：账目完整，合计为零。")
    expect(auditor.locator("#page table")).to_contain_text(claim_number)
    pictures.take("audit-ledger")
    people.at("auditor", f"/ledger/month?month={utc_now().astimezone(CHINA):%Y-%m}")
    expect(auditor.locator("#page")).to_contain_text("和账一致")
    pictures.take("audit-month")
