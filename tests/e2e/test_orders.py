"""Early-warning orders over the running processes: imported, signed, a text out, the answer back, and in time."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import requests

from console import order_words
from handlers.words import urgent
from stops.orders import words
from tests.e2e.records import Records, Row
from tests.e2e.residents import Sandbox, Sms
from tests.e2e.stack import Stack, until
from tests.stops.orders.sheets import HEADER, as_csv, as_xlsx, row

WAIT = 30.0  # seconds


class Officer:
    """Somebody at the console; unless another is named the first login, which works on every case."""

    def __init__(self, stack: Stack, login: str = "admin", password: str = "") -> None:
        self._url = stack.url("console")
        self._http = requests.Session()
        self._http.trust_env = False
        fields = {"login": login, "password": password or stack.secrets["admin_password"]}
        assert self._post("/sign-in", "/sign-in", **fields).ok

    def see(self, path: str) -> str:
        """A page."""
        answer = self._http.get(self._url + path, timeout=WAIT)
        assert answer.status_code == 200, path
        return answer.text

    def act(self, path: str, **fields: str) -> dict[str, str]:
        """An action; its answer."""
        answer = self._post(path, "/account", {"X-Hotline-Fetch": "1"}, **fields)
        assert answer.ok, answer.text
        said: dict[str, str] = answer.json()
        return said

    def _post(self, path: str, form: str, headers: dict[str, str] | None = None, **fields: str) -> requests.Response:
        token = re.search(r'name="csrf-?_?token" (?:content|value)="([^"]+)"', self.see(form))
        assert token
        data = {"csrf_token": token.group(1), **fields}
        return self._http.post(
            self._url + path, data=data, headers={"Referer": self._url + form, **(headers or {})}, timeout=WAIT
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


@pytest.fixture(scope="module")
def officer(hotline: Stack) -> Officer:
    return Officer(hotline)


@pytest.fixture(autouse=True, scope="module")
def _closed(officer: Officer) -> object:
    yield
    officer.close()


def order(hotline: Stack, number: str) -> Row:
    (found,) = [one for one in hotline.json("orders") if one["number"] == number]
    return found


def imported(hotline: Stack, tmp_path: Path, number: str, phone: str, **fields: str) -> Row:
    file = tmp_path / "名单.csv"
    file.write_bytes(as_csv([HEADER, row(number, phone=phone, issued_at="", **fields)], "gb18030"))
    assert hotline.command("orders", "import", str(file)).startswith("new=1 ")
    assert hotline.command("orders", "import", str(file)).startswith("new=0  known=1 ")
    return order(hotline, number)


def number(resident: Sms) -> str:
    """A number of an order of this resident's alone."""
    return f"E2E-{resident.sender[-9:]}"


def test_a_text_goes_out_and_its_answer_comes_back(
    hotline: Stack, sandbox: Sandbox, officer: Officer, records: Records, tmp_path: Path
) -> None:
    """Given an imported order about somebody who never wrote, when an officer signs and texts, then the phone gets one
    text, and what is answered is answered as usual and stands on the order."""
    resident = sandbox.sms()
    known = imported(hotline, tmp_path, number(resident), resident.sender)
    path = f"/orders/{known['id']}"
    assert resident.sender.removeprefix("+86") not in officer.see("/orders")
    officer.act(f"{path}/sign")
    text = words.SMS.format(name="反诈专线", kind=words.SOME_FRAUD.format(name="刷单返利"))
    assert text in officer.see(path)
    key = "0" * 32
    for _ in range(3):
        officer.act(f"{path}/text", text=text, form_key=key)

    resident.wait(text)
    answer = resident.says("你们是谁,怎么知道我在刷单?")

    assert answer
    assert [one for one in resident.heard() if one == text] == [text]
    until(lambda: "你们是谁,怎么知道我在刷单?" in officer.see(path), "the answer on the order")
    assert order_words.ANSWERED in officer.see("/orders")
    until(lambda: "已送达" in officer.see(path), "the receipt on the order")
    officer.act(f"{path}/attempt", way="sms", outcome="stopped", note="回信说不刷了")
    officer.act(f"{path}/feedback", note="已劝住")
    officer.act(f"{path}/review", rating="good", note="")
    done = order(hotline, number(resident))
    assert (done["state"], done["outcome"], done["rating"]) == ("reviewed", "stopped", "good")
    assert set(done["steps"]) == {step for step, facts in done["steps"].items() if facts["done_at"]}
    assert records.holding(known["phone"].removeprefix("+86")) == []


def test_an_answer_that_tells_a_loss_opens_a_card(
    hotline: Stack, sandbox: Sandbox, officer: Officer, records: Records, tmp_path: Path
) -> None:
    """Given an open order, when its person answers that the money has gone, then they hear the fixed advice, a card is
    there, and the order points to it."""
    resident = sandbox.sms()
    known = imported(hotline, tmp_path, number(resident), resident.sender)
    resident.send("我刚才已经转给他两万块了")
    resident.wait(urgent.ADVICE.split("\n")[0])

    card = records.card(resident)
    page = officer.see(f"/orders/{known['id']}")
    assert f"/cards/{card['id']}" in page
    assert "我刚才已经转给他两万块了" in page


def test_a_bad_row_rejects_no_other_and_ends_the_command_with_an_error(hotline: Stack, tmp_path: Path) -> None:
    """Given a list with bad rows, when it is imported, then they are named and the good ones are there."""
    file = tmp_path / "三月.xlsx"
    rows = [row(f"BULK-{n:03d}", phone=f"1700000{n:04d}", issued_at="") for n in range(200)]
    rows[50][5] = "不详"
    file.write_bytes(as_xlsx([HEADER, *rows]))
    with pytest.raises(AssertionError, match=r"new=199 .*bad=1(.|\n)*文件“三月.xlsx”第 52 行“手机号”"):
        hotline.command("orders", "import", str(file))
    assert len([one for one in hotline.json("orders") if one["number"].startswith("BULK-")]) == 199


def test_a_missed_deadline_is_noted_once_though_the_worker_dies(
    hotline: Stack, sandbox: Sandbox, officer: Officer, records: Records, tmp_path: Path
) -> None:
    """Given an order that is late already, when the worker is killed again and again, then one reminder comes."""
    resident = sandbox.sms()
    known = imported(hotline, tmp_path, number(resident), resident.sender, feedback_due="2026-03-01 08:00")
    noted = "SELECT count(*) FROM warning_order_events WHERE order_id = %s AND what = 'missed'"
    with hotline.killed("worker"):
        pass
    until(lambda: records.one(noted, known["id"]) == 1, "the reminder")
    with hotline.killed("worker"):
        pass
    time.sleep(11)  # two rounds of the sweep
    assert records.one(noted, known["id"]) == 1
    assert "已过时限：反馈" in officer.see(f"/orders/{known['id']}")
    assert "已超时" in officer.see("/orders")
