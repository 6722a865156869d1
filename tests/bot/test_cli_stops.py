"""``python -m bot stops``: the card's keys and its history, personal data only on demand."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from bot.cli import common
from bot.cli.lists import stops
from storage.engine import Database
from storage.settings import Settings
from tests.stops.conftest import WHOLE, Told, told

__all__ = ["told"]
KEYS = """id number kind state conversation reported_at deadline amount approximate payee_name payee_account payee_bank
 method transferred_at payer_bank third_party victim_name callback_phone fraud_type story confirmed doubted complete
 missing transfers""".split()


@pytest.fixture
def run(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    settings.database_url = database.url
    monkeypatch.setattr(common, "current", lambda: settings)
    yield CliRunner()


def test_the_list_keeps_its_keys(run: CliRunner, told: Told) -> None:
    told("o1", WHOLE)
    (card,) = json.loads(run.invoke(stops, ["list", "--json"]).stdout)
    assert [key for key in KEYS if key not in card] == []
    assert card["payee_account"].startswith("***")
    assert card["flags"] == []


@pytest.mark.parametrize("reveal", [False, True])
def test_the_history_is_visible(run: CliRunner, told: Told, reveal: bool) -> None:
    told("o1", WHOLE)
    (card,) = json.loads(run.invoke(stops, ["list", "--json"]).stdout)
    asked = run.invoke(stops, ["history", card["number"].lower(), "--json", *(["--reveal"] if reveal else [])])
    events = json.loads(asked.stdout)
    assert [event["what"] for event in events] == ["opened", "told", "complete"]
    assert (WHOLE.payee_account in asked.stdout) == reveal
    assert "1.payee_account" in {change["field"] for change in events[1]["changes"]}


def test_an_unknown_number_is_said_to_be(run: CliRunner) -> None:
    answer = run.invoke(stops, ["history", "ZF1"])
    assert answer.exit_code == 1
    assert "no card ZF1" in answer.output
