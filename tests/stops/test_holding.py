"""Who has a card in hand: one officer, until they give it back, fall silent or are gone."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.sweep import Sweep
from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Staff
from stops import cards, holding
from stops.cards import CardError
from stops.holding import SILENT, HeldByOther
from stops.models import CardState, StopCard, StopEvent
from storage.clock import Stopwatch, utc_now
from storage.engine import Database

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Opens = Callable[..., uuid.UUID]


@pytest.fixture
def opens(database: Database) -> Opens:
    def open_one(minutes_ago: float = 0, state: CardState = CardState.NEW) -> uuid.UUID:
        with database.transaction() as session:
            at = NOW - timedelta(minutes=minutes_ago)
            contact = contacts.lock_contact(session, Channel.WECHAT, uuid.uuid4().hex, at)
            card = cards.open_card(session, contacts.open_conversation(session, contact, at), at)
            card_id = card.id
        if state != CardState.NEW:
            with database.transaction() as session:
                somebody = session.scalars(select(Staff.id).limit(1)).one()
                session.execute(
                    update(StopCard)
                    .where(StopCard.id == card_id)
                    .values(state=state.value, state_by=somebody, state_at=at)
                )
        return card_id

    return open_one


@pytest.fixture
def officers(database: Database) -> tuple[Staff, Staff]:
    with database.transaction() as session:
        pair = [
            Staff(login=login, name=name, password_hash="x", roles="officer", created_at=NOW)
            for login, name in (("one", "甲"), ("two", "乙"))
        ]
        session.add_all(pair)
    return pair[0], pair[1]


def card_of(database: Database, card_id: uuid.UUID) -> StopCard:
    with database.transaction() as session:
        return session.get_one(StopCard, card_id)


def events_of(database: Database, card_id: uuid.UUID) -> list[tuple[str, str, str]]:
    with database.transaction() as session:
        query = select(StopEvent).where(StopEvent.card_id == card_id).order_by(StopEvent.at, StopEvent.id)
        return [(event.actor, event.what, event.state) for event in session.scalars(query)]


def takes(database: Database, card_id: uuid.UUID, officer: Staff, at: datetime = NOW) -> None:
    with database.transaction() as session:
        holding.take(session, card_id, officer, at)


def falls_silent(database: Database, span: timedelta, *card_ids: uuid.UUID) -> None:
    """As if the last sign of life of their holders were so long ago, by PostgreSQL's clock."""
    with database.transaction() as session:
        seen_at = func.now() - span
        session.execute(update(StopCard).where(StopCard.id.in_(card_ids)).values(seen_at=seen_at))


def sweeps(database: Database) -> None:
    Sweep(database, lambda: NOW).run()


def test_one_takes_it_and_the_other_is_told_who(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    card_id, other_id = opens(), opens()
    takes(database, card_id, officers[0])
    takes(database, card_id, officers[0], NOW + SECOND)
    with pytest.raises(HeldByOther, match="甲"):
        takes(database, card_id, officers[1], NOW + SECOND)
    card = card_of(database, card_id)
    assert (card.state, card.officer_id, card.state_by) == (CardState.ACCEPTED, officers[0].id, officers[0].id)
    assert card.taken_at == NOW
    assert card.seen_at is not None
    assert abs(card.seen_at - utc_now()) < timedelta(minutes=1)  # by PostgreSQL's clock, not the caller's
    assert events_of(database, card_id) == [("bot", "opened", "new"), ("staff", "state", "accepted")]
    assert card_of(database, other_id).officer_id is None


def test_two_at_the_same_moment(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    card_id = opens()
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def run(officer: Staff) -> None:
        together.wait()
        try:
            takes(database, card_id, officer)
            outcomes.append("has it")
        except HeldByOther:
            outcomes.append("told")

    threads = [threading.Thread(target=run, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["has it", "told"]
    assert [what for _, what, _ in events_of(database, card_id)] == ["opened", "state"]


def test_the_most_pressing_first_and_never_the_same_twice(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    later, first, second = opens(1), opens(20), opens(10)
    opens(60, CardState.CLOSED)
    opens(60, CardState.INITIATED)
    with database.transaction() as one, database.transaction() as two:  # the first has not committed yet
        assert holding.take_next(one, officers[0], NOW).id == first
        assert holding.take_next(two, officers[1], NOW).id == second
    with database.transaction() as session:
        assert holding.take_next(session, officers[0], NOW).id == later
    with pytest.raises(CardError, match="没有等人接手"), database.transaction() as session:
        holding.take_next(session, officers[0], NOW)


def test_a_card_the_worker_just_looks_at_is_still_there_to_be_taken(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    card_id = opens()
    taken: list[uuid.UUID] = []

    def takes_next() -> None:
        with database.transaction() as session:
            taken.append(holding.take_next(session, officers[0], NOW).id)

    officer = threading.Thread(target=takes_next)
    with database.transaction() as worker:
        cards.locked(worker, card_id)
        officer.start()
        officer.join(0.3)
        assert officer.is_alive()
    officer.join()
    assert taken == [card_id]


@pytest.mark.parametrize(
    ("silent", "lost"),
    [(SILENT - 30 * SECOND, False), (SILENT + SECOND, True), (timedelta(0), False), (-timedelta(hours=5), False)],
)
def test_silence_loses_it(
    database: Database, opens: Opens, officers: tuple[Staff, Staff], silent: timedelta, lost: bool
) -> None:
    card_id = opens()
    takes(database, card_id, officers[0])
    falls_silent(database, silent, card_id)
    sweeps(database)
    card = card_of(database, card_id)
    if lost:
        assert (card.state, card.officer_id, card.taken_at, card.seen_at) == (CardState.NEW, None, None, None)
        assert events_of(database, card_id)[-1] == ("system", "holder_silent", "new")
    else:
        assert (card.state, card.officer_id) == (CardState.ACCEPTED, officers[0].id)


def test_a_sign_of_life_keeps_every_card_one_holds(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    mine, also, others = opens(), opens(5), opens()
    for card_id in (mine, also):
        takes(database, card_id, officers[0])
    takes(database, others, officers[1])
    version = card_of(database, mine).version
    falls_silent(database, SILENT + SECOND, mine, also, others)
    with database.transaction() as session:
        holding.beat(session, officers[0])
    sweeps(database)
    assert {card_of(database, card_id).officer_id for card_id in (mine, also)} == {officers[0].id}
    assert card_of(database, others).officer_id is None
    assert card_of(database, mine).version == version  # nobody's typing goes stale by it


def test_silence_is_found_once_by_two_workers(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    cards_held = [opens(minutes) for minutes in range(6)]
    for card_id in cards_held:
        takes(database, card_id, officers[0])
    falls_silent(database, SILENT + SECOND, *cards_held)
    together = threading.Barrier(2)

    def run() -> None:
        together.wait()
        sweeps(database)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweeps(database)
    for card_id in cards_held:
        assert [what for _, what, _ in events_of(database, card_id)] == ["opened", "state", "holder_silent"]


def test_the_next_need_not_wait_for_the_worker(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    card_id = opens()
    takes(database, card_id, officers[0])
    falls_silent(database, SILENT + SECOND, card_id)
    takes(database, card_id, officers[1], NOW + SILENT + SECOND)
    sweeps(database)
    assert card_of(database, card_id).officer_id == officers[1].id
    whats = [(actor, what) for actor, what, _ in events_of(database, card_id)]
    assert whats == [("bot", "opened"), ("staff", "state"), ("system", "holder_silent"), ("staff", "state")]


def test_a_clock_set_back_does_not_keep_a_silent_holder(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    card_id = opens()
    takes(database, card_id, officers[0])
    falls_silent(database, -timedelta(hours=6), card_id)
    sweeps(database)
    seen_at = card_of(database, card_id).seen_at
    assert seen_at is not None
    assert abs(seen_at - utc_now()) < timedelta(minutes=1)


def test_a_clock_set_ahead_takes_no_card_from_anybody(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    """Given a held card and a worker that looks every five seconds, when the clock is set ahead by an hour, then the
    holder keeps it; three minutes of silence that the machine counted, too, lose it."""
    card_id = opens()
    takes(database, card_id, officers[0])
    counted = 1000.0
    since = Stopwatch(lambda: counted)

    def look() -> int:
        with database.transaction() as session:
            return holding.lose_silent(session, NOW, since)

    assert look() == 0
    # As the clock would show it: an hour has gone by since the last look, and the machine counted none of it.
    falls_silent(database, timedelta(hours=1), card_id)
    counted -= 3600
    assert look() == 0
    assert card_of(database, card_id).officer_id == officers[0].id
    assert look() == 0
    falls_silent(database, SILENT + SECOND, card_id)
    assert look() == 1
    assert card_of(database, card_id).officer_id is None


def test_a_console_whose_clock_is_wrong_loses_nobodys_card(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    card_id = opens()
    takes(database, card_id, officers[0], NOW - timedelta(days=1))
    Sweep(database, lambda: utc_now() + timedelta(days=1)).run()
    assert card_of(database, card_id).officer_id == officers[0].id
    with pytest.raises(HeldByOther):
        takes(database, card_id, officers[1], utc_now() + timedelta(days=1))


def test_once_a_stop_is_asked_for_silence_is_fine(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    card_id = opens(0, CardState.INITIATED)
    takes(database, card_id, officers[0])
    falls_silent(database, timedelta(hours=40), card_id)
    sweeps(database)
    assert (card_of(database, card_id).officer_id, card_of(database, card_id).state) == (officers[0].id, "initiated")


def test_what_was_done_stays_done_when_the_holder_is_lost(
    database: Database, opens: Opens, officers: tuple[Staff, Staff]
) -> None:
    card_id = opens(0, CardState.FORWARDED)
    takes(database, card_id, officers[0])
    falls_silent(database, SILENT + SECOND, card_id)
    sweeps(database)
    card = card_of(database, card_id)
    assert (card.state, card.officer_id) == (CardState.FORWARDED, None)
    takes(database, card_id, officers[1], NOW + SILENT + SECOND)
    assert events_of(database, card_id)[-1] == ("staff", "taken", "")


def test_giving_it_back(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    card_id = opens()
    takes(database, card_id, officers[0])
    with pytest.raises(CardError, match="不在您手上"), database.transaction() as session:
        holding.release(session, card_id, officers[1], NOW)
    with database.transaction() as session:
        holding.release(session, card_id, officers[0], NOW + SECOND)
    card = card_of(database, card_id)
    assert (card.state, card.officer_id) == (CardState.NEW, None)
    assert events_of(database, card_id)[-1] == ("staff", "released", "new")


def test_taking_it_over_needs_a_reason(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    card_id = opens()
    takes(database, card_id, officers[0])
    with pytest.raises(CardError, match="为什么"), database.transaction() as session:
        holding.take_over(session, card_id, officers[1], "  ", NOW)
    with database.transaction() as session:
        holding.take_over(session, card_id, officers[1], "他在出警", NOW + SECOND)
    card = card_of(database, card_id)
    assert (card.officer_id, card.taken_at) == (officers[1].id, NOW + SECOND)
    with database.transaction() as session:
        last = session.scalars(select(StopEvent).where(StopEvent.what == "taken_over")).one()
        assert (last.staff_id, last.detail) == (officers[1].id, "甲 → 乙：他在出警")


def test_who_is_gone_holds_nothing(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    running, later, closed, others = opens(), opens(0, CardState.INITIATED), opens(), opens()
    for card_id in (running, later, closed):
        takes(database, card_id, officers[0])
    takes(database, others, officers[1])
    with database.transaction() as session:
        session.execute(update(StopCard).where(StopCard.id == closed).values(state="closed"))
    with database.transaction() as session:
        assert holding.give_up_all(session, officers[0], NOW + SECOND) == 2
    assert [card_of(database, card_id).officer_id for card_id in (running, later)] == [None, None]
    assert card_of(database, later).state == CardState.INITIATED
    assert card_of(database, closed).officer_id == officers[0].id
    assert card_of(database, others).officer_id == officers[1].id


def test_a_closed_card_is_taken_by_nobody(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    card_id = opens(0, CardState.CLOSED)
    with pytest.raises(CardError, match="结案"):
        takes(database, card_id, officers[0])


def test_who_is_about_to_lose_what(database: Database, opens: Opens, officers: tuple[Staff, Staff]) -> None:
    card_id = opens()
    opens()
    takes(database, card_id, officers[0])
    falls_silent(database, timedelta(minutes=1), card_id)
    with database.transaction() as session:
        # By the reader's clock, whatever it shows.
        (held,) = holding.held_by(session, officers[0], NOW)
        assert held.id == card_id
        assert abs(held.lost_at - (NOW + timedelta(minutes=2))) < timedelta(seconds=20)
        assert holding.held_by(session, officers[1], NOW) == []
