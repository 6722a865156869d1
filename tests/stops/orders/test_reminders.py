"""Deadlines: a file of the office's own, and reminders that come once each."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from conversations.models import Staff
from stops.duty import reach
from stops.duty.models import Reach
from stops.orders import reminders, words, work
from stops.orders.deadlines import Deadlines, DeadlinesError
from stops.orders.models import Outcome, Step, Way
from stops.orders.register import Draft, enter, history, load
from stops.orders.reminders import Pressing
from stops.orders.work import Attempt
from storage.engine import Database
from tests.stops.orders.conftest import START, Enters

MINUTE = timedelta(minutes=1)


def fire(database: Database, minute: float) -> int:
    with database.transaction() as session:
        return reminders.fire(session, START + minute * MINUTE)


def reminded(database: Database, entered_id: object) -> list[tuple[str, str, int]]:
    with database.transaction() as session:
        return [
            (event.what, event.step, round((event.at - START) / MINUTE))
            for event in history(session, entered_id)  # type: ignore[arg-type]
            if event.what in ("nearing", "missed")
        ]


def test_each_reminder_comes_once_and_in_time(database: Database, entered: Enters, officer: Staff) -> None:
    order_id = entered().id
    assert [fire(database, minute) for minute in (0, 5.9, 6, 6.1, 9.9, 10, 10.1, 11)] == [0, 0, 1, 0, 0, 1, 0, 0]
    with database.transaction() as session:
        work.sign(session, order_id, officer, START + 12 * MINUTE)
    assert [fire(database, minute) for minute in (13, 40, 41)] == [0, 1, 0]
    with database.transaction() as session:
        work.attempt(session, order_id, officer, Attempt(Way.PHONE, Outcome.STOPPED, "好"), START + 50 * MINUTE)
    assert [fire(database, minute) for minute in (61, 239, 240, 10_000)] == [0, 0, 1, 0]
    assert reminded(database, order_id) == [
        ("nearing", "sign", 6),
        ("missed", "sign", 10),
        ("nearing", "dissuade", 40),
        ("missed", "feedback", 240),
    ]


def test_a_step_nobody_does_is_not_called_late_again_with_the_next(database: Database, entered: Enters) -> None:
    order_id = entered().id
    assert [fire(database, minute) for minute in (6, 10, 40, 60, 240)] == [1] * 5
    assert [step for what, step, _ in reminded(database, order_id) if what == "missed"] == [
        "sign",
        "dissuade",
        "feedback",
    ]


def test_a_clock_that_jumps_and_comes_back_repeats_nothing(database: Database, entered: Enters) -> None:
    order_id = entered().id
    # Far ahead at once: what is past is past, and its "nearing" is not said any more.
    assert fire(database, 500) == 3
    assert [fire(database, minute) for minute in (0, 6, 10, 40, 60, 240)] == [0] * 6
    assert [what for what, _, _ in reminded(database, order_id)] == ["missed"] * 3


def test_two_workers_at_once_remind_once(database: Database, entered: Enters) -> None:
    for number in range(20):
        entered(f"A-{number}")
    fired: list[int] = []
    gate = threading.Barrier(2)

    def look() -> None:
        gate.wait()
        fired.append(fire(database, 6))

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Together exactly once each: one that the other had locked comes in a later round.
    assert sum(fired) + fire(database, 6) == 20


def test_a_step_that_was_passed_over_reminds_nobody(database: Database, entered: Enters, officer: Staff) -> None:
    order_id = entered().id
    with database.transaction() as session:
        work.sign(session, order_id, officer, START)
        work.attempt(session, order_id, officer, Attempt(Way.PHONE, Outcome.UNREACHED, "关机"), START)
        work.feed_back(session, order_id, officer, "联系不上", START + MINUTE)
        order = load(session, order_id)
        assert order is not None
        assert order.due_at is None
    assert fire(database, 1000) == 0
    with database.transaction() as session:
        assert reminders.pressing(session, START + 1000 * MINUTE) == Pressing(0, 0)


def test_what_presses(database: Database, entered: Enters, officer: Staff) -> None:
    entered("A-1")
    entered("A-2", now=START + 4 * MINUTE)
    entered("A-3", now=START + 9 * MINUTE)
    with database.transaction() as session:
        assert reminders.pressing(session, START + 10 * MINUTE) == Pressing(late=1, soon=1)
        assert reminders.pressing(session, START + 19 * MINUTE) == Pressing(late=3, soon=0)


def test_without_limits_there_is_no_deadline(database: Database, officer: Staff) -> None:
    with database.transaction() as session:
        entered = enter(session, Draft(number="A-1", address="某某村"), Deadlines([]), officer, START)
        order = load(session, entered.id)
        assert order is not None
        assert order.due_at is None
        assert {step.due_at for step in order.steps} == {None}
        assert reminders.fire(session, START + timedelta(days=365)) == 0


def reached(database: Database) -> list[tuple[str, str, str]]:
    """Way, state and text of every alert, the console's first."""
    with database.transaction() as session:
        rows = session.scalars(select(Reach).order_by(Reach.created_at, Reach.way, Reach.id)).all()
        assert all(row.card_id is None and row.order_id is not None for row in rows)
        return [(row.way, row.state, row.text) for row in rows]


def test_a_reminder_reaches_whoever_is_on_duty_by_every_way(
    database: Database, entered: Enters, officer: Staff, second: Staff
) -> None:
    """Given that nobody is on duty, when a deadline nears, then all officers are told that, each once, and the groups;
    no text names the person."""
    entered("A-1")
    fire(database, 6)
    fire(database, 7)
    due = "03-02 14:10"
    said = words.NOBODY + words.ALERTS["nearing"].format(number="A-1", more="", step="签收", due=due)
    to_all = f"{said}\n请看：王警官、陈警官"
    assert sorted(reached(database)) == [
        ("console", "accepted", said),
        ("console", "accepted", said),
        ("dingtalk", "queued", to_all),
        ("sms", "queued", said),
        ("sms", "queued", said),
        ("wecom", "queued", to_all),
    ]


def test_many_at_once_are_one_alert(database: Database, entered: Enters, officer: Staff) -> None:
    for number in range(30):
        entered(f"A-{number}")
    assert fire(database, 10) == 30
    texts = {text for way, _, text in reached(database) if way == "sms"}
    assert len(texts) == 1
    assert "等 30 条" in texts.pop()


def test_an_alert_is_needless_once_somebody_works_on_the_order(
    database: Database, entered: Enters, officer: Staff
) -> None:
    order_id = entered().id
    fire(database, 6)
    with database.transaction() as session:
        first, second = session.scalars(select(Reach.id).where(Reach.way.in_(("wecom", "dingtalk")))).all()
        claimed = reach.claim(session, first, START + 6 * MINUTE)
        assert claimed is not None
        assert claimed.number == "A-1"
        work.sign(session, order_id, officer, START + 7 * MINUTE)
        assert reach.claim(session, second, START + 8 * MINUTE) is None
    with database.transaction() as session:
        assert session.get_one(Reach, second).state == "needless"


VERSIONS = """
- effective_from: 2026-01-01
  steps: {sign: {within: 10}}
- effective_from: 2026-03-03
  steps: {sign: {within: 20, warn: 5}, review: {within: 30}}
"""


def test_the_version_of_the_day_of_receipt_counts(tmp_path: Path) -> None:
    path = tmp_path / "limits.yml"
    path.write_text(VERSIONS, encoding="utf-8")
    deadlines = Deadlines.load(path)
    evening = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)  # 23:59 in China
    assert deadlines.of(evening)[Step.SIGN].due_at == evening + 10 * MINUTE
    night = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # the next day in China
    assert deadlines.of(night)[Step.SIGN].warn_at == night + 15 * MINUTE
    assert deadlines.of(night)[Step.REVIEW].due_at == night + 30 * MINUTE
    before = datetime(2025, 12, 31, 12, 0, tzinfo=UTC)
    assert {due.due_at for due in deadlines.of(before).values()} == {None}


def test_the_sample_is_for_the_sandbox_only() -> None:
    from stops.orders.deadlines import SAMPLE

    assert Deadlines.load(None, sandbox=True).of(START)[Step.SIGN].due_at is not None
    assert Deadlines.load(None).of(START)[Step.SIGN].due_at is None
    with pytest.raises(DeadlinesError, match="sandbox only"):
        Deadlines.load(SAMPLE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {effective_from: 2026-01-01, steps: {sing: {within: 1}}}", "steps"),
        ("- {effective_from: 2026-01-01, steps: {sign: {within: 5, warn: 5}}}", "warn must be less"),
        ("- {effective_from: 2026-01-01, steps: {sign: {within: 0}}}", "greater than 0"),
        ("steps: [", "YAML"),
        ("", "list"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "limits.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeadlinesError, match=said) as raised:
        Deadlines.load(path)
    assert "limits.yml" in str(raised.value)
