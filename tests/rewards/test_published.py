"""The seven published schemes: shipped as examples, in force nowhere, and with the published figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from rewards.assess import assess
from rewards.facts import Facts, Finding, Range
from rewards.scheme import Schemes, examples
from rewards.schemes import words
from rewards.schemes.model import BandRule, Condition, FlatRule, Kind, Measure, RangeRule, Scheme
from rewards.schemes.reading import SchemeError, load_scheme
from rewards.telling import plain_words

EXAMPLES = {path.stem.removeprefix("example-"): load_scheme(path) for path in examples()}
YES = dict.fromkeys(Condition, True)


def test_there_are_seven_and_each_says_what_it_is() -> None:
    assert len(EXAMPLES) == 7
    for name, scheme in EXAMPLES.items():
        assert (scheme.id, scheme.kind) == (name, Kind.EXAMPLE)
        assert scheme.source
        assert not scheme.in_force(date(2021, 6, 1)) and not scheme.in_force(date(2026, 6, 1))


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
@pytest.mark.parametrize("sandbox", [True, False])
def test_none_can_be_put_in_force_here(path: Path, sandbox: bool) -> None:
    with pytest.raises(SchemeError) as caught:
        Schemes.load(path, sandbox=sandbox)
    assert str(caught.value) == f"{path.name} 第4行：{words.EXAMPLE_IN_FORCE}"


def test_their_figures_are_the_published_ones(shared_data: Path) -> None:
    published = yaml.safe_load((shared_data / "reward_schemes_published.yaml").read_text(encoding="utf-8"))
    assert {it["id"] for it in published} == set(EXAMPLES)
    for theirs in published:
        ours = EXAMPLES[theirs["id"]]
        assert ours.name.replace(" ", "") == theirs["name"].replace(" ", "").replace("(", "（").replace(")", "）")
        assert ours.level == theirs["level"]
        for field in ("effective_from", "effective_to", "published"):
            assert getattr(ours, field) == theirs.get(field)
        assert [rule.code for rule in ours.rules] == [rule["code"] for rule in theirs["rules"]]
        for mine, rule in zip(ours.rules, theirs["rules"], strict=True):
            assert mine.basis == rule["basis"]
            assert mine.cap_per_case == rule.get("cap_per_case")
            assert mine.addon == rule.get("addon", False)
            if isinstance(mine, FlatRule | RangeRule):
                assert (mine.amount, mine.min, mine.max) == (rule.get("amount"), rule.get("min"), rule.get("max"))


def test_their_bands_are_the_published_ones(shared_data: Path) -> None:
    published = yaml.safe_load((shared_data / "reward_schemes_published.yaml").read_text(encoding="utf-8"))
    compared = 0
    for theirs in published:
        for mine, rule in zip(EXAMPLES[theirs["id"]].rules, theirs["rules"], strict=True):
            if not isinstance(mine, BandRule):
                continue
            assert mine.measure == rule.get("measure", mine.measure)
            for place, (band, row) in enumerate(zip(mine.bands, rule["bands"], strict=True)):
                following: dict[str, Any] = rule["bands"][place + 1] if place + 1 < len(rule["bands"]) else {}
                assert band.start == row.get("from", 0)
                assert band.to == row.get("to", following.get("from"))
                assert (band.amount, band.min, band.max) == (row.get("amount"), row.get("min"), row.get("max"))
                assert band.discretionary == row.get("discretionary", False)
                if "to_incl" in row:
                    assert band.to_included == row["to_incl"]
                if rule.get("boundary") == "unspecified":
                    assert band.unsaid
                compared += 1
    assert compared == 16


def found(scheme: Scheme, *findings: Finding, **measures: str) -> Range:
    given = {Measure(name): Decimal(value) for name, value in measures.items()}
    return assess(scheme, Facts(YES, dict.fromkeys(scheme.exclusions, False), given, findings)).total


@pytest.mark.parametrize(
    ("averted", "amount"),
    [("0.01", 500), ("99999.99", 500), ("100000", 1000), ("999999.99", 1000), ("1000000", 3000), ("9000000", 3000)],
)
def test_the_bands_of_changan(averted: str, amount: int) -> None:
    total = found(EXAMPLES["gd-changan-2021"], Finding("dissuade"), loss_averted=averted)
    assert total == Range(Decimal(amount), Decimal(amount))


@pytest.mark.parametrize(("people", "amount"), [(1, 500), (10, 5000), (11, 5000), (400, 5000)])
def test_the_cap_of_changan(people: int, amount: int) -> None:
    assert found(EXAMPLES["gd-changan-2021"], Finding("sim_bank_card", number=people)).high == amount


@pytest.mark.parametrize(
    ("arrested", "low", "high"),
    [
        ("2", 0, 0),
        ("3", 10000, 20000),
        ("9", 10000, 20000),
        ("10", 30000, 50000),
        ("19", 30000, 50000),
        ("20", 60000, 60000),
    ],
)
def test_the_dens_of_shuangfeng(arrested: str, low: int, high: int) -> None:
    assert found(EXAMPLES["hn-shuangfeng-2022"], Finding("den"), arrested=arrested) == Range(
        Decimal(low), Decimal(high)
    )


def test_an_edge_the_notice_does_not_settle_is_a_question() -> None:
    scheme = EXAMPLES["gs-chengguan"]
    facts = Facts(YES, {}, {Measure.FUNDS_INTERCEPTED: Decimal(20000)}, (Finding("funds_intercepted"),))
    asked = assess(scheme, facts)
    assert asked.total == Range(Decimal(500), Decimal(1000))
    assert any("分界" in question for question in asked.questions)
    assert found(scheme, Finding("funds_intercepted"), funds_intercepted="20000.01").low == 1000


def test_an_addon_comes_on_top_and_never_alone() -> None:
    scheme = EXAMPLES["gs-chengguan"]
    both = (Finding("funds_intercepted"), Finding("addon_suspects"))
    assert found(scheme, *both, funds_intercepted="50000", arrested="4").low == 1800
    assert found(scheme, both[1], arrested="4").high == 0


def test_persons_with_a_range_each_in_chengmai() -> None:
    assert found(EXAMPLES["hi-chengmai-2021"], Finding("suspect", number=2)) == Range(Decimal(4000), Decimal(6000))
    deadline = EXAMPLES["hi-chengmai-2021"].deadlines[0]
    assert (deadline.step, deadline.number, deadline.unit, deadline.after) == ("pay_out", 2, "month", "case_solved")


def test_what_a_notice_leaves_open_is_not_made_up() -> None:
    for scheme in EXAMPLES.values():
        assert scheme.approval is None and scheme.payment is None and scheme.stacking is None
        plain_words(scheme, amounts=True)
