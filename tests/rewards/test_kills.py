"""Processes killed and connections cut while claims run through: in the end the book is whole, nobody is paid twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from sqlalchemy import func, select, text

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Message
from rewards import claims, ledger
from rewards.models import Account, Act, Claim, ClaimEvent, ClaimNotice, ClaimState, Payment
from storage.engine import Database
from tests.rewards import hands as made
from tests.rewards.hands import NOW, Hands
from tips import registry
from tips.registry import Draft

ROOT = Path(__file__).parents[2]
CLAIMS, KILLS, SEED = 25, 24, 20260301
NAME = "claims_at_work"


class Crew:
    """Two processes at work; whoever is killed is replaced."""

    def __init__(self, url: str) -> None:
        self._started = 0
        marked = f"{url}{'&' if '?' in url else '?'}application_name={NAME}"
        self._forks = subprocess.Popen(
            [sys.executable, "-m", "tests.rewards.at_work", marked],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running = [self._start(), self._start()]

    def _ask(self, line: str) -> int:
        assert self._forks.stdin is not None and self._forks.stdout is not None
        self._forks.stdin.write(f"{line}\n")
        self._forks.stdin.flush()
        return int(self._forks.stdout.readline())

    def _start(self) -> int:
        self._started += 1
        return self._ask(f"start {SEED}-{self._started}")

    def kill(self, place: int) -> int:
        """SIGKILL one, and start another; how it ended."""
        pid, self.running[place] = self.running[place], self._start()
        os.kill(pid, signal.SIGKILL)
        return self._ask(f"wait {pid}")

    def finish(self) -> list[int]:
        """Let them work to the end; how they ended."""
        codes = [self._ask(f"wait {pid}") for pid in self.running]
        self.running = []
        return codes

    def stop(self) -> None:
        """Nobody is left behind."""
        for pid in self.running:
            os.kill(pid, signal.SIGKILL)
        self._forks.kill()
        self._forks.communicate()


def cut(database: Database) -> None:
    """End the connections of whoever is at work, in the middle of what they do."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
    with database.transaction() as session:
        session.execute(text(query), {"name": NAME})


def more_claims(hands: Hands, count: int) -> None:
    for number in range(count):
        with hands.database.transaction() as session:
            contact = contacts.lock_contact(session, Channel.WECHAT, f"kill-{number}", NOW)
            conversation = contacts.open_conversation(session, contact, NOW)
            tip = registry.register(session, conversation, Draft(story="有人收银行卡"), NOW).tip
            made.confirm(session, tip, hands.officer)
            claims.request(session, conversation, tip.id, NOW)


def test_killed_and_cut_off_the_book_is_whole(database: Database) -> None:
    """Given claims on their way, when those who work on them are killed and cut off at random, then in the end each
    claim is over, its money lies where it should, nothing is paid or said twice, and the sum is zero."""
    hands, random = Hands.with_a_claim(database, budget="5000"), Random(SEED)
    more_claims(hands, CLAIMS - 1)
    crew, killed = Crew(database.url), []
    try:
        for kill in range(KILLS):
            time.sleep(random.uniform(0.0, 0.2))
            if kill % 3 == 2:
                cut(database)
            else:
                killed.append(crew.kill(random.randrange(2)))
            with database.transaction() as session:
                assert sum(ledger.balances(session).values()) == 0
        assert crew.finish() == [0, 0]
    finally:
        crew.stop()
    assert killed.count(-signal.SIGKILL) >= KILLS // 2, "they were done before they could be killed"
    with database.transaction() as session:
        assert ledger.verify(session) == []
        states = list(session.scalars(select(Claim.state)))
        assert len(states) == CLAIMS and set(states) <= {ClaimState.ARCHIVED, ClaimState.REVOKED}
        archived = states.count(ClaimState.ARCHIVED)
        found = ledger.balances(session)
        assert (found[Account.PAID], found[Account.BUDGET]) == (33 * archived, 5000 - 33 * archived)
        assert found[Account.RESERVED] == found[Account.PAYABLE] == 0
        assert session.scalar(select(func.count()).select_from(Payment)) == archived
        for act in (Act.PAY, Act.CLAIM, Act.ARCHIVE):
            of_one = select(ClaimEvent.claim_id).where(ClaimEvent.act == act.value).group_by(ClaimEvent.claim_id)
            assert session.scalars(of_one.having(func.count() > 1)).all() == []
        told = session.scalars(select(ClaimNotice).where(ClaimNotice.about == "approved")).all()
        assert len(told) == CLAIMS and {notice.outcome for notice in told} == {"sent"}
        assert session.scalar(select(func.count()).select_from(Message)) == CLAIMS
