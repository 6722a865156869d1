"""Processes that take claims on, step by step, until there is nothing left to do or somebody kills them.

``python -m tests.rewards.at_work URL`` forks one for each line ``start SEED`` and says its number; ``wait NUMBER`` says
how it ended. Each step is a transaction, as in the console and the worker.
"""

from __future__ import annotations

import base64
import os
import sys
import traceback
from collections.abc import Callable
from random import Random

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

import conversations.models  # noqa: F401 every table has to be known
import linkage.models  # noqa: F401
import stops.models  # noqa: F401
from bot.rewarding import Rewarding
from conversations.models import Message, Staff
from rewards import claims, paying, steps
from rewards.claims import ClaimError
from rewards.ledger import LedgerError
from rewards.models import Claim, ClaimState
from rewards.paying import Receipt
from storage.clock import utc_now
from storage.engine import Database
from storage.sealing import Sealer, install
from tests.rewards import hands as made

KEY = base64.b64encode(b"k" * 32).decode()
OVER = (ClaimState.ARCHIVED, ClaimState.REFUSED, ClaimState.REVOKED)
ROUNDS = 0.2  # how often the worker looks
NO = 0.1  # how often somebody says no


class Worker:
    """Whoever's turn it is, and the rounds of the worker between."""

    def __init__(self, database: Database, random: Random) -> None:
        self._database = database
        self._random = random
        self._rounds = Rewarding(database, utc_now, free_text=True, keep_days=None)
        self._steps: dict[ClaimState, Callable[[Session, Claim], object]] = {
            ClaimState.REQUESTED: self._propose,
            ClaimState.PROPOSED: self._verify,
            ClaimState.VERIFIED: lambda session, claim: steps.approve(
                session, claim, who(session, "approver"), utc_now()
            ),
            ClaimState.NOTIFIED: self._collect,
            ClaimState.CLAIMED: self._pay,
            ClaimState.PAID: lambda session, claim: paying.archive(session, claim, who(session, "finance"), utc_now()),
        }

    def step(self) -> bool:
        """One step of some claim; False when all are over."""
        if self._random.random() < ROUNDS:
            self._rounds.run()
            with self._database.transaction() as session:  # the courier's part
                session.execute(update(Message).where(Message.delivery == "queued").values(delivery="sent"))
        with self._database.transaction() as session:
            left = list(session.scalars(select(Claim.id).where(Claim.state.not_in(OVER))))
        if not left:
            return False
        with self._database.transaction() as session:
            claim = claims.lock(session, self._random.choice(left))
            if (do := self._steps.get(ClaimState(claim.state))) is not None:
                do(session, claim)
        return True

    def _says_no(self) -> bool:
        return self._random.random() < NO

    def _propose(self, session: Session, claim: Claim) -> None:
        now, officer = utc_now(), who(session, "officer")
        steps.propose(session, claim, made.ground(session, claim), made.facts(), None, officer, now, "")

    def _verify(self, session: Session, claim: Claim) -> None:
        verifier = who(session, "verifier")
        if self._says_no():
            steps.send_back(session, claim, verifier, utc_now(), "再核")
        else:
            steps.verify(session, claim, verifier, utc_now())

    def _collect(self, session: Session, claim: Claim) -> None:
        if self._says_no():
            paying.revoke(session, claim, who(session, "approver"), utc_now(), "查明虚假")
        else:
            claim.note = paying.collect(session, claim, utc_now())  # in life, a message of the same transaction

    def _pay(self, session: Session, claim: Claim) -> None:
        paper = Receipt("cash", f"SJ-{claim.number}-{self._random.randrange(10**9)}", claim.note)
        paying.pay(session, claim, paper, who(session, "finance"), who(session, "second"), utc_now())


def who(session: Session, login: str) -> Staff:
    return session.scalars(select(Staff).where(Staff.login == login)).one()


def work(url: str, seed: str) -> None:
    worker = Worker(Database(url, pool_size=1), Random(seed))
    going = True
    while going:
        try:
            going = worker.step()
        except (ClaimError, LedgerError):
            continue  # somebody was quicker
        except IntegrityError:
            raise
        except DBAPIError:
            continue  # the connection was cut


def start(url: str, seed: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work(url, seed)
        os._exit(0)
    except BaseException:  # noqa: BLE001 the fork must never go on as its parent
        traceback.print_exc()
        os._exit(1)


def main(url: str) -> None:
    install(Sealer(KEY))
    for line in sys.stdin:
        what, about = line.split()
        said = start(url, about) if what == "start" else os.waitstatus_to_exitcode(os.waitpid(int(about), 0)[1])
        print(said, flush=True)  # noqa: T201 the answer


if __name__ == "__main__":
    main(sys.argv[1])
