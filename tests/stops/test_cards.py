"""Stop cards: what is missing, until when, and who may move them on."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Staff
from stops import cards
from stops.facts import LossFacts, TransferFacts, deadline, missing
from stops.models import CardState, StopCard, StopEvent
from stops.plausible import payee_kind
from storage.engine import Database

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WHOLE = TransferFacts(
    amount_fen=2_000_000,
    transferred_at=NOW - timedelta(minutes=10),
    payee_name="张小三",
    payee_account="6222000000000009",
    payee_bank="中国农业银行",
)


@pytest.fixture
def card_id(database: Database) -> uuid.UUID:
    with database.transaction() as session:
        for sender in ("o2", "o1"):  # the first is noise
            contact = contacts.lock_contact(session, Channel.WECHAT, sender, NOW)
            card = cards.open_card(session, contacts.open_conversation(session, contact, NOW), NOW)
        return card.id


@pytest.fixture
def officers(database: Database) -> tuple[Staff, Staff]:
    with database.transaction() as session:
        pair = [
            Staff(login=login, name=name, password_hash="x", roles="officer", created_at=NOW)
            for login, name in (("one", "甲"), ("two", "乙"))
        ]
        session.add_all(pair)
    return pair[0], pair[1]


def enrich(database: Database, card_id: uuid.UUID, *transfers: TransferFacts, phone: str = "17000000001") -> StopCard:
    with database.transaction() as session:
        card = cards.load(session, card_id)
        assert card is not None
        cards.enrich(session, card, LossFacts(callback_phone=phone, transfers=transfers), NOW)
        return card


def test_a_whole_card_is_complete(database: Database, card_id: uuid.UUID) -> None:
    card = enrich(database, card_id, WHOLE)
    assert (missing(card, NOW), card.complete) == ([], True)
    assert card.transfers[0].payee_kind == "personal"


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"amount_fen": None}, "amount"),
        ({"amount_fen": 0}, "amount"),
        ({"approximate": True}, "amount"),
        ({"transferred_at": None}, "transferred_at"),
        ({"transferred_at": NOW + timedelta(hours=1)}, "transferred_at"),
        ({"payee_account": ""}, "payee_account"),
        ({"payee_account": "6222000000000001"}, "payee_account"),
        ({"payee_name": ""}, "payee_name"),
        ({"payee_bank": ""}, "payee_bank"),
    ],
)
def test_what_a_bank_would_refuse_is_missing(
    database: Database, card_id: uuid.UUID, change: dict[str, object], lacks: str
) -> None:
    values = {name: getattr(WHOLE, name) for name in TransferFacts.__dataclass_fields__}
    card = enrich(database, card_id, TransferFacts(**{**values, **change}))  # type: ignore[arg-type]
    assert missing(card, NOW) == [lacks]
    assert not card.complete


def test_every_transfer_counts(database: Database, card_id: uuid.UUID) -> None:
    card = enrich(database, card_id, WHOLE, TransferFacts(amount_fen=100))
    assert set(missing(card, NOW)) == {"payee_account", "payee_name", "payee_bank", "transferred_at"}


def test_silence_takes_nothing_away(database: Database, card_id: uuid.UUID) -> None:
    enrich(database, card_id, WHOLE)
    card = enrich(database, card_id, TransferFacts(), phone="")
    assert (card.callback_phone, card.transfers[0].payee_name) == ("17000000001", "张小三")


def test_deadlines() -> None:
    assert deadline(NOW) == NOW + timedelta(minutes=30)
    assert deadline(NOW, [NOW - timedelta(minutes=10)]) == NOW + timedelta(minutes=20)
    assert deadline(NOW, [NOW + timedelta(hours=5), None]) == NOW + timedelta(minutes=30)
    assert deadline(NOW, about_to_pay=True) == NOW + timedelta(minutes=10)
    two_hours_ago, just_now = NOW - timedelta(hours=2), NOW - timedelta(minutes=3)
    assert deadline(NOW, [two_hours_ago]) == NOW - timedelta(minutes=90)
    assert deadline(NOW, [two_hours_ago, just_now]) == NOW + timedelta(minutes=27)


@pytest.mark.parametrize(("name", "kind"), [("", ""), ("张小三", "personal"), ("某某商贸有限公司", "corporate")])
def test_the_kind_of_payee(name: str, kind: str) -> None:
    assert payee_kind(name) == kind


def test_an_officer_moves_it_on_and_it_is_written_down(
    database: Database, card_id: uuid.UUID, officers: tuple[Staff, Staff]
) -> None:
    enrich(database, card_id, WHOLE)
    with database.transaction() as session:
        cards.set_state(session, card_id, CardState.ACCEPTED, officers[0], NOW)
        cards.set_state(session, card_id, CardState.INITIATED, officers[0], NOW, "文号 1")
    with database.transaction() as session:
        events = cards.history(session, card_id)
        assert [(event.what, event.state) for event in events] == [
            ("opened", "new"),
            ("told", ""),
            ("complete", ""),
            ("state", "accepted"),
            ("state", "initiated"),
        ]
        assert events[-1].detail == "文号 1"
        assert events[-1].staff_id == officers[0].id
        assert session.scalar(select(StopCard.state).where(StopCard.id != card_id)) == "new"


def test_steps_that_do_not_follow_and_colleagues_are_refused(
    database: Database, card_id: uuid.UUID, officers: tuple[Staff, Staff]
) -> None:
    def go(to: CardState, officer: Staff, note: str = "") -> None:
        with database.transaction() as session:
            cards.set_state(session, card_id, to, officer, NOW, note)

    with pytest.raises(cards.CardError, match="不能这样"):
        go(CardState.SUCCEEDED, officers[0], "x")
    go(CardState.ACCEPTED, officers[0])
    with pytest.raises(cards.CardError, match="甲"):
        go(CardState.INITIATED, officers[1], "x")
    with pytest.raises(cards.CardError, match="请填写"):
        go(CardState.INITIATED, officers[0])
    with database.transaction() as session:
        assert len(list(session.scalars(select(StopEvent).where(StopEvent.card_id == card_id)))) == 2


def test_two_who_change_one_card_do_not_overwrite_each_other(database: Database, card_id: uuid.UUID) -> None:
    with database.transaction() as mine:
        stale = cards.load(mine, card_id)
        assert stale is not None
        enrich(database, card_id, WHOLE, phone="17000000002")
        stale.callback_phone = "17000000003"
        with pytest.raises(StaleDataError):
            mine.flush()
        mine.rollback()
