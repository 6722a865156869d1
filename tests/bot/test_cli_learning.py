"""``python -m bot learning``: list, label, export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli import common
from bot.cli.main import cli
from bot.parts import Parts
from conversations.inbound import Channel
from conversations.models import AuditEntry
from storage.engine import Database
from tests.handlers.conftest import Clock, Resident

SAID = "我叫张伟国，17000000001让我转5000元到对公账户"


@pytest.fixture
def message(built: Parts, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> str:
    """A message nobody has labelled; its id."""
    monkeypatch.setattr(common, "current", lambda: built.settings)
    Resident(built.intake, database, clock, "o1", Channel.WECHAT).says(SAID)
    return str(json.loads(run("list", "--json", "--which", "unlabelled").output)[0]["id"])


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["learning", *words])


def test_label_and_export(message: str, database: Database, tmp_path: Path) -> None:
    assert run("label", message, "check_suspicious").exit_code == 0
    row = json.loads(run("list", "--json", "--which", "labelled").output)[0]
    assert (row["id"], row["label"], row["decided_by"]) == (message, "check_suspicious", "rules")
    assert "张伟国" not in row["text"] and "17000000001" not in row["text"]

    path = tmp_path / "use.yml"
    assert run("export", str(path)).exit_code == 0
    assert [part["intent"] for part in yaml.safe_load(path.read_text())["nlu"]] == ["check_suspicious"]
    assert json.loads((tmp_path / "use.jsonl").read_text())["text"] == row["text"]
    assert path.stat().st_mode & 0o777 == 0o600
    again = run("export", str(path))
    assert again.exit_code == 1
    assert "exist already" in again.output
    with database.transaction() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["label", "learning_export"]


def test_what_is_kept_out_of_the_training_data(message: str, tmp_path: Path) -> None:
    assert run("label", message, "unusable").exit_code == 0
    assert json.loads(run("list", "--json", "--which", "labelled").output)[0]["label"] == "unusable"
    assert run("export", str(tmp_path / "use.yml")).output.startswith("0 texts")


def test_nonsense_is_refused(message: str, tmp_path: Path) -> None:
    assert run("label", message, "unheard_of").exit_code == 2
    assert run("label", "00000000-0000-0000-0000-000000000000", "consult").exit_code == 1
    assert run("export", str(tmp_path / "use.txt")).exit_code == 2
