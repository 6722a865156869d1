"""One loss told twice: by the same person, and by somebody of the family."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Contact, Staff
from stops import cards
from stops.cards import Act, CardError
from stops.facts import TransferFacts
from stops.models import CardState
from storage.engine import Database
from tests.handlers.victims import ABC, ICBC
from tests.stops.conftest import NOW, WHOLE, Told

MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"payee_account": " ".join([ABC[:4], ABC[4:]])}, True),
        ({"amount_fen": 1_900_000, "approximate": True}, True),
        ({"amount_fen": None, "transferred_at": None}, True),
        ({"transferred_at": NOW - 90 * MINUTES}, True),
        ({"amount_fen": 1_900_000}, False),
        ({"amount_fen": 900_000, "approximate": True}, False),
        ({"transferred_at": NOW - 180 * MINUTES}, False),
        ({"payee_account": ICBC}, False),
        ({"payee_account": ""}, False),
    ],
)
def test_what_is_probably_the_same(database: Database, told: Told, change: dict[str, object], same: bool) -> None:
    first = told("o1", WHOLE)
    told("noise", replace(WHOLE, payee_account=ICBC, amount_fen=5))
    second = told("o2", replace(WHOLE, **change))  # type: ignore[arg-type]
    with database.transaction() as session:
        card = cards.load(session, first)
        assert card is not None
        assert [other.id for other in cards.similar(session, card)] == ([second] if same else [])


def test_the_index_is_a_keyed_digest(database: Database, told: Told) -> None:
    told("o1", WHOLE)
    with database.transaction() as session:
        (row,) = session.execute(text("SELECT * FROM stop_transfers")).mappings()
        assert ABC.encode() not in bytes(row["account_index"])
        assert ABC not in str(dict(row))


def test_a_person_merges_and_both_histories_stay(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    knows_little = told("o1", TransferFacts(amount_fen=2_000_000, payee_account=ABC), phone="17000000005")
    knows_more = told("o2", replace(WHOLE, payer_bank="中国建设银行"), TransferFacts(amount_fen=70_000))
    with database.transaction() as session:
        cards.merge(session, knows_little, knows_more, officers[0], NOW + MINUTES)
    with database.transaction() as session:
        card, gone = cards.load(session, knows_little), cards.load(session, knows_more)
        assert card is not None
        assert gone is not None
        assert (gone.state, gone.merged_into, gone.state_by) == ("closed", card.id, officers[0].id)
        assert (card.callback_phone, card.transfers[0].payee_name) == ("17000000005", "张小三")
        assert [t.amount_fen for t in card.transfers] == [2_000_000, 70_000]
        assert card.complete is False, "the second transfer has no account yet"
        events = cards.history(session, card.id)
        assert {event.card_id for event in events} == {card.id, gone.id}
        merged = next(event for event in events if event.what == "merged")
        assert (merged.detail, merged.staff_id) == (gone.number, officers[0].id)
        assert cards.similar(session, card) == []


def test_what_its_teller_says_next_goes_onto_the_card_that_stayed(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    stays, goes = told("o1", WHOLE), told("o2", WHOLE)
    with database.transaction() as session:
        cards.merge(session, stays, goes, officers[0], NOW)
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.WECHAT, "o2", NOW)
        found = cards.open_card_of(session, contacts.open_conversation(session, contact, NOW), NOW)
        assert found is not None
        assert found.id == stays
        assert cards.latest_of(session, contact).id == stays  # type: ignore[union-attr]


def test_what_may_not_be_merged(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    first, second, third = (told(f"o{number}", WHOLE) for number in range(3))
    with database.transaction() as session:
        cards.set_state(session, second, CardState.ACCEPTED, officers[0], NOW)
        cards.set_state(session, second, CardState.INITIATED, officers[0], NOW, act=Act(note="x"))
    for into, other in ((first, first), (first, second)):
        with pytest.raises(CardError), database.transaction() as session:
            cards.merge(session, into, other, officers[0], NOW)
    with database.transaction() as session:
        cards.merge(session, second, third, officers[0], NOW)
    with pytest.raises(CardError, match="已经合并"), database.transaction() as session:
        cards.merge(session, first, third, officers[0], NOW)


def test_a_new_conversation_of_the_same_person_finds_the_card(database: Database, told: Told) -> None:
    card_id = told("o1", WHOLE)
    with database.transaction() as session:
        contact = session.scalars(select(Contact)).one()
        contacts.open_conversation(session, contact, NOW).closed_at = NOW
        session.flush()
        fresh = contacts.open_conversation(session, contact, NOW)
        found = cards.open_card_of(session, fresh, NOW + 23 * 60 * MINUTES)
        assert found is not None
        assert found.id == card_id
        assert cards.open_card_of(session, fresh, NOW + 25 * 60 * MINUTES) is None
