"""The list of villages: read strictly, recognised in what people say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tips.villages import IN_DATA, SAMPLE, Villages, VillagesError, read

LIST = """what: villages
name: 试
villages:
  - name: 甲乙村
    also: [老甲]
  - {name: 大甲乙村}
  - {name: 丙社区}
"""


@pytest.fixture
def villages() -> Villages:
    return Villages(read(LIST, "v.yml").villages)


@pytest.mark.parametrize(
    ("said", "village"),
    [
        ("在甲乙村超市门口", "甲乙村"),
        ("甲 乙 村的桥头", "甲乙村"),
        ("就在老甲那边", "甲乙村"),
        ("大甲乙村三组", "大甲乙村"),
        ("丙社区门口", "丙社区"),
        ("从甲乙村到丙社区", ""),
        ("老甲，就是甲乙村", "甲乙村"),
        ("县城里", ""),
        ("", ""),
    ],
)
def test_what_is_said_of_a_place(villages: Villages, said: str, village: str) -> None:
    assert villages.find(said) == village


def test_without_a_list_nothing_is_recognised(tmp_path: Path) -> None:
    assert Villages.load(None, tmp_path).find("甲乙村") == ""


@pytest.mark.parametrize(
    ("damaged", "line", "said"),
    [
        (LIST.replace("丙社区", "老甲"), 7, "“老甲”写了两次"),
        (LIST.replace("丙社区", "丙"), 7, "name：至少两个字"),
        (LIST.replace("[老甲]", "[老]"), 4, "一个字到处都会认成它"),
        (LIST.replace("also:", "alias:"), 5, "alias：没有这一项"),
        (LIST.replace("what: villages", "what: roster"), 1, "what: villages"),
        (LIST.replace("  - {name: 大甲乙村}", "  - {name: 大甲乙村"), 7, "格式读不懂"),
        ("what: villages\nname: 试\nvillages: []\n", 3, "至少写一个"),
        (LIST + "name: 又\n", 8, "“name”写了两次"),
    ],
    ids=["twice", "short", "short_also", "unknown_key", "other_file", "not_yaml", "empty", "key_twice"],
)
def test_what_is_wrong_is_named_with_its_line(damaged: str, line: int, said: str) -> None:
    with pytest.raises(VillagesError) as refused:
        read(damaged, "v.yml")
    problem = refused.value.problems[0]
    assert (problem.file, problem.line) == ("v.yml", line)
    assert said in str(problem)


def test_which_file_is_used(tmp_path: Path) -> None:
    made_up = Villages.load(None, tmp_path, sandbox=True)
    assert made_up.sample
    assert all("样例" in name or "虚构" in name for name in made_up.names)
    (tmp_path / IN_DATA).write_text(LIST, encoding="utf-8")
    assert Villages.load(None, tmp_path, sandbox=True).names == ("甲乙村", "大甲乙村", "丙社区")
    other = tmp_path / "other.yml"
    other.write_text(LIST.replace("丙社区", "丁社区"), encoding="utf-8")
    assert "丁社区" in Villages.load(other, tmp_path).names
    with pytest.raises(VillagesError):
        Villages.load(tmp_path / "nowhere.yml", tmp_path)
    with pytest.raises(VillagesError, match="沙箱"):
        Villages.load(SAMPLE, tmp_path)
