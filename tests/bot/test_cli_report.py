"""``report``: the month's papers from the command line."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from conversations.models import AuditEntry
from monthly.models import MonthlyReport
from storage.engine import Database
from tests.bot.commands import run


def test_two_files_and_one_report(database: Database, environment: dict[str, str], tmp_path: Path) -> None:
    for _ in range(2):
        found = run(environment, "report", "2026-02", "--to", str(tmp_path))
        assert found.exit_code == 0, found.output
    assert "命令行于" in found.output
    assert sorted(file.name for file in tmp_path.glob("*月报*")) == [
        "反诈专线月报2026-02.docx",
        "反诈专线月报2026-02.xlsx",
    ]
    with database.transaction() as session:
        assert len(session.scalars(select(MonthlyReport)).all()) == 1  # the second run wrote the same one
    run(environment, "report", "2026-02", "--to", str(tmp_path), "--again")
    with database.transaction() as session:
        assert len(session.scalars(select(MonthlyReport)).all()) == 2
        assert session.scalars(select(AuditEntry.action)).all() == ["month_make", "month_make"]


def test_what_cannot_be_written(environment: dict[str, str], tmp_path: Path) -> None:
    assert run(environment, "report", "2999-01", "--to", str(tmp_path)).exit_code == 1
    assert run(environment, "report", "2026-13", "--to", str(tmp_path)).exit_code == 2
    assert run(environment, "report", "2026-02", "--to", str(tmp_path / "absent")).exit_code == 2
