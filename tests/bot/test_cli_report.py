"""``report``: the month's papers from the command line."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli.main import cli
from conversations.models import AuditEntry
from monthly.models import MonthlyReport
from storage import settings as settings_module
from storage.engine import Database
from storage.settings import Settings


@pytest.fixture
def environment(database: Database, settings: Settings) -> dict[str, str]:
    key = base64.b64encode(b"k" * 32).decode()
    return {"HOTLINE_DATABASE_URL": database.url, "HOTLINE_DATA_KEY": key, "HOTLINE_SANDBOX": "1"}


def run(environment: dict[str, str], *arguments: str) -> Result:
    settings_module.current.cache_clear()
    try:
        return CliRunner().invoke(cli, arguments, env=environment)
    finally:
        settings_module.current.cache_clear()


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
