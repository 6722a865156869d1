"""Reading, checking and telling a reward scheme."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import PydanticCustomError

from rewards.scheme import SAMPLE, Schemes
from rewards.schemes import words
from rewards.schemes.bands import AmountBand, CountBand, yuan
from rewards.schemes.model import (
    AmountBandRule,
    Condition,
    CountBandRule,
    Deadline,
    Exclusion,
    FlatRule,
    Measure,
    Payment,
    Reporters,
)
from rewards.schemes.reading import SchemeError, load_scheme, read_scheme
from rewards.telling import plain_words

DAY = date(2026, 6, 1)
FLAT: dict[str, Any] = {"code": "flat", "name": "线索", "basis": "per_person", "amount": 11}
GOOD: dict[str, Any] = {
    "id": "test-town",
    "kind": "local",
    "name": "试验办法",
    "issuer": "试验单位",
    "level": "township",
    "version": "1",
    "effective_from": date(2026, 1, 1),
    "effective_to": date(2026, 12, 31),
    "source": "试验",
    "rules": [FLAT],
    "conditions": ["verified"],
    "exclusions": ["suspect"],
    "reporters": {"same_clue": "first_registered"},
    "stacking": "highest_only",
    "anonymity": {"allowed": True, "code_digits": 6},
    "deadlines": [{"step": "claim", "number": 60, "unit": "day", "after": "notified"}],
    "approval": [
        {"from": 0, "from_included": True, "to": 50, "to_included": True, "approver": "甲"},
        {"from": 50, "from_included": False, "approver": "乙"},
    ],
    "payment": {"methods": ["transfer"]},
}


class _Whole(yaml.SafeDumper):
    """Writes what stands there twice twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def write(path: Path, **changes: Any) -> Path:
    content = {key: value for key, value in (copy.deepcopy(GOOD) | changes).items() if value is not ...}
    path.write_text(yaml.dump(content, Dumper=_Whole, allow_unicode=True), encoding="utf-8")
    return path


def bands(kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
    measure = "loss_averted" if kind == "amount_band" else "arrested"
    return {"code": "banded", "name": "分档", "basis": kind, "measure": measure, "bands": list(rows)}


def band(start: int | str, start_in: bool, to: int | str | None, to_in: bool | None, **pays: Any) -> dict[str, Any]:
    edges: dict[str, Any] = {"from": start, "from_included": start_in}
    if to is not None:
        edges |= {"to": to, "to_included": to_in}
    return edges | (pays or {"amount": 11})


@pytest.mark.parametrize(("said", "amount"), [("0", "0"), (5, "5"), ("5", "5"), ("0.01", "0.01"), ("12.30", "12.3")])
def test_yuan_are_exact(said: object, amount: str) -> None:
    assert yuan(said) == Decimal(amount)


@pytest.mark.parametrize("said", [0.5, "0.005", -1, "-1", "五百", "", "NaN", "Infinity", "1e12", True, None])
def test_what_is_no_amount_is_refused(said: object) -> None:
    with pytest.raises(PydanticCustomError, match="not_yuan"):
        yuan(said)


def test_a_scheme_is_read_with_every_kind_of_rule(tmp_path: Path) -> None:
    rules = [
        FLAT | {"code": "a", "basis": "per_case", "cap_per_case": "99.50"},
        {"code": "b", "name": "乙", "basis": "per_person", "min": 11, "max": 22},
        FLAT | {"code": "c", "basis": "per_item", "unit": "张"},
        bands("amount_band", band(0, False, "100.5", False), band("100.5", True, None, None, discretionary=True)),
        bands("count_band", band(3, True, 9, True, min=11, max=22), band(10, True, None, None)) | {"code": "e"},
        {"code": "f", "name": "己", "basis": "range", "max": 33, "addon": True},
        {"code": "g", "name": "庚", "basis": "discretionary", "outcomes": ["case_filed"]},
    ]
    scheme = load_scheme(write(tmp_path / "s.yaml", rules=rules))
    flat, amounts, counts = scheme.rules[0], scheme.rules[3], scheme.rules[4]
    assert isinstance(flat, FlatRule) and (flat.amount, flat.cap_per_case) == (11, Decimal("99.50"))
    assert isinstance(amounts, AmountBandRule) and amounts.bands[1].start == Decimal("100.5")
    assert isinstance(counts, CountBandRule) and (counts.bands[0].start, counts.bands[0].to) == (3, 9)
    assert [rule.code for rule in scheme.rules] == ["a", "b", "c", "banded", "e", "f", "g"]


@pytest.mark.parametrize(
    ("model", "inside", "outside"),
    [
        (AmountBand.model_validate(band(100, True, 200, False)), ["100", "199.99"], ["99.99", "200"]),
        (AmountBand.model_validate(band(100, False, 200, True)), ["100.01", "200"], ["100", "200.01"]),
        (CountBand.model_validate(band(3, True, 10, False)), ["3", "9"], ["2", "10"]),
    ],
)
def test_an_edge_is_inside_only_where_the_file_says_so(
    model: AmountBand | CountBand, inside: list[str], outside: list[str]
) -> None:
    assert all(model.holds(Decimal(value)) for value in inside)
    assert not any(model.holds(Decimal(value)) for value in outside)


RULE_MISTAKES = [
    (FLAT | {"basis": "per_moon"}, "per_moon"),
    (FLAT | {"amount": "0.005"}, "amount：“0.005”不是金额"),
    (FLAT | {"amount": 0}, "amount：要大于 0"),
    (FLAT | {"ammount": 5}, "ammount：没有这一项"),
    (FLAT | {"outcomes": ["arested"]}, "没有这个词，只能是 'verified'"),
    (FLAT | {"max": 22}, "只能写一种"),
    ({"code": "flat", "name": "线索", "basis": "per_case"}, "只能写一种"),
    ({"code": "flat", "name": "线索", "basis": "range", "min": 22, "max": 11}, "min 比 max 大"),
    ({"code": "flat", "name": "线索", "basis": "range", "min": 22}, "写了 min 就要写 max"),
    ({"code": "flat", "name": "线索", "basis": "range", "amount": 22}, "range 要写 max"),
    (FLAT | {"basis": "per_item"}, "unit（单位）"),
    (FLAT | {"unit": "张"}, "unit（单位）"),
    (bands("amount_band", band(0, True, 10, True), band(10, True, None, None)), "第1档和第2档的分界同时算进两档"),
    (bands("amount_band", band(0, True, 10, False), band(10, False, None, None)), "第1档和第2档的分界哪一档也不算"),
    (bands("amount_band", band(0, True, 10, False), band(9, True, None, None)), "第2档和第1档重叠"),
    (bands("count_band", band(1, True, 3, True), band(5, True, None, None)), "第1档和第2档之间有空档"),
    (bands("count_band", band(1, True, None, None), band(5, True, None, None)), "第2档和第1档重叠"),
    (bands("count_band", band(5, False, 5, True)), "这一档是空的"),
    (bands("count_band", band(5, True, 3, True)), "这一档是空的"),
    (bands("count_band", {"from": 1, "amount": 11}), "没有写分界含不含"),
    (bands("count_band", {"from": 1, "from_included": True, "to": 3, "amount": 11}), "没有写分界含不含"),
    (bands("count_band", band(1, True, 3, True), {"from": 3, "amount": 11}), "只有一边写了含不含"),
    (bands("count_band", {"from": 1, "from_included": True, "to_included": True, "amount": 1}), "就要写 to"),
    (bands("count_band", band("三", True, None, None)), "“三”不是数目"),
    (bands("amount_band"), "bands：至少写一个"),
]


@pytest.mark.parametrize(("rule", "complaint"), RULE_MISTAKES, ids=range(len(RULE_MISTAKES)))
def test_a_mistake_in_a_rule_names_file_line_and_rule(tmp_path: Path, rule: dict[str, Any], complaint: str) -> None:
    path = write(tmp_path / "s.yaml", rules=[FLAT | {"code": "good"}, rule])
    with pytest.raises(SchemeError) as caught:
        load_scheme(path)
    (problem,) = caught.value.problems
    dumped = yaml.dump(rule, Dumper=_Whole, allow_unicode=True).splitlines()
    lines = path.read_text(encoding="utf-8").splitlines()
    start = max(number for number, line in enumerate(lines, start=1) if line == f"- {dumped[0]}")
    assert (problem.file, problem.rule) == ("s.yaml", rule["code"])
    assert start <= problem.line < start + len(dumped)
    assert complaint in problem.text
    assert str(problem).startswith(f"s.yaml 第{problem.line}行（规则 {rule['code']}）：")


def test_the_line_is_that_of_the_band() -> None:
    with pytest.raises(SchemeError) as caught:
        read_scheme(TWO_FAULTS, "s.yaml")
    assert [(it.line, it.rule) for it in caught.value.problems] == [(14, "den"), (18, "dissuade")]
    assert "第2档和第1档重叠" in caught.value.problems[0].text
    assert "“五百”不是金额" in caught.value.problems[1].text


TWO_FAULTS = """id: two
kind: example
name: 两处错
issuer: 无
level: township
version: "1"
source: 无
rules:
  - code: den
    name: 窝点
    basis: count_band
    measure: arrested
    bands: [{from: 1, to: 5, amount: 1},
            {from: 3, amount: 2}]
  - code: dissuade
    name: 劝阻
    basis: per_case
    amount: 五百
"""


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"rules": [FLAT, FLAT]}, "（规则 flat）：rules：“flat”写了两次"),
        ({"rules": []}, "rules：至少写一个"),
        ({"kind": ...}, "kind：缺少这一项"),
        ({"effective_from": ...}, "要启用的办法必须写明 effective_from"),
        ({"stacking": ...}, "要启用的办法必须写明 stacking"),
        ({"approval": ...}, "要启用的办法必须写明 approval"),
        ({"effective_to": date(2025, 1, 1)}, "失效日期早于生效日期"),
        ({"effective_from": "春天"}, "日期要写成"),
        ({"level": "planet"}, "level：没有这个词"),
        ({"exclusions": ["neighbour"]}, "没有这个词"),
        ({"anonymity": {"allowed": True}}, "code_digits"),
        ({"anonymity": {"allowed": True, "code_digits": 5}}, "code_digits：数太小"),
        ({"anonymity": {"allowed": "perhaps"}}, "allowed：只能写 true 或 false"),
        ({"payment": {"methods": ["cash"], "officers": 1}}, "officers：数太小"),
        ({"approval": GOOD["approval"][:1]}, "审批权限要从 0 起"),
        ({"approval": GOOD["approval"][1:]}, "审批权限要从 0 起"),
        ({"deadlines": GOOD["deadlines"] * 2}, "“claim”写了两次"),
        ({"kind": "sample"}, "名称里要写“示例”"),
        ({"surprise": 1}, "surprise：没有这一项"),
    ],
)
def test_a_mistake_in_a_scheme_names_file_and_line(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SchemeError, match=rf"^s\.yaml 第\d+行.*{complaint}"):
        load_scheme(write(tmp_path / "s.yaml", **changes))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a: [", "第1行：格式读不懂"),
        ("id: a\nid: b\n", "第2行：“id”写了两次"),
        ("[]", "第1行：要写成"),
        ("a: &x 1\nb: *x\n", "第2行：不能用 & 和"),
        ("a: " + "x" * 70_000, "第1行：文件太长"),
    ],
)
def test_a_file_that_is_no_scheme_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(content)
    with pytest.raises(SchemeError, match=rf"^s\.yaml {complaint}"):
        load_scheme(path)
    with pytest.raises(SchemeError, match=r"none\.yaml 第1行：文件读不到"):
        load_scheme(tmp_path / "none.yaml")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SchemeError, match="UTF-8"):
        load_scheme(path)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), "1"),
        (date(2026, 12, 31), "1"),
        (date(2027, 1, 1), "2"),
        (date(2030, 1, 1), "2"),
    ],
)
def test_the_version_of_the_day_applies(tmp_path: Path, day: date, version: str | None) -> None:
    write(tmp_path / "a.yaml", version="2", effective_from=date(2027, 1, 1), effective_to=...)
    write(tmp_path / "b.yaml")
    scheme = Schemes.load(tmp_path).in_force(day)
    assert (scheme.version if scheme else None) == version


def test_two_versions_in_force_on_one_day_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", effective_to=...)
    write(tmp_path / "b.yaml", version="2", effective_from=date(2027, 1, 1), effective_to=...)
    with pytest.raises(SchemeError, match="test-town 1 和 test-town 2 在 2027-01-01 同时有效"):
        Schemes.load(tmp_path)


def test_an_open_version_is_not_hidden_by_a_short_one_after_it(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", effective_to=date(2027, 6, 30))
    write(tmp_path / "b.yaml", version="2", effective_from=date(2027, 6, 30), effective_to=...)
    with pytest.raises(SchemeError, match="在 2027-06-30 同时有效"):
        Schemes.load(tmp_path)


def test_production_starts_without_a_scheme_and_says_so() -> None:
    schemes = Schemes.load(None)
    assert schemes.in_force(DAY) is None
    assert "没有生效的奖励办法" in schemes.status(DAY)
    text = plain_words(schemes.in_force(DAY), amounts=True)
    assert "没有登记公布" in text
    assert not any(character.isdigit() for character in text)


def test_the_sample_is_for_the_sandbox_only_and_says_what_it_is() -> None:
    scheme = Schemes.load(None, sandbox=True).in_force(DAY)
    assert scheme is not None and scheme.kind == "sample" and "示例" in scheme.name
    assert all("示例" in rule.name for rule in scheme.rules)
    for amounts in (True, False):
        assert plain_words(scheme, amounts=amounts).startswith("【示例，不是本地规定")
    with pytest.raises(SchemeError, match=r"sample\.yaml 第8行：虚构的示例只能在沙盒里用"):
        Schemes.load(SAMPLE)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match="没有 \\*\\.yaml 文件"):
        Schemes.load(tmp_path)


def test_the_status_names_the_version_in_force(tmp_path: Path) -> None:
    schemes = Schemes.load(write(tmp_path / "s.yaml"))
    assert schemes.status(DAY) == "生效的奖励办法：试验办法（版本 1，自2026年1月1日起）。"


@pytest.mark.parametrize("allowed", [True, False])
def test_plain_words_are_few_lines_and_end_in_the_next_step(tmp_path: Path, allowed: bool) -> None:
    anonymity = {"allowed": allowed} | ({"code_digits": 8} if allowed else {})
    scheme = load_scheme(write(tmp_path / "s.yaml", anonymity=anonymity, exclusions=[], deadlines=[]))
    lines = plain_words(scheme, amounts=True).splitlines()
    assert 3 <= len(lines) <= 6
    assert lines[-1].endswith("请直接把线索发给我们。")
    assert ("至少8位的查询码" in lines[4]) == allowed
    assert "不奖励" not in lines[2] and "时限" not in lines[4]


TOLD = [
    (FLAT | {"cap_per_case": "44.5"}, "线索：每人11元，每案最高44.50元"),
    (FLAT | {"basis": "per_item", "unit": "张"}, "线索：每张11元"),
    ({"code": "f", "name": "重大", "basis": "range", "max": 33, "addon": True}, "重大（另加）：最高33元"),
    ({"code": "f", "name": "重大", "basis": "discretionary"}, "重大：由审批机关酌定"),
    (
        bands("amount_band", band(0, False, 10, False), band(10, True, None, None, min=11, max=22)),
        "分档：避免损失0元（不含）至10元（不含）的11元，10元（含）以上的11至22元",
    ),
    (
        bands("count_band", band(3, True, 9, True, discretionary=True)) | {"outcomes": ["arrested"]},
        "分档：抓获后，抓获人数3（含）至9（含）的由审批机关酌定",
    ),
]


@pytest.mark.parametrize(("rule", "told"), TOLD)
def test_a_rule_is_told_with_its_amounts_or_without(tmp_path: Path, rule: dict[str, Any], told: str) -> None:
    scheme = load_scheme(write(tmp_path / "s.yaml", rules=[rule]))
    assert f"有奖励的线索：{told}。" in plain_words(scheme, amounts=True).splitlines()
    assert f"有奖励的线索：{rule['name']}。" in plain_words(scheme, amounts=False).splitlines()


def test_no_amount_is_left_where_none_may_be_named() -> None:
    text = plain_words(load_scheme(SAMPLE), amounts=False)
    assert "元" not in text.replace("金额", "")


def test_every_value_has_its_word() -> None:
    assert set(words.CONDITIONS) == set(Condition)
    assert set(words.EXCLUSIONS) == set(Exclusion)
    assert set(words.MEASURES) == set(Measure)
    tables = [(Deadline, "step", words.STEPS), (Deadline, "unit", words.UNITS), (Deadline, "after", words.EVENTS)]
    tables += [(FlatRule, "basis", words.PER), (Reporters, "same_clue", words.SAME_CLUE)]
    for model, field, table in tables:
        assert set(model.model_json_schema()["properties"][field]["enum"]) == set(table)
    methods = Payment.model_json_schema()["properties"]["methods"]["items"]["enum"]
    assert set(methods) == set(words.METHODS)
