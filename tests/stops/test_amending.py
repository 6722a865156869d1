"""An officer types on a card while others, and the resident, change it, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from conversations.models import Staff
from stops import cards
from stops.cards import CardError
from stops.facts import LossFacts
from stops.models import StopCard
from storage.engine import Database
from tests.handlers.victims import ABC, ICBC
from tests.stops.conftest import NOW, WHOLE, Told


def load(database: Database) -> StopCard:
    with database.transaction() as session:
        (card,) = cards.list_cards(session)
        return card


def amend(database: Database, who: Staff, version: int, **values: object) -> cards.Amended:
    named = {name.replace("t1_", "1.").replace("t2_", "2."): value for name, value in values.items()}
    with database.transaction() as session:
        return cards.amend(session, load(database).id, who, version, named, NOW)  # type: ignore[arg-type]


def tell(database: Database, facts: LossFacts) -> None:
    with database.transaction() as session:
        cards.enrich(session, cards.locked(session, load(database).id), facts, NOW)


def test_a_screenshot_is_typed_off(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    told("o1", replace(WHOLE, payee_account="", payee_name="", payee_bank=""))
    assert not load(database).complete
    done = amend(
        database, officers[0], load(database).version,
        t1_payee_account=ICBC, t1_payee_name="某某商贸有限公司", t1_payee_bank="中国工商银行",
    )  # fmt: skip
    card = load(database)
    assert (done.saved, card.complete, card.transfers[0].payee_kind) == (True, True, "corporate")
    with database.transaction() as session:
        event = next(event for event in cards.history(session, card.id) if event.what == "amended")
        assert event.staff_id == officers[0].id
        assert ("1.payee_account", "", ICBC) in {(c.field, c.before, c.after) for c in cards.changes_of(event)}
        assert ICBC not in str(session.execute(text("SELECT * FROM stop_events")).all()), "sealed"


def test_the_second_sees_what_changed_and_overwrites_nothing(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    told("o1", WHOLE)
    seen = load(database).version
    amend(database, officers[0], seen, t1_payee_name="张小山")
    late = amend(database, officers[1], seen, t1_payee_name="张小川", victim_name="别人")
    assert not late.saved
    assert [(m.by, m.changes[0].before, m.changes[0].after) for m in late.meanwhile] == [
        (officers[0].id, "张小三", "张小山")
    ]
    card = load(database)
    assert (card.transfers[0].payee_name, card.victim_name) == ("张小山", "李小四")
    assert amend(database, officers[1], card.version, t1_payee_name="张小川").saved


def test_other_fields_are_saved_and_the_changes_shown(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    told("o1", WHOLE)
    seen = load(database).version
    tell(database, LossFacts(transfers=(replace(WHOLE, method="realtime"),)))
    done = amend(database, officers[0], seen, victim_name="李小五")
    assert (done.saved, load(database).victim_name) == (True, "李小五")
    assert [change.field for item in done.meanwhile for change in item.changes] == ["1.method"]


def test_what_the_resident_says_again_does_not_undo_an_officer(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    told("o1", WHOLE)
    amend(database, officers[0], load(database).version, t1_payee_account=ICBC, t1_amount_fen=1_999_900)
    tell(database, LossFacts(transfers=(WHOLE,)))
    card = load(database)
    assert (card.transfers[0].payee_account, card.transfers[0].amount_fen) == (ICBC, 1_999_900)
    with database.transaction() as session:
        assert "told_otherwise" not in {event.what for event in cards.history(session, card.id)}
    tell(database, LossFacts(transfers=(replace(WHOLE, amount_fen=2_100_000),)))
    assert load(database).transfers[0].amount_fen == 1_999_900
    with database.transaction() as session:
        last = cards.history(session, card.id)[-1]
        assert last.what == "told_otherwise"
        assert [(c.before, c.after) for c in cards.changes_of(last)] == [(1_999_900, 2_100_000)]


def test_the_deadline_follows_what_is_typed(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    told("o1", replace(WHOLE, transferred_at=None))
    assert load(database).deadline == NOW + timedelta(minutes=30)
    amend(database, officers[0], load(database).version, t1_transferred_at=NOW - timedelta(minutes=7))
    assert load(database).deadline == NOW + timedelta(minutes=23)


def test_a_transfer_may_be_added(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    told("o1", WHOLE)
    amend(database, officers[0], load(database).version, t2_amount_fen=300_000, t2_payee_account=ABC)
    assert [t.amount_fen for t in load(database).transfers] == [2_000_000, 300_000]


@pytest.mark.parametrize(
    "values",
    [{"state": "closed"}, {"t1_card_id": "x"}, {"3.amount_fen": 1}, {"0.amount_fen": 1}, {"victim_name": "长" * 65}],
)
def test_nothing_else_may_be_typed(
    database: Database, told: Told, officers: tuple[Staff, Staff], values: dict[str, object]
) -> None:
    told("o1", WHOLE)
    before = load(database).version
    with pytest.raises(CardError):
        amend(database, officers[0], before, **values)
    assert load(database).version == before
