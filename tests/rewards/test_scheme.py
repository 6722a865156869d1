"""Reading, checking and telling a reward scheme."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from rewards.scheme import SAMPLE, SchemeError, Schemes, load_scheme, plain_words
from rewards.schemes import words
from rewards.schemes.bands import AmountBand, CountBand, fen
from rewards.schemes.model import AmountBandRule, CountBandRule, FlatRule

DAY = date(2026, 6, 1)
FLAT: dict[str, Any] = {"code": "flat", "name": "线索", "basis": "per_person", "amount": 11}
GOOD: dict[str, Any] = {
    "id": "test-town",
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


def write(path: Path, **changes: Any) -> Path:
    content = {key: value for key, value in (copy.deepcopy(GOOD) | changes).items() if value is not ...}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def bands(kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
    measure = "loss_averted" if kind == "amount_band" else "arrested"
    return {"code": "banded", "name": "分档", "basis": kind, "measure": measure, "bands": list(rows)}


def band(start: int | str, start_in: bool, to: int | str | None, to_in: bool | None, **pays: Any) -> dict[str, Any]:
    edges: dict[str, Any] = {"from": start, "from_included": start_in}
    if to is not None:
        edges |= {"to": to, "to_included": to_in}
    return edges | (pays or {"amount": 11})


@pytest.mark.parametrize(("yuan", "amount"), [(0, 0), (5, 500), ("5", 500), ("0.01", 1), ("12.30", 1230)])
def test_yuan_become_fen(yuan: object, amount: int) -> None:
    assert fen(yuan) == amount


@pytest.mark.parametrize("yuan", [0.5, "0.005", -1, "-1", "五百", "", "NaN", "Infinity", True, None])
def test_what_is_no_amount_is_refused(yuan: object) -> None:
    with pytest.raises(ValueError, match="yuan"):
        fen(yuan)


def test_a_scheme_is_read_with_every_kind_of_rule(tmp_path: Path) -> None:
    rules = [
        FLAT | {"code": "a", "basis": "per_case", "cap_per_case": "99.50"},
        {"code": "b", "name": "乙", "basis": "per_person", "min": 11, "max": 22},
        FLAT | {"code": "c", "basis": "per_item", "unit": "张"},
        bands("amount_band", band(0, False, "100.5", False), band("100.5", True, None, None, discretionary=True)),
        bands("count_band", band(3, True, 9, True, min=11, max=22), band(10, True, None, None)) | {"code": "e"},
        {"code": "f", "name": "己", "basis": "range", "max": 33, "addon": True},
        {"code": "g", "name": "庚", "basis": "discretionary", "outcome": "case_filed"},
    ]
    scheme = load_scheme(write(tmp_path / "s.yml", rules=rules))
    flat, amounts, counts = scheme.rules[0], scheme.rules[3], scheme.rules[4]
    assert isinstance(flat, FlatRule) and (flat.amount, flat.cap_per_case) == (1100, 9950)
    assert isinstance(amounts, AmountBandRule) and (amounts.bands[0].first, amounts.bands[0].last) == (1, 10049)
    assert isinstance(counts, CountBandRule) and (counts.bands[0].first, counts.bands[0].last) == (3, 9)
    assert [rule.code for rule in scheme.rules] == ["a", "b", "c", "banded", "e", "f", "g"]


@pytest.mark.parametrize(
    ("model", "inside", "outside"),
    [
        (AmountBand.model_validate(band(100, True, 200, False)), [10_000, 19_999], [9_999, 20_000]),
        (AmountBand.model_validate(band(100, False, 200, True)), [10_001, 20_000], [10_000, 20_001]),
        (CountBand.model_validate(band(3, True, 10, False)), [3, 9], [2, 10]),
    ],
)
def test_an_edge_is_inside_only_where_the_file_says_so(
    model: AmountBand | CountBand, inside: list[int], outside: list[int]
) -> None:
    assert model.last is not None
    assert all(model.first <= value <= model.last for value in inside)
    assert not any(model.first <= value <= model.last for value in outside)


RULE_MISTAKES = [
    (FLAT | {"basis": "per_moon"}, "'per_moon'"),
    (FLAT | {"amount": 0.5}, "rule 'flat' per_person.amount: .*quoted decimal"),
    (FLAT | {"amount": 0}, "rule 'flat' per_person.amount: .*greater than 0"),
    (FLAT | {"ammount": 5}, "rule 'flat' per_person.ammount: Extra inputs"),
    (FLAT | {"max": 22}, "rule 'flat' .*exactly one of"),
    ({"code": "flat", "name": "线索", "basis": "per_case"}, "rule 'flat' .*exactly one of"),
    ({"code": "flat", "name": "线索", "basis": "range", "min": 22, "max": 11}, "rule 'flat' .*min is above max"),
    ({"code": "flat", "name": "线索", "basis": "range", "min": 22}, "rule 'flat' .*min needs a max"),
    ({"code": "flat", "name": "线索", "basis": "range", "amount": 22}, "rule 'flat' .*a range needs a max"),
    (FLAT | {"basis": "per_item"}, "rule 'flat' .*`unit` stands with per_item"),
    (FLAT | {"unit": "张"}, "rule 'flat' .*`unit` stands with per_item"),
    (bands("amount_band", band(0, True, 10, True), band(10, True, None, None)), "'banded' .*band 2 overlaps band 1"),
    (bands("amount_band", band(0, True, 10, False), band(10, False, None, None)), "'banded' .*no band holds"),
    (bands("count_band", band(1, True, 3, True), band(5, True, None, None)), "'banded' .*no band holds"),
    (bands("count_band", band(1, True, None, None), band(5, True, None, None)), "'banded' .*overlaps"),
    (bands("count_band", band(5, False, 5, True)), "'banded' .*the band is empty"),
    (bands("count_band", {"from": 1, "amount": 11}), "'banded' .*from_included: Field required"),
    (bands("count_band", {"from": 1, "from_included": True, "to": 3, "amount": 11}), "'banded' .*stand together"),
    (bands("amount_band"), "'banded' .*at least 1"),
]


@pytest.mark.parametrize(("rule", "complaint"), RULE_MISTAKES)
def test_a_mistake_in_a_rule_names_file_and_rule(tmp_path: Path, rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(
        SchemeError, match=rf"^s\.yml: rule .*{complaint}" if "rule" not in complaint else complaint
    ) as caught:
        load_scheme(write(tmp_path / "s.yml", rules=[rule]))
    assert str(caught.value).startswith("s.yml: rule ")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"rules": [FLAT, FLAT]}, "rule 'flat' stands there twice"),
        ({"rules": []}, "rules: .*at least 1"),
        ({"effective_from": ...}, "effective_from: Field required"),
        ({"effective_to": date(2025, 1, 1)}, "effective_to is before effective_from"),
        ({"level": "planet"}, "level: "),
        ({"anonymity": {"allowed": True}}, "code_digits"),
        ({"anonymity": {"allowed": True, "code_digits": 5}}, "anonymity.code_digits: .*6"),
        ({"payment": {"methods": ["cash"], "officers": 1}}, "payment.officers: .*2"),
        ({"approval": GOOD["approval"][:1]}, "approval ladder"),
        ({"approval": GOOD["approval"][1:]}, "approval ladder"),
        ({"deadlines": GOOD["deadlines"] * 2}, "deadline 'claim' stands there twice"),
        ({"sample": True}, "must say 示例"),
        ({"surprise": 1}, "surprise: Extra inputs"),
    ],
)
def test_a_mistake_in_a_scheme_names_the_file(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(SchemeError, match=rf"^s\.yml: .*{complaint}"):
        load_scheme(write(tmp_path / "s.yml", **changes))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("a: [", "not readable as YAML"), ("id: a\nid: b\n", "key 'id' stands there twice"), ("[]", "scheme: ")],
)
def test_a_file_that_is_no_scheme_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "s.yml"
    path.write_text(content)
    with pytest.raises(SchemeError, match=rf"^s\.yml: .*{complaint}"):
        load_scheme(path)
    with pytest.raises(SchemeError, match=r"none\.yml: cannot be read"):
        load_scheme(tmp_path / "none.yml")


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
    write(tmp_path / "a.yml", version="2", effective_from=date(2027, 1, 1), effective_to=...)
    write(tmp_path / "b.yml")
    scheme = Schemes.load(tmp_path).in_force(day)
    assert (scheme.version if scheme else None) == version


def test_two_versions_in_force_on_one_day_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", effective_to=...)
    write(tmp_path / "b.yml", version="2", effective_from=date(2027, 1, 1), effective_to=...)
    with pytest.raises(SchemeError, match="test-town 1 and test-town 2 are both in force on 2027-01-01"):
        Schemes.load(tmp_path)


def test_an_open_version_is_not_hidden_by_a_short_one_after_it(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", effective_to=date(2027, 6, 30))
    write(tmp_path / "b.yml", version="2", effective_from=date(2027, 6, 30), effective_to=...)
    with pytest.raises(SchemeError, match="both in force on 2027-06-30"):
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
    assert scheme is not None and scheme.sample and "示例" in scheme.name
    assert all("示例" in rule.name for rule in scheme.rules)
    for amounts in (True, False):
        assert plain_words(scheme, amounts=amounts).startswith("【示例，不是本地规定")
    with pytest.raises(SchemeError, match=r"sample\.yml: a sample scheme is for the sandbox only"):
        Schemes.load(SAMPLE)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match="no \\*\\.yml file"):
        Schemes.load(tmp_path)


def test_the_status_names_the_version_in_force(tmp_path: Path) -> None:
    schemes = Schemes.load(write(tmp_path / "s.yml"))
    assert schemes.status(DAY) == "生效的奖励办法：试验办法（版本 1，自2026年1月1日起）。"


@pytest.mark.parametrize("allowed", [True, False])
def test_plain_words_are_few_lines_and_end_in_the_next_step(tmp_path: Path, allowed: bool) -> None:
    anonymity = {"allowed": allowed} | ({"code_digits": 8} if allowed else {})
    scheme = load_scheme(write(tmp_path / "s.yml", anonymity=anonymity, exclusions=[], deadlines=[]))
    lines = plain_words(scheme, amounts=True).splitlines()
    assert 3 <= len(lines) <= 6
    assert lines[-1].endswith("请直接把线索发给我们。")
    assert ("至少8位的查询码" in lines[4]) == allowed
    assert "不奖励" not in lines[2] and "时限" not in lines[4]


TOLD = [
    (FLAT | {"cap_per_case": "44.5"}, "线索：查实后，每人11元，每案最高44.50元"),
    (FLAT | {"basis": "per_item", "unit": "张"}, "线索：查实后，每张11元"),
    ({"code": "f", "name": "重大", "basis": "range", "max": 33, "addon": True}, "重大（另加）：查实后，最高33元"),
    ({"code": "f", "name": "重大", "basis": "discretionary"}, "重大：查实后，由审批机关酌定"),
    (
        bands("amount_band", band(0, False, 10, False), band(10, True, None, None, min=11, max=22)),
        "分档：查实后，避免损失0元（不含）至10元（不含）的11元，10元（含）以上的11至22元",
    ),
    (
        bands("count_band", band(3, True, 9, True, discretionary=True)) | {"outcome": "arrested"},
        "分档：抓获后，抓获人数3（含）至9（含）的由审批机关酌定",
    ),
]


@pytest.mark.parametrize(("rule", "told"), TOLD)
def test_a_rule_is_told_with_its_amounts_or_without(tmp_path: Path, rule: dict[str, Any], told: str) -> None:
    scheme = load_scheme(write(tmp_path / "s.yml", rules=[rule]))
    assert f"有奖励的线索：{told}。" in plain_words(scheme, amounts=True).splitlines()
    assert f"有奖励的线索：{rule['name']}。" in plain_words(scheme, amounts=False).splitlines()


def test_no_amount_is_left_where_none_may_be_named() -> None:
    text = plain_words(load_scheme(SAMPLE), amounts=False)
    assert "元" not in text.replace("金额", "")


def test_every_value_has_its_word() -> None:
    from rewards.schemes.model import Condition, Deadline, Exclusion, Outcome, Reporters

    assert set(words.CONDITIONS) == set(Condition)
    assert set(words.EXCLUSIONS) == set(Exclusion)
    assert set(words.OUTCOMES) == set(Outcome)
    tables = [(Deadline, "step", words.STEPS), (Deadline, "unit", words.UNITS), (Deadline, "after", words.EVENTS)]
    tables += [(FlatRule, "basis", words.PER), (Reporters, "same_clue", words.SAME_CLUE)]
    for model, field, table in tables:
        assert set(model.model_json_schema()["properties"][field]["enum"]) == set(table)
    measures = {*AmountBandRule.model_json_schema()["properties"]["measure"]["enum"]}
    measures |= {*CountBandRule.model_json_schema()["properties"]["measure"]["enum"]}
    assert measures == set(words.MEASURES)
