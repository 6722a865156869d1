"""A card nobody takes up, over the running processes: whom it reaches, by what ways, in what order, and how it went."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from console import duty_words
from handlers.words import urgent
from stops.duty import words
from storage.clock import china_date, utc_now
from tests.console.residents import PASSWORD
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Sms, Wechat
from tests.e2e.stack import Stack, until
from tests.e2e.test_orders import Officer

LADDER = Path(__file__).with_name("ladder.yml")
NAMES = {"rung1": "甲警官", "rung2": "乙警官", "rung3": "丙警官", "rung4": "丁警官"}
ROSTER = """
what: roster
name: e2e
effective_from: 2020-01-01
leaders: [rung3]
shifts:
  - name: all day
    days: [workday, weekend, holiday]
    from: "00:00"
    to: "24:00"
    teams: [{{people: [rung1, rung2]}}]
{dates}
"""
STEPS = 5


@dataclass(frozen=True)
class Station:
    """Two on duty, their leader, one officer at home: all with a phone of the sandbox's."""

    hotline: Stack
    records: Records
    sandbox: Sandbox
    admin: Officer
    phones: dict[str, Sms]

    def load(self, folder: Path, dates: str = "") -> None:
        """The roster; ``dates``: who works otherwise on some days."""
        file = folder / "roster.yml"
        file.write_text(ROSTER.format(dates=dates), encoding="utf-8")
        self.hotline.command("duty", "load", str(file))

    def fired(self, card_id: str) -> list[tuple[int, str]]:
        """The steps that have fired, in the order of their moments, with the note on each."""
        query = (
            "SELECT ordinal, note FROM ladder_steps WHERE card_id = %s AND state = 'fired' ORDER BY fired_at, ordinal"
        )
        return [(ordinal, note) for ordinal, note in self.records.ask(query, card_id)]

    def settled(self, card_id: str) -> bool:
        """Whether every alert that was made has an outcome."""
        query = "SELECT count(*) FROM reaches WHERE card_id = %s AND state IN ('queued', 'sending')"
        return bool(self.records.one(query, card_id) == 0)

    def texted(self, login: str, number: str) -> list[str]:
        """What a person's phone got about a card."""
        return [text for text in self.phones[login].heard() if number in text]

    def posted(self, robot: str, number: str) -> list[str]:
        """What a robot posted about a card."""
        posts = self.sandbox.get("/api/robots")[robot]
        return [post["text"] for post in posts if post["arrived"] and number in post["text"]]


@pytest.fixture(scope="module")
def admin(hotline: Stack) -> Iterator[Officer]:
    officer = Officer(hotline)
    yield officer
    officer.close()


@pytest.fixture(scope="module")
def phones(hotline: Stack, _sandbox: Sandbox, records: Records, admin: Officer) -> dict[str, Sms]:
    found = {}
    for login, name in NAMES.items():
        hotline.command("staff", "add", login, "--name", name, "--role", "officer", "--password", PASSWORD)
        found[login] = _sandbox.sms()
        staff_id = records.one("SELECT id FROM staff WHERE login = %s", login)
        admin.act(f"/duty/phones/{staff_id}", phone=found[login].sender.removeprefix("+86"))
    return found


@pytest.fixture
def station(
    hotline: Stack, records: Records, sandbox: Sandbox, admin: Officer, phones: dict[str, Sms]
) -> Iterator[Station]:
    """The roster is put out of force again afterwards, and nobody else's card rings in between."""
    records.ask("UPDATE stop_cards SET state = 'closed', state_by = (SELECT id FROM staff LIMIT 1), officer_id = NULL")
    hotline.command("duty", "load", str(LADDER))
    yield Station(hotline, records, sandbox, admin, phones)
    records.ask("UPDATE duty_plans SET effective_from = '2999-01-01'")


def test_every_step_once_and_in_order_though_the_worker_dies(station: Station, tmp_path: Path) -> None:
    """Given two on duty, when nobody takes a card and the worker is killed in the middle, then the first is told, the
    next one by SMS, both groups by their robots, everybody, and at last the hand-off is called for: each once, and the
    card says how each went."""
    station.load(tmp_path)
    resident = station.sandbox.wechat()
    assert resident.says("我刚才被骗了，转了两万块给对方") == urgent.ADVICE
    card = station.records.card(resident)
    card_id, number = card["id"], card["number"]
    until(lambda: len(station.fired(card_id)) >= 2 and station.settled(card_id), "the next one on duty", every=0.3)

    with station.hotline.killed("worker"):
        pass

    until(lambda: len(station.fired(card_id)) == STEPS and station.settled(card_id), "the last step", every=0.3)
    time.sleep(3)  # whatever would come twice
    assert station.fired(card_id) == [(ordinal, "") for ordinal in range(1, STEPS + 1)]
    # Steps that had to wait for the worker leave it together: which text arrives first is the operator's affair.
    heads = {login: sorted(text[:5] for text in station.texted(login, number)) for login in NAMES}
    assert heads == {
        "rung1": ["全体值班：", "紧急：止付"],
        "rung2": ["值班提醒：", "全体值班：", "紧急：止付"],
        "rung3": ["全体值班：", "紧急：止付"],
        "rung4": ["全体值班：", "紧急：止付"],
    }
    for robot in ("wecom", "dingtalk"):
        assert sorted(text[:5] for text in station.posted(robot, number)) == ["全体值班：", "紧急：止付"]
    page = station.admin.see(f"/cards/{card_id}")
    for said in (
        *duty_words.SAYS.values(),
        "企业微信群",
        "钉钉群",
        "已送达",
        duty_words.HAND_OFF_110,
        "没有登记手机号",
    ):
        assert said in page, said
    assert [page.index(f"{seconds} 秒没人接手") for seconds in (4, 14, 16, 18)] == sorted(
        page.index(f"{seconds} 秒没人接手") for seconds in (4, 14, 16, 18)
    )
    station.admin.act(f"/cards/{card_id}/take")
    assert duty_words.HAND_OFF not in station.admin.see(f"/cards/{card_id}")


def test_nobody_on_duty_is_said_and_done_something_about(station: Station, tmp_path: Path) -> None:
    """Given a day nobody works, when a card comes, then leader and all officers are told at once that nobody is on
    duty, the card says whom it reached instead, and every page says that nobody is on duty."""
    today, yesterday = china_date(utc_now()), china_date(utc_now() - timedelta(days=1))
    days = "".join(f"  - {{date: {day}, shift: all day, people: []}}\n" for day in (yesterday, today))
    station.load(tmp_path, f"dates:\n{days}")
    resident: Wechat = station.sandbox.wechat()
    resident.says("我刚才被骗了，转了三万块给对方")
    card = station.records.card(resident)

    until(lambda: len(station.fired(card["id"])) >= 2 and station.settled(card["id"]), "the second step", every=0.3)

    assert station.fired(card["id"])[:2] == [(1, "nobody"), (2, "nobody")]
    for login in NAMES:  # the leader, and whoever has no duty: nobody is spared
        assert station.texted(login, card["number"])[0] == _nobody(card["number"], station)
    page = station.admin.see(f"/cards/{card['id']}")
    assert duty_words.NOTES["nobody"] in page
    assert duty_words.NOBODY in page
    assert duty_words.NOBODY_MEANS in page
    station.admin.act(f"/cards/{card['id']}/take")


def _nobody(number: str, station: Station) -> str:
    """The text for such a card, but for its deadline."""
    (text,) = {text for text in station.texted("rung4", number) if text.startswith("现在无人值班")}
    head, _, tail = words.TEXTS["nobody"].partition("{deadline}")
    assert text.startswith(head.format(kind=words.KINDS["loss"], number=number))
    assert text.endswith(tail)
    return text
