"""Drills over the running processes: from the command line through the sandbox, and started by a leader's click."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.records import Row
from tests.e2e.residents import Sandbox
from tests.e2e.stack import ROOT, Stack, until
from tests.e2e.test_orders import Officer, officer

__all__ = ["officer"]
MEASURED = ("to_card", "to_accepted", "to_complete", "to_initiated")


@pytest.fixture
def played(hotline: Stack) -> Iterator[subprocess.Popen[str]]:
    """``make drill``, without setting up."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "drill", "--wait", "120", "--pause", "0.5"],
        cwd=ROOT,
        env=hotline.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def drill_card(hotline: Stack) -> Row | None:
    """The drill's card that is not closed."""
    return next((card for card in hotline.json("stops") if card["drill"] and card["state"] != "closed"), None)


def end(hotline: Stack, officer: Officer) -> None:
    """End every drill."""
    for part in officer.see("/drills").split('action="/drills/')[1:]:
        officer.act(f"/drills/{part.split('/end')[0]}/end")
    assert drill_card(hotline) is None


def test_make_drill(hotline: Stack, officer: Officer, sandbox: Sandbox, played: subprocess.Popen[str]) -> None:
    card = until(lambda: drill_card(hotline), "the drill's card")
    assert card is not None
    officer.act(f"/cards/{card['id']}/take")
    until(lambda: (drill_card(hotline) or {}).get("complete"), "the complete card")
    officer.act(f"/cards/{card['id']}/state", state="initiated", reference="演练文号")
    out, told = played.communicate(timeout=150)
    assert played.returncode == 0, told
    found = json.loads(out)
    assert out.count("\n") == 1, "one line"
    assert found["drill"] is True
    assert found["card"] == card["number"]
    assert all(found[name] is not None and found[name] >= 0 for name in MEASURED), found
    assert found["to_card"] <= found["to_accepted"] <= found["to_initiated"]
    assert "accepted by an officer" in told
    (row,) = [row for row in hotline.json("conversations") if row["id"] == card["conversation"]]
    assert row["drill"] is True
    chat = sandbox.get(f"/api/wechat/{row['sender']}")
    assert {message["via"] for message in chat["messages"]} <= {"resident", "passive"}, "nothing but passive replies"
    end(hotline, officer)


def test_a_leader_starts_one(hotline: Stack, officer: Officer) -> None:
    officer.act("/drills", script="clerk")
    until(lambda: (drill_card(hotline) or {}).get("complete"), "the complete card")
    page = officer.see("/cards")
    assert '<span class="tag drill">演练</span>' in page
    end(hotline, officer)
    figures = json.loads(officer.see("/figures.json"))
    real = [card for card in hotline.json("stops") if not card["drill"] and not card["merged_into"]]
    assert figures["total"]["cards"] == len(real), "drills are not counted"
