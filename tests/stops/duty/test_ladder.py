"""The ladder: who is reached when, exactly once and in order, whoever looks and whatever the clock does."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from conversations.models import Staff
from stops import cards, events
from stops.duty import firing, ladder, plans
from stops.duty.models import LadderRun, LadderStep, Reach
from stops.models import StopCard
from tests.stops.duty.conftest import ROSTER, Accept, Station, look

WHOLE = [
    (1, 1, ["li"]),
    (1, 2, ["zhao"]),
    (1, 3, ["li", "sun", "wang", "zhao"]),
    (1, 4, ["li", "sun", "wang", "zhao"]),
]


def test_nobody_takes_it_up(manned: Station) -> None:
    card = manned.open_card()
    noise = manned.open_card("o2")
    seen = {}
    for seconds in (0, 59, 1, 119, 1, 419, 1, 3600):
        manned.clock.pass_(seconds=seconds)
        manned.look()
        seen[(manned.clock() - manned.runs(card)[0].started_at).seconds] = len(manned.reached(card))
    assert seen == {0: 1, 59: 1, 60: 2, 179: 2, 180: 3, 599: 3, 600: 4, 4200: 4}
    assert manned.reached(card) == WHOLE
    assert manned.reached(noise) == WHOLE


def test_acceptance_stops_it(manned: Station, accept: Accept) -> None:
    card, other = manned.open_card(), manned.open_card("o2")
    manned.look()
    manned.clock.pass_(seconds=30)
    accept(card)
    for _ in range(4):
        manned.clock.pass_(minutes=10)
        manned.look()
    assert manned.reached(card) == WHOLE[:1]
    assert manned.steps(card) == ["fired", "cancelled", "cancelled", "cancelled"]
    assert manned.runs(card)[0].stopped_at is not None
    assert manned.reached(other) == WHOLE


def test_a_step_that_fires_while_an_officer_waits_for_the_card_is_before_the_end(
    manned: Station, accept: Accept
) -> None:
    """The officer's moment is taken before they wait for the worker to let go of the card."""
    card = manned.open_card()
    pressed = manned.clock()
    manned.clock.pass_(seconds=2)
    manned.look()
    manned.clock.now = pressed
    accept(card)
    (run,) = manned.runs(card)
    with manned.database.transaction() as session:
        fired = session.scalars(select(LadderStep.fired_at).where(LadderStep.ordinal == 1)).one()
    assert run.stopped_at == fired == pressed + timedelta(seconds=2)


@pytest.mark.parametrize("what", ["released", "holder_silent", "holder_gone"])
def test_a_card_that_loses_its_holder_starts_from_the_first_step(manned: Station, accept: Accept, what: str) -> None:
    card = manned.open_card()
    manned.look()
    accept(card)
    manned.clock.pass_(minutes=4)
    with manned.database.transaction() as session:
        row = session.get_one(StopCard, card)
        row.officer_id, row.state = None, "new"
        events.card_changed(session, row, what, manned.clock())
    manned.look()
    manned.clock.pass_(seconds=60)
    manned.look()
    assert manned.reached(card) == [(1, 1, ["li"]), (2, 1, ["li"]), (2, 2, ["zhao"])]
    accept(card, "zhao")
    assert [run.stopped_at is not None for run in manned.runs(card)] == [True, True]


def test_what_else_happens_to_a_card_leaves_its_ladder_alone(manned: Station) -> None:
    card = manned.open_card()
    manned.look()
    with manned.database.transaction() as session:
        row = session.get_one(StopCard, card)
        events.card_changed(session, row, "enriched", manned.clock())
        ladder.start(session, row, manned.clock())
    manned.clock.pass_(seconds=60)
    manned.look()
    assert manned.reached(card) == WHOLE[:2]


def test_somebody_about_to_pay_has_a_ladder_of_ten_minutes(manned: Station) -> None:
    card = manned.open_card(about_to_pay=True)
    with manned.database.transaction() as session:
        row = session.get_one(StopCard, card)
        last = session.scalar(select(LadderStep.due_at).order_by(LadderStep.due_at.desc()).limit(1))
        assert last is not None
        assert last < row.deadline == row.reported_at + timedelta(minutes=10)
        assert {run.rule for run in session.scalars(select(LadderRun))} == {"正要转"}
    manned.look()
    manned.clock.pass_(seconds=20)
    with manned.database.transaction() as session:
        row = cards.load(session, card)
        assert row is not None
        cards.money_has_gone(session, row, manned.clock())
    manned.look()
    assert [run.rule for run in manned.runs(card)] == ["正要转", "已转出"]
    assert manned.reached(card) == [(1, 1, ["li"]), (2, 1, ["li"])]


def test_nobody_on_duty_is_a_state_with_its_own_alert(station: Station) -> None:
    station.load(ROSTER.replace('to: "20:00"', 'to: "12:00"'))
    card = station.open_card()
    station.look()
    assert station.reached(card) == [(1, 1, ["li", "sun", "wang", "zhao"])]  # the leader and every officer
    with station.database.transaction() as session:
        assert session.scalars(select(LadderStep.note).where(LadderStep.ordinal == 1)).one() == "nobody"
        assert all("现在无人值班" in said for said in session.scalars(select(Reach.text)))


def test_without_any_roster_every_officer_is_alerted(station: Station) -> None:
    card = station.open_card()
    station.look()
    assert station.reached(card) == [(1, 1, ["li", "sun", "wang", "zhao"])]


def test_one_alone_on_duty_has_no_next(station: Station) -> None:
    station.load(ROSTER.replace("[li, zhao, sun]", "[li]"))
    card = station.open_card()
    for seconds in (0, 60, 120):
        station.clock.pass_(seconds=seconds)
        station.look()
    assert station.reached(card) == [(1, 1, ["li"]), (1, 2, ["wang"]), (1, 3, ["li", "wang"])]
    with station.database.transaction() as session:
        notes = session.scalars(select(LadderStep.note).order_by(LadderStep.ordinal)).all()
    assert notes == ["", "no_next", "", ""]


def test_who_is_on_duty_is_asked_when_the_step_fires(manned: Station) -> None:
    manned.clock.pass_(hours=5, minutes=59, seconds=30)  # 19:59:30
    card = manned.open_card()
    manned.look()
    manned.clock.pass_(seconds=60)
    manned.look()
    assert manned.reached(card) == [(1, 1, ["li"]), (1, 2, ["sun"])]


def test_the_ladder_in_force_counts_and_a_running_one_keeps_its_steps(manned: Station) -> None:
    before = manned.open_card()
    manned.load(plans.BUILT_IN.read_text(encoding="utf-8").replace("after: 60,", "after: 20,"))
    after = manned.open_card("o2")
    manned.look()
    manned.clock.pass_(seconds=20)
    manned.look()
    assert (len(manned.reached(before)), len(manned.reached(after))) == (1, 2)
    assert [run.plan_id is None for run in manned.runs(before) + manned.runs(after)] == [True, False]


def test_two_workers_at_once(manned: Station) -> None:
    made = [manned.open_card(f"o{number}") for number in range(5)]
    manned.clock.pass_(minutes=11)
    errors: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(3):
                look(manned.database, manned.clock())
        except Exception as error:  # noqa: BLE001 shown by the assertion below
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    for card in made:
        assert manned.reached(card) == WHOLE
        assert manned.steps(card) == ["fired"] * 4


def test_acceptance_and_steps_at_once_never_fire_after_it(manned: Station, accept: Accept) -> None:
    for number in range(8):
        card = manned.open_card(f"o{number}")
        manned.clock.pass_(minutes=11)
        both = [threading.Thread(target=accept, args=(card,)), threading.Thread(target=manned.look)]
        random.Random(number).shuffle(both)
        for one in both:
            one.start()
        for one in both:
            one.join()
        steps = manned.steps(card)
        assert steps in (["fired"] * 4, ["cancelled"] * 4), steps
        manned.look()
        assert manned.steps(card) == steps


@pytest.mark.parametrize("back", [60, 3600, 86_400 * 400])
def test_a_clock_moved_back(manned: Station, back: int) -> None:
    card = manned.open_card()
    manned.look()
    manned.clock.pass_(seconds=40)
    manned.look()
    manned.clock.pass_(seconds=-back)
    assert manned.look() == 0  # nothing fires a second time
    manned.clock.pass_(seconds=19)
    assert manned.look() == 0
    manned.clock.pass_(seconds=1)
    assert manned.look() == 1  # sixty seconds after the first by any honest clock
    for _ in range(40):
        manned.clock.pass_(seconds=15)
        manned.look()
    # So long ago no roster was in force: nobody is on duty, so all are told each time.
    before_the_roster = [WHOLE[0], *((1, step, ["li", "sun", "wang", "zhao"]) for step in (2, 3, 4))]
    assert manned.reached(card) == (WHOLE if back < 86_400 else before_the_roster)
    assert manned.steps(card) == ["fired"] * 4


@pytest.mark.parametrize("ahead", [50, 3600, 86_400 * 30])
def test_a_clock_moved_forward_fires_early_in_order_and_once(manned: Station, ahead: int) -> None:
    card = manned.open_card()
    manned.look()
    manned.clock.pass_(seconds=20 + ahead)
    manned.look()
    manned.clock.pass_(seconds=-ahead)  # and put right again
    for _ in range(80):
        manned.clock.pass_(seconds=10)
        manned.look()
    assert manned.reached(card) == WHOLE
    with manned.database.transaction() as session:
        fired = session.scalars(select(LadderStep.fired_at).order_by(LadderStep.ordinal)).all()
    assert None not in fired


def test_a_clock_that_jumps_about(manned: Station) -> None:
    """Any sequence of looks and jumps: each step once, in order, none lost."""
    dice = random.Random(7)
    card = manned.open_card()
    order = []
    for _ in range(200):
        manned.clock.pass_(seconds=dice.choice([5, 5, 5, 5, 30, -20, -200, 200, -4000, 3000]))
        before = manned.steps(card)
        manned.look()
        order += [index for index, (old, new) in enumerate(zip(before, manned.steps(card), strict=True)) if old != new]
    assert order == [0, 1, 2, 3]
    with manned.database.transaction() as session:
        keys = session.scalars(select(Reach.key)).all()
    assert len(keys) == len(set(keys)) == 1 + 1 + 4 + 4 + (1 + 1 + 4 + 4) + 8  # console, SMS, two groups


def test_a_process_killed_while_firing_leaves_the_step_waiting(manned: Station) -> None:
    card = manned.open_card()
    with pytest.raises(RuntimeError), manned.database.transaction() as session:
        assert firing.advance(session, manned.runs(card)[0].id, manned.clock()) == 1
        raise RuntimeError("killed before the commit")
    assert manned.steps(card) == ["waiting"] * 4
    with manned.database.transaction() as session:
        assert session.scalars(select(Reach)).all() == []
    manned.look()
    assert manned.reached(card) == WHOLE[:1]


def test_a_waiting_card_without_a_ladder_gets_one(manned: Station, accept: Accept) -> None:
    card, taken, closed = (manned.open_card(sender) for sender in ("o1", "o2", "o3"))
    accept(taken)
    with manned.database.transaction() as session:
        session.execute(text("DELETE FROM ladder_steps"))
        session.execute(text("DELETE FROM ladder_runs"))
        done = session.get_one(StopCard, closed)
        done.state_by, done.state = manned.people["sun"], "closed"
    with manned.database.transaction() as session:
        assert firing.forgotten(session, manned.clock()) == [card]
    with manned.database.transaction() as session:
        assert firing.forgotten(session, manned.clock()) == []
    manned.look()
    assert manned.reached(card) == WHOLE[:1]


def test_a_card_taken_up_behind_the_ladders_back_stops_it(manned: Station) -> None:
    card = manned.open_card()
    manned.look()
    with manned.database.transaction() as session:
        session.get_one(StopCard, card).officer_id = manned.people["sun"]
    manned.clock.pass_(minutes=2)
    assert manned.look() == 0
    assert manned.runs(card)[0].stopped_at is not None


def test_somebody_reached_is_not_the_next(manned: Station) -> None:
    with manned.database.transaction() as session:
        session.get_one(Staff, manned.people["zhao"]).active = False
    card = manned.open_card()
    manned.look()
    manned.clock.pass_(seconds=60)
    manned.look()
    assert manned.reached(card) == [(1, 1, ["li"]), (1, 2, ["sun"])]
