"""From 已接手 to 结案: who may set what, two stops an account, alerts before the end, and the money."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.half_hour import HalfHour
from conversations.models import Staff
from stops import cards, stop_orders, tasks
from stops.cards import Act, CardError
from stops.duty import desk
from stops.duty.models import Reach
from stops.facts import TransferFacts
from stops.models import CardState, StopCard, StopEvent, StopOrder, StopTask, StopTimer
from storage.engine import Database
from tests.stops.conftest import NOW, WHOLE, Told

S = CardState
H = timedelta(hours=1)


def go(
    database: Database, card_id: uuid.UUID, to: CardState, who: Staff, act: Act | str = "x", at: datetime = NOW
) -> None:
    with database.transaction() as session:
        stated = act if isinstance(act, Act) else Act(note=act)
        cards.set_state(session, card_id, to, who, at, act=stated)


def card(database: Database, card_id: uuid.UUID) -> StopCard:
    with database.transaction() as session:
        found = cards.load(session, card_id)
        assert found is not None
        return found


def initiated(database: Database, card_id: uuid.UUID, who: Staff, at: datetime = NOW) -> None:
    go(database, card_id, S.ACCEPTED, who, at=at)
    go(database, card_id, S.INITIATED, who, Act(reference="文号1"), at=at)


def test_every_step_of_a_whole_case(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    card_id, me = told("o1", WHOLE), officers[0]
    steps = [
        (S.ACCEPTED, Act()),
        (S.FORWARDED, Act()),
        (S.INITIATED, Act(reference="止字1号", happened_at=NOW - 2 * H)),
        (S.PARTIAL, Act(note="对方已转走一部分", amount_fen=1_200_000)),
        (S.EXTENDED, Act(reference="止字2号")),
        (S.FROZEN, Act(reference="冻字1号")),
        (S.RETURNED, Act(note="已返还", amount_fen=1_100_000)),
        (S.CLOSED, Act(note="资金已返还")),
    ]
    for to, act in steps:
        go(database, card_id, to, me, act)
    done = card(database, card_id)
    assert (done.state, done.stopped_fen, done.returned_fen, done.stop_round) == ("closed", 1_200_000, 1_100_000, 2)
    assert (done.state_by, done.closed_at) == (me.id, NOW)
    with database.transaction() as session:
        states = [event for event in cards.history(session, card_id) if event.what == "state"]
        assert [event.state for event in states] == [to.value for to, _ in steps]
        assert all(event.staff_id == me.id for event in states)
        assert (states[2].reference, states[2].happened_at) == ("止字1号", NOW - 2 * H)
        assert [event.amount_fen for event in states if event.amount_fen] == [1_200_000, 1_100_000]


@pytest.mark.parametrize("state", list(CardState))
def test_only_the_steps_of_the_table(
    database: Database, told: Told, officers: tuple[Staff, Staff], state: CardState
) -> None:
    card_id, me = told("o1", WHOLE), officers[0]
    with database.transaction() as session:
        session.execute(update(StopCard).values(state=state.value, state_by=me.id))
    for to in set(CardState) - set(cards.NEXT[state]):
        with pytest.raises(CardError, match="不能这样"):
            go(database, card_id, to, me, Act(note="x", amount_fen=1))
    assert card(database, card_id).state == state


@pytest.mark.parametrize(
    ("to", "before", "act", "why"),
    [
        (S.INITIATED, S.ACCEPTED, Act(), "请填写"),
        (S.PARTIAL, S.INITIATED, Act(note="x"), "金额"),
        (S.PARTIAL, S.INITIATED, Act(note="x", amount_fen=0), "金额"),
        (S.RETURNED, S.FROZEN, Act(note="x"), "金额"),
        (S.CLOSED, S.ACCEPTED, Act(reference="文号"), "原因"),
        (S.INITIATED, S.ACCEPTED, Act(note="x", happened_at=NOW + H), "办理时间"),
        (S.INITIATED, S.ACCEPTED, Act(note="x", happened_at=NOW - 31 * 24 * H), "办理时间"),
    ],
)
def test_what_must_be_stated(
    database: Database, told: Told, officers: tuple[Staff, Staff], to: CardState, before: CardState, act: Act, why: str
) -> None:
    card_id, me = told("o1", WHOLE), officers[0]
    with database.transaction() as session:
        session.execute(update(StopCard).values(state=before.value, state_by=me.id))
    with pytest.raises(CardError, match=why):
        go(database, card_id, to, me, act)
    assert card(database, card_id).state == before


def test_the_database_refuses_a_state_without_an_officer(database: Database, told: Told) -> None:
    card_id = told("o1", WHOLE)
    with pytest.raises(IntegrityError, match="a_state_has_an_officer"), database.transaction() as session:
        session.execute(update(StopCard).where(StopCard.id == card_id).values(state="succeeded"))
    with pytest.raises(IntegrityError, match="only_staff_set_states"), database.transaction() as session:
        session.add(StopEvent(card_id=card_id, at=NOW, actor="bot", what="state", state="closed"))


def test_without_an_account_there_is_no_stop(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    card_id = told("o1")
    go(database, card_id, S.ACCEPTED, officers[0])
    with pytest.raises(CardError, match="收款账号"):
        go(database, card_id, S.INITIATED, officers[0])


def test_a_third_stop_is_refused_whichever_card_asks(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    first, second, third = (told(f"o{number}", WHOLE) for number in range(3))
    initiated(database, first, officers[0])
    go(database, first, S.SUCCEEDED, officers[0])
    initiated(database, second, officers[1])
    go(database, third, S.ACCEPTED, officers[0])
    for late, to in ((third, S.INITIATED), (first, S.EXTENDED)):
        with pytest.raises(CardError, match="止付过2次") as refusal:
            go(database, late, to, officers[0])
        assert card(database, second).number in str(refusal.value)
    with database.transaction() as session:
        assert stop_orders.count_on(session, card(database, third).transfers[0]) == 2


def test_a_stop_that_was_never_set_does_not_count(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    card_id, me = told("o1", WHOLE), officers[0]
    initiated(database, card_id, me)
    go(database, card_id, S.FAILED, me, "户名不符")
    go(database, card_id, S.INITIATED, me, "重发")
    go(database, card_id, S.SUCCEEDED, me)
    go(database, card_id, S.EXTENDED, me)
    assert card(database, card_id).stop_round == 3
    with database.transaction() as session:
        assert sorted(session.scalars(select(StopOrder.ordinal).where(StopOrder.result != "failed"))) == [1, 2]


def test_two_officers_at_once_do_not_both_get_the_second(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    initiated(database, told("o0", WHOLE), officers[0])
    rivals = [told(f"o{number}", WHOLE) for number in (1, 2, 3)]
    for card_id in rivals:
        go(database, card_id, S.ACCEPTED, officers[0])
    refused: list[str] = []
    together = threading.Barrier(len(rivals))

    def ask(card_id: uuid.UUID) -> None:
        together.wait()
        try:
            go(database, card_id, S.INITIATED, officers[0])
        except CardError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=ask, args=(card_id,)) for card_id in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(StopOrder)) == 2


def test_even_without_our_lock_the_database_holds_two(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    card_id, me = told("o1", WHOLE), officers[0]
    initiated(database, card_id, me)
    with database.transaction() as session:
        index = card(database, card_id).transfers[0].account_index
        assert index is not None

        def another(ordinal: int) -> StopOrder:
            return StopOrder(
                card_id=card_id, account_index=index, ordinal=ordinal, set_at=NOW, expires_at=NOW, staff_id=me.id
            )

        session.add(another(2))
    for ordinal in (1, 2, 3):
        with pytest.raises(IntegrityError), database.transaction() as session:
            session.add(another(ordinal))


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def fired(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(
            session.scalars(select(StopEvent.what).where(StopEvent.what.like("expiry%")).order_by(StopEvent.at))
        )


def test_alerts_before_the_end_and_only_an_officer_ends_it(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    card_id, me = told("o1", WHOLE), officers[0]
    initiated(database, card_id, me)
    go(database, card_id, S.SUCCEEDED, me)
    clock = Clock()
    due = HalfHour(database, clock, free_text=True)
    expected: list[str] = []
    for hours, what in (
        (35.9, ""),
        (36, "expiry_36"),
        (44, "expiry_44"),
        (40, ""),
        (47, "expiry_47"),
        (48, "expiry_48"),
    ):
        clock.now = NOW + hours * H
        for _ in range(2):
            due.run()
        expected += [what] if what else []
        assert fired(database) == expected
    assert card(database, card_id).state == "succeeded", "the clock alone ends nothing"
    with database.transaction() as session:
        kinds = [task.kind for task in tasks.open_of(session, [card_id]) if task.kind != "tell"]
        assert kinds == ["expiry", "expiry", "expiry", "lapsed"]
    go(database, card_id, S.LAPSED, me, "到期未续", at=clock.now)
    with database.transaction() as session:
        assert [task.kind for task in tasks.open_of(session, [card_id]) if task.kind != "tell"] == []


def test_the_holder_and_who_stands_in_are_reached(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    card_id, (me, other) = told("o1", WHOLE), officers
    initiated(database, card_id, me)
    go(database, card_id, S.SUCCEEDED, me)
    clock = Clock()
    due = HalfHour(database, clock, free_text=True)
    clock.now = NOW + 36 * H
    due.run()
    assert by_console(database) == [me.id]
    with database.transaction() as session:
        desk.enter_stand_in(session, me.id, other.id, NOW + 40 * H, NOW + 60 * H, other.id, clock.now)
    clock.now = NOW + 48 * H
    for _ in range(2):
        due.run()
    assert sorted(by_console(database)) == sorted([me.id] * 4 + [other.id] * 3)
    with database.transaction() as session:
        texts = set(session.scalars(select(Reach.text).where(Reach.way == "console")))
    assert [("将在" in text, "已满48小时" in text) for text in sorted(texts)] == [(True, False), (False, True)]


def by_console(database: Database) -> list[uuid.UUID | None]:
    with database.transaction() as session:
        return list(session.scalars(select(Reach.staff_id).where(Reach.way == "console", Reach.subject == "expiry")))


def test_a_second_stop_has_alerts_of_its_own(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    card_id, me = told("o1", WHOLE), officers[0]
    initiated(database, card_id, me)
    go(database, card_id, S.SUCCEEDED, me)
    clock = Clock()
    due = HalfHour(database, clock, free_text=True)
    clock.now = NOW + 36 * H
    due.run()
    go(database, card_id, S.EXTENDED, me, at=clock.now)
    clock.now = NOW + 48 * H
    due.run()
    assert fired(database) == ["expiry_36"]
    clock.now = NOW + (36 + 36) * H
    due.run()
    assert fired(database) == ["expiry_36", "expiry_36"]
    assert card(database, card_id).expires_at == NOW + (36 + 48) * H


def test_two_workers_fire_a_timer_once(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    for number in range(6):
        account = WHOLE.payee_account[:-2] + f"{number}1"
        initiated(database, told(f"o{number}", _with_account(account)), officers[0])
    clock = Clock()
    clock.now = NOW + 45 * H
    rounds = [threading.Thread(target=HalfHour(database, clock, free_text=True).run) for _ in range(3)]
    for thread in rounds:
        thread.start()
    for thread in rounds:
        thread.join()
    assert sorted(fired(database)) == ["expiry_36"] * 6 + ["expiry_44"] * 6
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(StopTimer).where(StopTimer.fired_at.is_not(None))) == 12


def _with_account(account: str) -> TransferFacts:

    return replace(WHOLE, payee_account=account)


def test_a_task_is_done_once_and_says_by_whom(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    card_id = told("o1", WHOLE)
    with database.transaction() as session:
        cards.doubt(session, cards.locked(session, card_id), NOW)
        task_id = session.scalars(select(StopTask.id)).one()
    with pytest.raises(CardError, match="结果"), database.transaction() as session:
        tasks.done(session, task_id, officers[0], " ", NOW)
    with database.transaction() as session:
        tasks.done(session, task_id, officers[0], "已接通，确认被骗", NOW)
    with pytest.raises(CardError, match="甲已经办了"), database.transaction() as session:
        tasks.done(session, task_id, officers[1], "也打了", NOW)
    with database.transaction() as session:
        assert cards.history(session, card_id)[-1].detail == "已接通，确认被骗"
        assert "确认被骗" not in str(session.execute(text("SELECT detail_sealed FROM stop_events")).all())
        cards.doubt(session, cards.locked(session, card_id), NOW)
        assert len(tasks.open_of(session, [card_id])) == 1, "said again after the call: another call"
