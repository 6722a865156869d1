"""A tip, five people in five roles, and a claim taken as far as a test wants it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Staff
from rewards import claims, ledger, paying, steps
from rewards.facts import Facts, Finding
from rewards.models import Claim
from rewards.paying import Receipt
from rewards.scheme import SAMPLE
from rewards.schemes.model import Condition, Exclusion, Measure, Scheme
from rewards.schemes.reading import load_scheme
from rewards.steps import Ground
from storage.engine import Database
from tests.console.residents import add_staff
from tips import registry
from tips.models import Tip, TipState
from tips.registry import Draft

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NO_EXCLUSION = dict.fromkeys(Exclusion, False)


def scheme() -> Scheme:
    """The sample: eleven yuan for each arrested, up to 50 approved by one."""
    return load_scheme(SAMPLE)


def facts(number: int = 3) -> Facts:
    """Cards were sold, so many people arrested: 11 yuan each, at most 44."""
    return Facts(dict.fromkeys(Condition, True), NO_EXCLUSION, {}, (Finding("cards", number=number),))


def den() -> Facts:
    """A den: 22 to 33 yuan, for people to decide."""
    measures = {Measure.ARRESTED: Decimal(5)}
    return Facts(dict.fromkeys(Condition, True), NO_EXCLUSION, measures, (Finding("den"),))


def confirm(session: Session, tip: Tip, officer: Staff, now: datetime | None = None) -> None:
    """An officer finds a tip true."""
    for state in (TipState.CHECKING, TipState.CONFIRMED):
        registry.set_state(session, tip.id, state, officer, now or NOW, "查到了")


def ground(session: Session, claim: Claim) -> Ground:
    """What the tip of a claim brings, under the sample."""
    tip = session.get_one(Tip, claim.tip_id)
    return Ground(scheme(), tip.registered_at, registry.confirmed_at(session, tip))


@dataclass(slots=True)
class Hands:
    """Who does what; every call is a transaction of its own."""

    database: Database
    officer: Staff
    verifier: Staff
    approver: Staff
    finance: Staff
    second: Staff
    claim_id: uuid.UUID

    @classmethod
    def with_a_claim(
        cls, database: Database, budget: str = "1000", channel: Channel = Channel.WECHAT, sender: str = "o1"
    ) -> Hands:
        """Everybody, a budget, and a claim a resident asked for, of a tip found true."""
        with database.transaction() as session:
            people = [
                add_staff(session, "officer", "王警官", "officer"),
                add_staff(session, "verifier", "钱审核", "verifier"),
                add_staff(session, "approver", "孙所长", "approver"),
                add_staff(session, "finance", "吴会计", "finance"),
                add_staff(session, "second", "郑出纳", "finance", "officer"),
            ]
            if Decimal(budget):
                ledger.add_budget(session, Decimal(budget), people[3], "测试文号1", NOW)
            contact = contacts.lock_contact(session, channel, sender, NOW)
            conversation = contacts.open_conversation(session, contact, NOW)
            tip = registry.register(session, conversation, Draft(story="有人收银行卡"), NOW).tip
            confirm(session, tip, people[0])
            claim = claims.request(session, conversation, tip.id, NOW).claim
        return cls(database, *people, claim.id)

    def claim(self) -> Claim:
        with self.database.transaction() as session:
            return session.get_one(Claim, self.claim_id)

    def propose(self, what: Facts | None = None, amount: str = "", by: Staff | None = None, reason: str = "") -> None:
        with self.database.transaction() as session:
            claim = claims.lock(session, self.claim_id)
            steps.propose(
                session,
                claim,
                ground(session, claim),
                what or facts(),
                Decimal(amount) if amount else None,
                by or self.officer,
                NOW,
                reason,
            )

    def verify(self, by: Staff | None = None) -> None:
        with self.database.transaction() as session:
            steps.verify(session, claims.lock(session, self.claim_id), by or self.verifier, NOW)

    def approve(self, by: Staff | None = None) -> bool:
        with self.database.transaction() as session:
            return steps.approve(session, claims.lock(session, self.claim_id), by or self.approver, NOW)

    def notify(self) -> None:
        with self.database.transaction() as session:
            steps.notify(session, claims.lock(session, self.claim_id), self.officer, NOW, "电话")

    def collect(self) -> str:
        with self.database.transaction() as session:
            return paying.collect(session, claims.lock(session, self.claim_id), NOW)

    def pay(self, number: str, by: Staff | None = None, second: Staff | None = None, receipt: str = "SJ-1") -> None:
        with self.database.transaction() as session:
            paper = Receipt("cash", receipt, number, {"name": "某人"})
            claim = claims.lock(session, self.claim_id)
            paying.pay(session, claim, paper, by or self.finance, second or self.second, NOW)

    def up_to(self, state: str) -> str:
        """Every step up to this state; returns the collection number if that far."""
        number = ""
        for name in ("propose", "verify", "approve", "notify", "collect"):
            if self.claim().state == state:
                break
            number = getattr(self, name)() or ""
        return number


def act(session: Session, hands: Hands, name: str) -> None:
    """One of the later steps, by whoever may."""
    claim = claims.lock(session, hands.claim_id)
    later = {
        "lapse": lambda: paying.lapse(session, claim, NOW + timedelta(days=100)),
        "revoke": lambda: paying.revoke(session, claim, hands.approver, NOW, "查明线索虚假"),
        "recover": lambda: paying.recover(session, claim, hands.finance, NOW, "收据9"),
        "refuse": lambda: steps.refuse(session, claim, hands.officer, NOW, "不符合"),
        "archive": lambda: paying.archive(session, claim, hands.finance, NOW),
    }
    later[name]()
