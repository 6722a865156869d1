"""``scheme`` and ``ledger`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select, text

from rewards.scheme import SAMPLE, examples
from rewards.schemes import words
from storage.engine import Database
from tests.bot.commands import run
from tests.rewards.hands import Hands
from tips.models import Tip


@pytest.mark.parametrize("path", [SAMPLE, *examples()], ids=lambda path: path.stem)
def test_check_tells_the_rules(path: Path) -> None:
    found = run({}, "scheme", "check", str(path))
    assert found.exit_code == 0
    assert f"{path.name}: in order" in found.output
    assert ("cannot be put in force" in found.output) == path.stem.startswith("example-")


def test_check_names_file_line_and_rule(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    changed = SAMPLE.read_text(encoding="utf-8").replace(
        "{from: 10, from_included: true", "{from: 9, from_included: true"
    )
    path.write_text(changed, encoding="utf-8")
    line = next(number for number, it in enumerate(changed.splitlines(), start=1) if "{from: 9, from_included" in it)
    found = run({}, "scheme", "check", str(path))
    assert found.exit_code == 1
    assert f"ours.yaml 第{line}行（规则 den）：第1档和第2档的分界同时算进两档" in found.output


def test_explain_a_tip(database: Database, environment: dict[str, str]) -> None:
    hands = Hands.with_a_claim(database)
    with database.transaction() as session:
        number = session.scalars(select(Tip.number)).one()
    before = run(environment, "scheme", "explain", number).output
    assert "待查：是不是“举报买卖银行卡、电话卡（示例金额）”这一类线索？" in before
    hands.propose()
    after = run(environment, "scheme", "explain", number.lower()).output
    assert "每人11元×3人=33元" in after and "state=proposed" in after
    assert run(environment, "scheme", "explain", "XS1").exit_code == 1


def test_explain_without_a_scheme_says_so(database: Database, environment: dict[str, str], tmp_path: Path) -> None:
    Hands.with_a_claim(database)
    later = tmp_path / "later.yaml"
    later.write_text(SAMPLE.read_text(encoding="utf-8").replace("2020-01-01", "2029-01-01"), encoding="utf-8")
    with database.transaction() as session:
        number = session.scalars(select(Tip.number)).one()
    found = run({**environment, "HOTLINE_REWARD_SCHEME": str(later)}, "scheme", "explain", number)
    assert words.NONE_IN_FORCE in found.output


def test_the_ledger(database: Database, environment: dict[str, str]) -> None:
    assert run(environment, "ledger", "budget", "100.50", "--reference", "测试〔2026〕1号").exit_code == 0
    assert run(environment, "ledger", "budget", "0.50", "--reference", "测试〔2026〕2号", "--back").exit_code == 0
    found = {row["account"]: row["yuan"] for row in json.loads(run(environment, "ledger", "balances", "--json").output)}
    assert (found["budget"], found["source"]) == ("100.00", "-100.00")
    assert "its sum is zero" in run(environment, "ledger", "verify").output
    assert run(environment, "ledger", "budget", "200", "--reference", "x", "--back").exit_code == 1
    assert run(environment, "ledger", "budget", "x", "--reference", "x").exit_code == 1
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE ledger_entries SET amount = 99 WHERE position = 1"))
    broken = run(environment, "ledger", "verify")
    assert broken.exit_code == 1 and "内容和校验值不符" in broken.output


def test_a_month_and_its_receipts(database: Database, environment: dict[str, str], tmp_path: Path) -> None:
    hands = Hands.with_a_claim(database)
    hands.pay(hands.up_to("claimed"))
    file = tmp_path / "march.xlsx"
    found = run(environment, "ledger", "reconcile", "2026-03", "--xlsx", str(file))
    assert found.exit_code == 0, found.output
    assert "account=budget  opening=0.00  in=1000.00  out=33.00  closing=967.00" in found.output
    assert "1 receipts, 33.00 yuan, 0 not as in the book" in found.output
    assert file.read_bytes()[:2] == b"PK"
    rows = {
        row["account"]: row for row in json.loads(run(environment, "ledger", "reconcile", "2026-04", "--json").output)
    }
    assert rows["paid"] == {"account": "paid", "opening": "33.00", "in": "0.00", "out": "0.00", "closing": "33.00"}
    assert run(environment, "ledger", "reconcile", "March").exit_code == 2
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE claim_payments SET amount = 30"))
    broken = run(environment, "ledger", "reconcile", "2026-03")
    assert broken.exit_code == 1 and "paid 30.00, booked 33.00" in broken.output
