"""The figures against cards whose figures were worked out by hand."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Staff
from stops import cards, figures
from stops.drills import desk
from stops.duty.models import LadderStep
from stops.facts import LossFacts, TransferFacts
from stops.figures import Line, Span
from stops.models import StopCard
from stops.orders.deadlines import Deadlines
from stops.orders.models import WarningOrder
from stops.orders.register import Draft, enter
from storage.engine import Database
from tests.stops.conftest import officers

__all__ = ["officers"]
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in China
LATER = datetime(2026, 4, 10, tzinfo=UTC)


class Book:
    """Cards as they would have come about."""

    def __init__(self, session: Session, officer: Staff) -> None:
        self.session, self.officer, self.number = session, officer, 0

    def card(
        self,
        at: datetime = NOON,
        *amounts: int,
        to_card: float = 0,
        accepted: float | None = None,
        complete: float | None = None,
        **fields: Any,
    ) -> StopCard:
        """One card; ``amounts`` in yuan, times in seconds after its first words at ``at - to_card``."""
        self.number += 1
        first = at - timedelta(seconds=to_card)
        contact = contacts.lock_contact(self.session, Channel.WECHAT, f"o{self.number}", at)
        contact.drill = fields.pop("drill", False)
        about = fields.pop("about_to_pay", False)
        conversation = contacts.open_conversation(self.session, contact, at)
        card = cards.open_card(self.session, conversation, at, about_to_pay=about, first_urgent_at=first)
        transfers = tuple(TransferFacts(amount_fen=yuan * 100) for yuan in amounts)
        cards.enrich(self.session, card, LossFacts(transfers=transfers), at)
        if accepted is not None:
            moment = first + timedelta(seconds=accepted)
            cards.set_state(self.session, card.id, cards.CardState.ACCEPTED, self.officer, moment)
        if complete is not None:
            card.complete, card.completed_at = True, first + timedelta(seconds=complete)
        for name, value in fields.items():
            setattr(card, name, value)
        self.session.flush()
        return card

    def report(self, first: date = MARCH[0], last: date = MARCH[1]) -> figures.Report:
        return figures.report(self.session, first, last, LATER)


@pytest.fixture
def book(database: Database, officers: tuple[Staff, Staff]) -> Any:
    with database.transaction() as session:
        yield Book(session, officers[0])


def test_nothing_is_nothing(book: Book) -> None:
    found = book.report(date(2026, 2, 27), date(2026, 3, 2))
    assert found.total == Line("")
    assert [line.key for line in found.days] == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    assert [line.key for line in found.months] == ["2026-02", "2026-03"]
    assert all(line == Line(line.key) for line in [*found.days, *found.months])
    assert (found.fraud, found.village, found.age, found.order_days) == ([], [], [], [])
    assert found.total.share is None


def test_by_hand(book: Book) -> None:
    book.card(NOON, 20000, 3000, to_card=1, accepted=11, complete=61, fraud_type="fake_invest", stopped_fen=1_500_050)
    book.card(NOON, 8820, to_card=2, accepted=42, fraud_type="fake_invest", returned_fen=882_000)
    book.card(NOON, to_card=3, accepted=93, complete=301)
    book.card(NOON, to_card=4, about_to_pay=True, complete=5)
    found = book.report()
    line = found.total
    assert (line.cards, line.losses, line.complete) == (4, 3, 2)
    assert line.share == pytest.approx(2 / 3)
    # 1, 2, 3, 4: the middle of 2 and 3; 95 % of the way along three steps is 2.85 steps: 3.85.
    assert line.to_card == Span(2.5, 3.85)
    # 11, 42, 93; 95 % of two steps is 1.9: 42 + 0.9 * 51.
    assert line.to_accepted == Span(42, 87.9)
    # 61 and 301; somebody who has not paid has nothing to complete.
    assert line.to_complete == Span(181, 289)
    assert (line.reported_fen, line.stopped_fen, line.returned_fen) == (3_182_000, 1_500_050, 882_000)
    by_type = {group.key: (group.cards, group.reported_fen) for group in found.fraud}
    assert by_type == {"fake_invest": (2, 3_182_000), "": (2, 0)}
    assert [(group.key, group.cards) for group in found.age] == [("", 4)]
    assert [day.key for day in found.days if day.cards] == ["2026-03-02"]
    assert found.days[1] == Line("2026-03-02", *[getattr(line, name) for name in list(Line.__dataclass_fields__)[1:]])
    assert [month.cards for month in found.months] == [4]


def test_days_are_chinas(book: Book) -> None:
    midnight = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # 2 March, 00:00 in China
    book.card(midnight - timedelta(seconds=1), 100)
    book.card(midnight, 200)
    book.card(datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC), 400)  # 28 February, 23:59:59
    book.card(datetime(2026, 3, 31, 16, 0, tzinfo=UTC), 800)  # 1 April, 00:00
    found = book.report()
    counted = {day.key: day.reported_fen for day in found.days if day.cards}
    assert counted == {"2026-03-01": 10_000, "2026-03-02": 20_000}
    both = book.report(date(2026, 2, 1), date(2026, 4, 30))
    assert [(month.key, month.reported_fen) for month in both.months] == [
        ("2026-02", 40_000),
        ("2026-03", 30_000),
        ("2026-04", 80_000),
    ]


def test_drills_and_merged_cards_do_not_count(book: Book) -> None:
    kept = book.card(NOON, 100)
    book.card(NOON, 5000, drill=True, accepted=1)
    book.card(NOON, 7000, merged_into=kept.id, state="closed", state_by=book.officer.id)
    desk.start(book.session, "clerk", None, NOON)
    assert (book.report().total.cards, book.report().total.reported_fen) == (1, 10_000)


def test_steps_that_fired(book: Book) -> None:
    card = book.card(NOON)
    book.card(NOON)
    for step in book.session.query(LadderStep).filter(LadderStep.card_id == card.id, LadderStep.ordinal <= 3):
        step.state = "fired"
    book.session.flush()
    assert book.report().total.steps == 3


def test_the_village_is_that_of_the_warning_order(book: Book) -> None:
    known = book.card(NOON, 100)
    book.card(NOON)
    book.card(NOON)
    for number, village in (("A-1", "示例村"), ("A-2", ""), ("A-3", "示例村")):
        draft = Draft(number=number, phone="+8617000000001", village=village)
        order = enter(book.session, draft, Deadlines([]), book.officer, NOON)
        book.session.get_one(WarningOrder, order.id).card_id = known.id
    book.session.flush()
    found = book.report()
    assert [(group.key, group.cards) for group in found.village] == [("", 2), ("示例村", 1)]
    assert found.total.reported_fen == 10_000, "three orders make it no three cards"
    assert found.order_days[0].received == 3


def test_the_export_says_the_same(book: Book) -> None:
    book.card(NOON, 100, complete=8, fraud_type="fake_invest")
    book.card(NOON, 200)
    found = book.report()
    plain = json.loads(json.dumps(figures.as_json(found, {"fake_invest": "虚假投资"})))
    assert plain["total"]["reported_fen"] == found.total.reported_fen == 30_000
    assert plain["total"]["to_complete"] == {"median": 8.0, "p95": 8.0}
    assert plain["total"]["complete_share"] == 0.5
    assert len(plain["days"]) == 31
    assert {group["name"] for group in plain["fraud"]} == {"虚假投资", "未知"}
    assert [group["name"] for group in plain["age"]] == ["未知"]
