"""``audit verify``, and lines of what is changed by commands."""

from __future__ import annotations

from sqlalchemy import select, text

from conversations.models import AuditEntry
from storage.engine import Database
from tests.bot.commands import run


def add(environment: dict[str, str], login: str) -> None:
    assert run(environment, "staff", "add", login, "--name", "某人", "--role", "agent").exit_code == 0


def test_a_command_that_changes_something_leaves_a_line(database: Database, environment: dict[str, str]) -> None:
    add(environment, "someone")
    run(environment, "tips", "list", "--json", "--reveal")
    run(environment, "tips", "list", "--json")
    with database.transaction() as session:
        lines = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(line.action, line.detail) for line in lines] == [("cli_staff_add", ""), ("cli_reveal", "tips")]
        assert {line.origin.split()[0] for line in lines} == {"cli"}


def test_verify(database: Database, environment: dict[str, str]) -> None:
    for login in ("one", "two", "three"):
        add(environment, login)
    found = run(environment, "audit", "verify")
    assert found.exit_code == 0
    assert "the audit log is whole: 3 lines" in found.output
    anchor = found.output.split()[-1]
    assert run(environment, "audit", "verify", "--anchor", anchor).exit_code == 0
    assert run(environment, "audit", "verify", "--anchor", anchor[:18]).exit_code == 0  # as the page shows it
    assert run(environment, "audit", "verify", "--anchor", "3:" + "0" * 64).exit_code == 1
    assert run(environment, "audit", "verify", "--anchor", "3").exit_code == 2
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE audit_entries SET action = 'x' WHERE action = 'cli_staff_add'"))
    found = run(environment, "audit", "verify")
    assert found.exit_code == 1
    assert "line 2 was changed" in found.output
