"""``python -m bot duty`` and what ``doctor`` says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import doctor
from bot.cli.main import cli
from storage import settings as settings_module
from storage.engine import Database
from storage.settings import Settings
from tests.stops.duty.conftest import ROSTER, Station
from tests.stops.duty.conftest import clock as clock
from tests.stops.duty.conftest import station as station


@pytest.fixture
def run(
    station: Station, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[Result] | object]:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("HOTLINE_DATA_KEY", settings.data_key)
    settings_module.current.cache_clear()
    yield lambda *arguments: CliRunner().invoke(cli, ["duty", *arguments])
    settings_module.current.cache_clear()


def test_check_load_show(run: object, tmp_path: Path) -> None:
    assert callable(run)
    file = tmp_path / "march.yml"
    file.write_text(ROSTER, encoding="utf-8")
    assert "in order" in run("check", str(file)).output
    assert json.loads(run("show", "--json", "--at", "2026-03-02T21:00").output)[0]["state"] == "no_roster"
    loaded = run("load", str(file))
    assert loaded.exit_code == 0, loaded.output
    (row,) = json.loads(run("show", "--json", "--at", "2026-03-02T21:00").output)
    assert (row["state"], row["people"], row["leaders"], row["shifts"]) == ("on_duty", "sun", "zhao", "夜班")
    assert run("show", "--at", "tomorrow").exit_code == 2


@pytest.mark.parametrize("command", ["check", "load"])
def test_mistakes_name_file_line_and_rule(run: object, tmp_path: Path, command: str) -> None:
    assert callable(run)
    file = tmp_path / "march.yml"
    file.write_text(ROSTER.replace("[sun]", "[nobody]"), encoding="utf-8")
    answer = run(command, str(file))
    assert answer.exit_code == 1
    assert "march.yml 第 16 行：没有登录名 nobody" in answer.output
    file.write_text(ROSTER.replace('"20:00"', "8pm"), encoding="utf-8")
    assert "march.yml 第 10 行（“白班”）：to:" in run(command, str(file)).output
    file.write_bytes(b"\xff\xfe")
    assert run(command, str(file)).exit_code == 1


def test_doctor_names_a_missing_roster_gaps_and_unknown_years(
    station: Station, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def findings(moment: datetime) -> list[str]:
        monkeypatch.setattr(doctor, "utc_now", lambda: moment)
        return list(doctor._duty(settings))

    settings.database_url = database.url
    in_march = datetime(2026, 3, 2, tzinfo=UTC)
    assert any("No duty roster" in said for said in findings(in_march))
    station.load(ROSTER.replace('to: "20:00"', 'to: "12:00"'))
    assert any("gaps in the next 7 days" in said for said in findings(in_march))
    station.load(ROSTER)
    assert not any("gaps" in said or "roster" in said for said in findings(in_march))
    year = next(year for year in range(2027, 2100) if not doctor.days.known(year, {}))
    late = datetime(year - 1, 12, 15, tzinfo=UTC)
    assert any(f"holidays of {year}" in said for said in findings(late))
    station.load(ROSTER + f"days: {{{date(year, 1, 1)}: holiday}}\n")
    assert not any("holidays" in said for said in findings(late))
