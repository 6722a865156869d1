"""Processes killed while rewards are proposed, verified, approved, claimed, paid and archived: the book stays whole."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import cycle
from random import Random
from threading import Timer

import pytest
import requests

from tests.console.residents import PASSWORD
from tests.e2e.kills.targets import TARGETS
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Wechat
from tests.e2e.stack import Stack, until
from tests.e2e.test_orders import Officer
from tests.e2e.test_reward import ACCOUNT, NO, PAYEE, YES
from tests.e2e.test_tips import report

CLAIMS, SEED = 1, 20261128
ROLES = {
    "officer": "officer",
    "verifier": "verifier",
    "approver": "approver",
    "finance": "finance",
    "second": "finance",
}
ANSWERS = {"r.cards": "yes", "n.cards": "3", **dict.fromkeys(YES, "yes"), **dict.fromkeys(NO, "no")}
# The sandbox's sample scheme gives 11 yuan for each of three people.
REWARD = 33
# One after the other, so that the console dies while something is proposed, paid and archived.
KILLED = ("console's worker", "postgres' backend", "worker", "console's worker", "console's worker")


class Hand(Officer):
    """Presses again until it is done, as somebody does to whom the console has not answered."""

    def insist(self, path: str, done: Callable[[], bool], **fields: str) -> None:
        """Post a form until it has had its effect."""

        def pressed() -> bool:
            with suppress(requests.RequestException, AssertionError):
                self.act(path, **fields)
            return done()

        until(pressed, f"{fields} at {path}", every=0.3)


class Killer:
    """Ends a process while something is done. ``killed``: which."""

    def __init__(self, hotline: Stack) -> None:
        self._hotline = hotline
        self._random = Random(SEED)
        self._targets = {target.name: target for target in TARGETS}
        self._next = cycle(KILLED)
        self.killed: list[str] = []

    def during(self, act: Callable[[], object]) -> None:
        """Do it, and kill a process in the middle of it."""
        timer = Timer(self._random.uniform(0.0, 0.15), self._kill, [next(self._next)])
        timer.start()
        act()
        timer.join()

    def _kill(self, name: str) -> None:
        for pid in self._targets[name].pids(self._hotline)[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed.append(name)


@pytest.fixture
def hands(hotline: Stack) -> Iterator[dict[str, Hand]]:
    for login, role in ROLES.items():
        words = ("--name", f"某{login}", "--role", role, "--password", PASSWORD)
        hotline.command("staff", "add", f"book-{login}", *words)
    found = {login: Hand(hotline, f"book-{login}", PASSWORD) for login in ROLES}
    yield found
    for hand in found.values():
        hand.close()


def test_the_book_is_whole_though_processes_die_at_every_step(
    hotline: Stack, sandbox: Sandbox, records: Records, hands: dict[str, Hand]
) -> None:
    """Given claims, when at each step console, worker or database is killed and everybody presses again until it is
    done, then each claim is paid once, every step of it is there once, and the book's sum is zero."""
    killer = Killer(hotline)
    hands["finance"].act("/ledger/budget", amount="500", reference="测试〔2026〕6号")
    before = _balances(records)
    claims = [_through(sandbox.wechat(), hands, records, killer) for _ in range(CLAIMS)]

    assert len(killer.killed) == len(KILLED) * CLAIMS, killer.killed
    for claim_id in claims:
        acts = [row[0] for row in records.ask("SELECT act FROM claim_events WHERE claim_id = %s ORDER BY at", claim_id)]
        assert acts == ["request", "propose", "verify", "approve", "notify", "claim", "pay", "archive"]
        assert records.one("SELECT count(*) FROM claim_payments WHERE claim_id = %s", claim_id) == 1
        assert (
            records.one("SELECT count(*) FROM claim_notices WHERE claim_id = %s AND about = 'approved'", claim_id) == 1
        )
    after = _balances(records)
    moved = {account: after[account] - before.get(account, 0) for account in after}
    paid = REWARD * CLAIMS
    assert {account: value for account, value in moved.items() if value} == {"paid": paid, "budget": -paid}
    assert "its sum is zero" in hotline.command("ledger", "verify")


def _through(resident: Wechat, hands: dict[str, Hand], records: Records, killer: Killer) -> object:
    """One claim from the tip to the archive, something killed at every step of it."""
    number, code = report(resident)
    tip_id = records.one("SELECT id FROM tips WHERE number = %s", number)
    assert "已收到您的领奖申请" in resident.says(f"我要领奖 {number} {code}")
    claim_id = records.one("SELECT id FROM claims WHERE tip_id = %s", tip_id)
    path = f"/claims/{claim_id}"

    def stands(*states: str) -> bool:
        with suppress(Exception):  # the database may just have been killed
            return records.one("SELECT state FROM claims WHERE id = %s", claim_id) in states
        return False

    for state in ("checking", "confirmed"):
        hands["officer"].act(f"/tips/{tip_id}/state", state=state, note="查到了")
    steps = (
        ("officer", f"{path}/propose", {"do": "propose", **ANSWERS}, ("proposed",)),
        ("verifier", f"{path}/step", {"state": "verify"}, ("verified",)),
        ("approver", f"{path}/step", {"state": "approve"}, ("approved", "notified")),
    )
    for who, where, fields, states in steps:
        killer.during(partial(hands[who].insist, where, partial(stands, *states), **fields))
    until(lambda: stands("notified"), "the notice")
    until(lambda: resident.says(f"领奖 {number} {code}") and stands("claimed"), "the collection number", every=2)
    found = until(
        lambda: re.findall(r"领取号：(\d{8})", "".join(resident.heard())), "the collection number on the phone"
    )
    second = str(records.one("SELECT id FROM staff WHERE login = 'book-second'"))
    receipt = {"method": "transfer", "receipt": f"SJ-{number}", "second": second, "name": PAYEE, "account": ACCOUNT}
    for who, where, fields, states in (
        ("finance", f"{path}/pay", {"collection": found[-1], **receipt}, ("paid",)),
        ("officer", f"{path}/step", {"state": "archive"}, ("archived",)),
    ):
        killer.during(partial(hands[who].insist, where, partial(stands, *states), **fields))
    return claim_id


def _balances(records: Records) -> dict[str, int]:
    """What lies on each account, in yuan."""
    query = (
        "SELECT account, sum(amount) FROM (SELECT debit AS account, amount FROM ledger_entries "
        "UNION ALL SELECT credit, -amount FROM ledger_entries) AS both_sides GROUP BY 1"
    )
    return {account: int(total) for account, total in records.ask(query)}
