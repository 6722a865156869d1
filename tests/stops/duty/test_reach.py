"""Alerts: once per key, claimed and settled, found again when a process died; and what they say."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from conversations.style12381 import violations
from stops.duty import desk, reach, words
from stops.duty.models import DutyPhone, Reach
from stops.duty.plan import Way
from stops.models import StopCard
from storage.engine import Database
from tests.stops.duty.conftest import Accept, Station

PHONE = "17000000001"


@pytest.fixture
def card(station: Station) -> uuid.UUID:
    with station.database.transaction() as session:
        desk.set_phone(session, station.people["li"], PHONE)
    return station.open_card()


def alert(
    station: Station, card: uuid.UUID, *logins: str, key: str = "k", subject: str = "due_36", **more: object
) -> int:
    with station.database.transaction() as session:
        row = session.get_one(StopCard, card)
        people = [station.people[login] for login in logins]
        until = station.clock() + timedelta(hours=12)
        return reach.alert(
            session,
            people,
            subject,
            "stop_ends",
            row,
            station.clock(),
            key,
            until=until,
            **more,  # type: ignore[arg-type]
        )


def rows(station: Station) -> list[Reach]:
    with station.database.transaction() as session:
        return list(session.scalars(select(Reach).order_by(Reach.id)))


def states(station: Station, way: str = "sms") -> list[tuple[str, str, int]]:
    return [(row.state, row.code, row.attempts) for row in rows(station) if row.way == way]


def jobs(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'reach'")) or 0


def claim(station: Station, way: str = "sms") -> reach.Sending | None:
    found = next(row.id for row in rows(station) if row.way == way)
    with station.database.transaction() as session:
        return reach.claim(session, found, station.clock())


def requeue(station: Station) -> None:
    with station.database.transaction() as session:
        reach.requeue(session, station.clock())


def settle(station: Station, claimed: reach.Sending | None, status: str, code: str = "") -> None:
    assert claimed is not None
    with station.database.transaction() as session:
        reach.settle(session, claimed.reach_id, status, code, "", station.clock())  # type: ignore[arg-type]


def test_one_row_for_each_person_and_way_and_a_repeat_adds_none(station: Station, card: uuid.UUID) -> None:
    assert alert(station, card, "li", "zhao", "li") == 2 + 2 + 1 + 1
    assert jobs(station.database) == 4
    assert alert(station, card, "li", "zhao") == 0
    assert alert(station, card, "li", "zhao", key="k2", ways=(Way.CONSOLE,)) == 2
    assert jobs(station.database) == 4
    assert {row.state for row in rows(station) if row.way == "console"} == {"accepted"}


def test_a_failed_transaction_alerts_nobody(station: Station, card: uuid.UUID) -> None:
    with pytest.raises(ZeroDivisionError), station.database.transaction() as session:
        row = session.get_one(StopCard, card)
        reach.alert(session, [station.people["li"]], "x", "first", row, station.clock(), "k")
        raise ZeroDivisionError
    assert (rows(station), jobs(station.database)) == ([], 0)


def test_sent_is_recorded(station: Station, card: uuid.UUID) -> None:
    alert(station, card, "li")
    claimed = claim(station)
    assert claimed is not None
    assert claimed.to == "+86" + PHONE
    assert claim(station) is None  # taken
    settle(station, claimed, "sent", "op-1")
    settle(station, claimed, "failed", "x")  # too late
    assert states(station) == [("accepted", "op-1", 1)]


@pytest.mark.parametrize(
    ("status", "ends", "attempts"), [("retry", "failed", 3), ("unknown", "unknown", 2), ("failed", "failed", 1)]
)
def test_what_did_not_work_is_tried_again_as_often_as_it_makes_sense(
    station: Station, card: uuid.UUID, status: str, ends: str, attempts: int
) -> None:
    alert(station, card, "li")
    for _ in range(attempts):
        settle(station, claim(station), status, "77")
        assert claim(station) is None  # not at once
        station.clock.pass_(seconds=16)
    assert states(station) == [(ends, "77", attempts)]
    assert claim(station) is None


def test_without_a_number_no_text_goes_out_and_it_says_so(station: Station, card: uuid.UUID) -> None:
    alert(station, card, "zhao")
    assert claim(station) is None
    assert states(station) == [("failed", "no_phone", 0)]


@pytest.mark.parametrize("jump", [0, -7200, 7200])
def test_a_process_killed_while_sending_is_found_whatever_the_clock_does(
    station: Station, card: uuid.UUID, jump: float
) -> None:
    alert(station, card, "li")
    claim(station)
    station.clock.pass_(seconds=jump + (40 if jump >= 0 else 0))
    requeue(station)
    assert states(station) == [("queued", "interrupted", 1)]
    station.clock.pass_(seconds=20)
    settle(station, claim(station), "sent")
    assert states(station) == [("accepted", "", 2)]


def test_a_lost_job_is_queued_again(station: Station, card: uuid.UUID) -> None:
    alert(station, card, "li")
    with station.database.transaction() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    requeue(station)
    assert jobs(station.database) == 0  # it may be on its way
    station.clock.pass_(seconds=6)
    requeue(station)
    requeue(station)
    assert jobs(station.database) == 3


def test_of_a_card_taken_up_meanwhile_the_ladder_tells_nobody(
    station: Station, card: uuid.UUID, accept: Accept
) -> None:
    alert(station, card, "li", subject=reach.LADDER)
    accept(card)
    assert claim(station) is None
    assert states(station) == [("needless", "", 0)]
    alert(station, card, "li", key="k2", subject="due_44")
    assert [row.state for row in rows(station) if row.way == "sms"] == ["needless", "queued"]


def test_the_operators_receipt(station: Station, card: uuid.UUID) -> None:
    alert(station, card, "li")
    settle(station, claim(station), "sent", "op-1")
    (row,) = [row for row in rows(station) if row.way == "sms"]
    with station.database.transaction() as session:
        assert reach.receipt(session, row.id, True, "", station.clock())
        assert not reach.receipt(session, uuid.uuid4(), True, "", station.clock())
    assert states(station)[0][:2] == ("accepted", "delivered")


def test_seen_is_said_by_the_person_and_counts_for_what_came_before(station: Station, card: uuid.UUID) -> None:
    for key in ("k1", "k2", "k3"):
        alert(station, card, "li", "zhao", key=key, ways=(Way.CONSOLE,))
        station.clock.pass_(seconds=1)
    mine = [row for row in rows(station) if row.staff_id == station.people["li"]]
    with station.database.transaction() as session:
        reach.seen(session, mine[1].id, station.people["zhao"], station.clock())
    assert not any(row.seen_at for row in rows(station))
    with station.database.transaction() as session:
        reach.seen(session, mine[1].id, station.people["li"], station.clock())
    assert [row.key.split(":")[0] for row in rows(station) if row.seen_at] == ["k1", "k2"]


def test_numbers_of_staff_are_sealed(station: Station, card: uuid.UUID) -> None:
    with station.database.transaction() as session:
        raw = session.scalars(select(DutyPhone.phone_sealed)).one()
        assert raw is not None
        assert PHONE.encode() not in raw
        for typed in ("12345", "1234567890a", "27000000001"):
            with pytest.raises(desk.DutyError):
                desk.set_phone(session, station.people["li"], typed)
        desk.set_phone(session, station.people["li"], "+86 170-0000-0002")
        assert desk.phones(session) == {station.people["li"]: "+8617000000002"}
        desk.set_phone(session, station.people["li"], "")
        assert desk.phones(session) == {}
        assert session.scalar(select(func.count()).select_from(DutyPhone)) == 1


@pytest.mark.parametrize("key", list(words.TEXTS))
def test_texts_keep_the_national_style_and_name_nobody(station: Station, key: str) -> None:
    with station.database.transaction() as session:
        row = session.get_one(StopCard, station.open_card())
        row.victim_name, row.callback_phone, row.story = "张小三", "17000000009", "刷单"
        said = reach.say(key, row, station.clock())
    assert violations(said, "") == []
    assert row.number in said
    assert not any(secret in said for secret in ("张小三", "17000000009", "刷单"))
    assert len(said) <= 134  # two parts with a short signature
