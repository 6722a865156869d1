"""``python -m bot figures`` and what ``drill`` refuses."""

from __future__ import annotations

import json

from click.testing import CliRunner

from bot.cli.drill import drill
from bot.cli.figures import figures
from storage.settings import Mode, Settings
from tests.bot.test_cli_stops import run
from tests.stops.conftest import WHOLE, Told, told

__all__ = ["run", "told"]
DAY = ["--from", "2026-03-01", "--to", "2026-03-01"]


def test_the_figures_as_json(run: CliRunner, told: Told) -> None:
    told("o1", WHOLE)
    told("o2", WHOLE)
    found = json.loads(run.invoke(figures, ["--json", *DAY]).stdout)
    assert (found["first"], found["last"]) == ("2026-03-01", "2026-03-01")
    assert [day["key"] for day in found["days"]] == ["2026-03-01"]
    assert found["total"]["reported_fen"] == 2 * 2_000_000
    assert found["fraud"][0]["name"] == "未知"
    plain = run.invoke(figures, DAY).stdout.splitlines()
    assert plain[0].startswith("2026-03-01  cards=2  losses=2  complete=2")


def test_what_cannot_be_asked(run: CliRunner) -> None:
    for first, last in (("2026-03-02", "2026-03-01"), ("2020-01-01", "2026-03-01")):
        answer = run.invoke(figures, ["--from", first, "--to", last])
        assert answer.exit_code == 1
        assert "366" in answer.output


def test_no_drill_without_the_sandbox(run: CliRunner, settings: Settings) -> None:
    settings.mode = Mode.PRODUCTION
    answer = run.invoke(drill, [])
    assert answer.exit_code == 1
    assert "in production a leader starts one in the console" in answer.output
