"""The audit log is only added to, hangs together whoever writes at once, and shows whatever was changed."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from conversations import audit
from conversations.audit import Fault
from conversations.models import AuditEntry, AuditLink, Staff
from storage.chain import Break
from storage.clock import utc_now
from storage.engine import Database
from tests.console.residents import add_staff

NASTY = '"引号\\反斜杠|竖线\n换行\t制表\u2028\x7f\x01é😀'


@pytest.fixture
def staff(database: Database) -> Staff:
    with database.transaction() as session:
        return add_staff(session, "officer", "王警官", "officer", "agent")


def noted(database: Database, staff: Staff, count: int = 1, detail: str = "") -> None:
    for _ in range(count):
        with database.transaction() as session:
            audit.record(session, staff, "view_card", utc_now(), "card", uuid.uuid4(), detail)


def checked(database: Database) -> audit.Checked:
    with database.transaction() as session:
        return audit.verify(session)


def by_force(database: Database, statement: str) -> None:
    """As the database's administrator, who may switch triggers off."""
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement))


def test_a_line_says_who_in_which_role_and_where(database: Database, staff: Staff) -> None:
    with database.transaction() as session:
        session.info[audit.ORIGIN] = "console 12ab34cd"
        audit.record(session, staff, "view_card", utc_now(), "card", staff.id, "x")
    with database.transaction() as session:
        line = session.scalars(select(AuditEntry)).one()
        assert (line.staff_id, line.roles, line.origin) == (staff.id, "officer,agent", "console 12ab34cd")
        assert session.scalars(select(AuditLink)).one().id == line.id


def test_what_the_database_hashes_is_what_the_program_hashes(database: Database, staff: Staff) -> None:
    noted(database, staff, 3, NASTY)
    with database.transaction() as session:
        audit.record(session, None, "sign_in_failed", utc_now() + timedelta(microseconds=1))
    found = checked(database)
    assert found.faults == ()
    assert found.links == 4


def test_lines_of_one_transaction_are_chained_in_their_order(database: Database, staff: Staff) -> None:
    with database.transaction() as session:
        for action in ("one", "two", "three"):
            audit.record(session, staff, action, utc_now())
    with database.transaction() as session:
        query = select(AuditEntry.action).join(AuditLink, AuditLink.id == AuditEntry.id).order_by(AuditLink.position)
        assert session.scalars(query).all() == ["one", "two", "three"]


def test_what_is_rolled_back_leaves_no_gap(database: Database, staff: Staff) -> None:
    noted(database, staff)
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        audit.record(session, staff, "gone", utc_now())
        _ = 1 / 0
    with database.transaction() as session:
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            audit.record(session, staff, "gone", utc_now())
            _ = 1 / 0
        audit.record(session, staff, "stays", utc_now())
    assert (checked(database).links, checked(database).faults) == (2, ())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET staff_id = NULL",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries CASCADE",
        "UPDATE audit_links SET hash = ''",
        "DELETE FROM audit_links",
        "TRUNCATE audit_links",
    ],
)
def test_nobody_changes_or_deletes(database: Database, staff: Staff, statement: str) -> None:
    noted(database, staff)
    with pytest.raises(DBAPIError, match="only added"), database.transaction() as session:
        session.execute(text(statement))
    assert checked(database).links == 1


def test_nobody_hangs_a_second_link_on_a_line(database: Database, staff: Staff) -> None:
    noted(database, staff)
    with pytest.raises(DBAPIError), database.transaction() as session:
        session.execute(text("INSERT INTO audit_links (id, position) SELECT id, 7 FROM audit_entries"))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_entries SET staff_id = NULL WHERE detail = '2'", Fault(2, Break.CHANGED)),
        ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE detail = '2'", Fault(2, Break.CHANGED)),
        ("UPDATE audit_entries SET roles = 'admin' WHERE detail = '2'", Fault(2, Break.CHANGED)),
        ("UPDATE audit_entries SET origin = 'x' WHERE detail = '2'", Fault(2, Break.CHANGED)),
        ("DELETE FROM audit_entries WHERE detail = '2'", Fault(2, Break.CHANGED)),
        ("DELETE FROM audit_links WHERE position = 2", Fault(2, Break.GAP)),
        ("DELETE FROM audit_links WHERE position = 1", Fault(2, Break.TORN)),
        ("UPDATE audit_links SET previous = '' WHERE position = 3", Fault(3, Break.TORN)),
        ("INSERT INTO audit_entries (id, at, action) VALUES (gen_random_uuid(), now(), 'x')", Fault(1, None)),
    ],
)
def test_what_was_changed_by_force_is_found(database: Database, staff: Staff, statement: str, fault: Fault) -> None:
    for number in range(1, 5):
        noted(database, staff, 1, str(number))
    by_force(database, statement)
    assert fault in checked(database).faults


def test_an_anchor_kept_elsewhere_shows_a_log_that_was_cut_or_written_anew(database: Database, staff: Staff) -> None:
    noted(database, staff, 4)
    kept = checked(database)
    with database.transaction() as session:
        assert audit.verify(session, (kept.links, kept.newest)).faults == ()
    by_force(database, "DELETE FROM audit_links WHERE position = 4")
    by_force(database, "DELETE FROM audit_entries WHERE id NOT IN (SELECT id FROM audit_links)")
    assert checked(database).faults == ()  # cut at its end, the chain alone cannot tell
    with database.transaction() as session:
        assert audit.verify(session, (kept.links, kept.newest)).faults == (Fault(4, Break.CHANGED),)


def test_the_newest_part_can_be_checked_alone(database: Database, staff: Staff) -> None:
    noted(database, staff, 5)
    with database.transaction() as session:
        found = audit.verify(session, most=2)
        assert (found.links, found.first, found.last, found.faults) == (2, 4, 5, ())
    by_force(database, "UPDATE audit_links SET hash = '' WHERE position = 3")
    with database.transaction() as session:
        assert audit.verify(session, most=2).faults == (Fault(4, Break.TORN),)
        assert audit.verify(session, most=1).faults == ()


def test_twenty_writers_make_one_chain(database: Database, staff: Staff) -> None:
    """Half of them hold a row and then write their line, half the other way round: nobody waits in a circle."""
    wide = Database(database.url, pool_size=20)
    with database.transaction() as session:
        other = add_staff(session, "other", "某人", "agent").id

    def write(writer: int) -> None:
        steps = [lambda session: session.get(Staff, other, with_for_update=True), partial(_line, staff, writer)]
        for _ in range(10):
            with wide.transaction() as session:
                for step in steps if writer % 2 else reversed(steps):
                    step(session)

    try:
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(write, range(20)))
    finally:
        wide.dispose()
    found = checked(database)
    assert found.faults == ()
    assert found.links == 200


def _line(staff: Staff, writer: int, session: Session) -> None:
    audit.record(session, staff, "view_card", utc_now(), "card", uuid.uuid4(), str(writer))


def test_a_long_log_is_read_in_batches(database: Database, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 3)
    with database.transaction() as session:
        for _ in range(10):
            audit.record(session, staff, "x", utc_now())
    assert (checked(database).links, checked(database).faults) == (10, ())


def test_a_session_knows_whether_it_changed_something_without_a_line(database: Database, staff: Staff) -> None:
    own = Database(database.url, pool_size=1)
    audit.watch(own.sessions)
    try:
        with own.transaction() as session:
            session.get_one(Staff, staff.id)
            audit.record(session, staff, "view_staff", utc_now())
            assert not audit.unnoted(session)
        with own.transaction() as session:
            session.get_one(Staff, staff.id).name = "李警官"
            assert audit.unnoted(session)
            audit.record(session, staff, "staff_name", utc_now())
            assert not audit.unnoted(session)
        with own.transaction() as session:
            session.execute(text("UPDATE staff SET name = 'x'"))
            assert not audit.unnoted(session)  # bare SQL is not seen: the program writes none
    finally:
        own.dispose()
