"""Finding an answer by a resident's own wording, and refusing to guess."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.lookup import THRESHOLD, Knowledge
from knowledge.sources import KnowledgeError
from tests.knowledge.data import WORDINGS, shared_texts

KNOWLEDGE = Knowledge.load()


def answered(text: str) -> str | None:
    match = KNOWLEDGE.answer(text)
    return match.entry.id if match else None


def test_other_wordings_find_their_answer_and_hardly_ever_a_wrong_one() -> None:
    rows = WORDINGS["known"]
    got = [(row["text"], answered(row["text"]), row["right"]) for row in rows]
    assert [row for row in got if row[1] is not None and row[1] not in row[2]] == []
    missing = [text for text, entry_id, _ in got if entry_id is None]
    assert len(missing) <= 0.05 * len(rows), missing


def test_wordings_the_matcher_was_not_tuned_on() -> None:
    rows = WORDINGS["fresh"]
    got = [(row["text"], answered(row["text"]), row["right"]) for row in rows]
    wrong = [row for row in got if row[1] is not None and row[1] not in row[2]]
    assert len(wrong) <= 1, wrong
    assert sum(row[1] in row[2] for row in got) >= 0.7 * len(rows)


@pytest.mark.parametrize("text", WORDINGS["unknown"])
def test_another_matter_gets_no_answer(text: str) -> None:
    assert answered(text) is None


@pytest.mark.parametrize(
    ("name", "share"),
    [("sms_chat_not_urgent", 0.005), ("assistant_queries_out_of_scope", 0.005), ("legal_questions_not_urgent", 0.02)],
)
def test_real_texts_about_other_matters_get_no_answer(name: str, share: float) -> None:
    """Some of the legal questions are about frozen cards and the like: there an answer is right."""
    texts = shared_texts(name)
    hits = sum(answered(text) is not None for text in texts)
    assert hits <= share * len(texts)


def test_punctuation_politeness_and_width_change_nothing() -> None:
    plain = KNOWLEDGE.answer("出租银行卡违法吗")
    for text in ("出租银行卡违法吗？？", "请问，出租银行卡 违法吗", "您好！出租银行卡违法吗，谢谢"):
        match = KNOWLEDGE.answer(text)
        assert match is not None and plain is not None
        assert match.entry is plain.entry
    assert answered("９６１１０是什么电话") == "line-96110"


def test_a_question_inside_a_longer_message_is_found() -> None:
    assert answered("我今天在镇上赶集遇到个人跟我聊了半天。银行卡被冻结了怎么解？麻烦你们了") == "card-frozen"


def test_a_score_is_a_share_and_the_same_every_time() -> None:
    first, second = KNOWLEDGE.answer("帮信罪是什么"), Knowledge.load().answer("帮信罪是什么")
    assert first == second
    assert first is not None
    assert THRESHOLD <= first.score <= 1.0


@pytest.mark.parametrize("text", ["", "   ", "。？！", "\x00\n", "😀😀", "a" * 10_000, "骗" * 10_000])
def test_odd_input_is_no_question(text: str) -> None:
    assert KNOWLEDGE.answer(text) is None


def test_an_entry_answers_from_its_day_on() -> None:
    text = "卖卡惩戒几年"
    before, after = KNOWLEDGE.answer(text, on=date(2024, 11, 30)), KNOWLEDGE.answer(text, on=date(2024, 12, 1))
    assert before is None or before.entry.id != "two-cards-penalty"
    assert after is not None and after.entry.id == "two-cards-penalty"


def test_lookups_by_name() -> None:
    entry, fraud = KNOWLEDGE.by_id("brush-rebate"), KNOWLEDGE.fraud_type("brush_rebate")
    assert entry is not None and entry.fraud_type == "brush_rebate"
    assert fraud is not None and fraud.name == "刷单返利"
    assert KNOWLEDGE.by_id("nothing") is None
    assert KNOWLEDGE.fraud_type("") is None


GOOD: dict[str, Any] = {
    "id": "one",
    "title": "一个问题",
    "fraud_type": "other",
    "questions": ["问题一", "问题二", "问题三", "问题四", "问题五"],
    "keywords": ["问题"],
    "answer": "先停手。打96110核实。",
    "source": "试验",
    "reviewed": date(2026, 1, 1),
    "effective_from": date(2026, 1, 1),
}
OTHER_TYPE = {"code": "other", "name": "其他", "recognise": "来路不明", "do": "先停手", "signs": []}


def write(folder: Path, entries: object, types: object = (OTHER_TYPE,), wording: object = None) -> Path:
    (folder / "answers").mkdir()
    files = {
        "answers/a.yml": {"entries": entries},
        "fraud_types.yml": {"types": list(types) if isinstance(types, tuple) else types},
        "wording.yml": wording or {"replace": {}, "drop": ["吗"]},
    }
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != key}


def test_a_small_folder_loads(tmp_path: Path) -> None:
    assert Knowledge.load(write(tmp_path, [GOOD])).by_id("one") is not None


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([without("answer")], r"a\.yml: entry 'one': answer: Field required"),
        ([GOOD | {"answre": "x"}], r"a\.yml: entry 'one': answre: Extra inputs"),
        ([GOOD | {"id": "Not A Slug"}], r"a\.yml: entry 'Not A Slug': id"),
        ([GOOD | {"questions": ["一", "二"]}], r"entry 'one': questions: .*at least 5"),
        ([GOOD | {"keywords": [110]}], r"entry 'one': keywords\.0: .*valid string"),
        ([GOOD | {"keywords": ["骗吗"]}], r"entry 'one': keyword '骗吗' is too general"),
        ([GOOD | {"answer": "打12345。打完再说。"}], r"entry 'one': answer: .*12345 is not allowed"),
        ([GOOD | {"answer": "微信支付打95017。先打110。"}], r"entry 'one': .*as SMS: the number 95017"),
        ([GOOD | {"fraud_type": "unheard_of"}], r"entry 'one': unknown fraud_type 'unheard_of'"),
        ([GOOD | {"reviewed": "soon"}], r"entry 'one': reviewed"),
        ([GOOD, GOOD], r"entry 'one' stands in a\.yml already"),
        ([], "no entries found"),
        ("text", r"a\.yml: expected a list of mappings under `entries`"),
    ],
)
def test_a_mistake_in_an_answer_is_named(tmp_path: Path, entries: object, complaint: str) -> None:
    with pytest.raises(KnowledgeError, match=complaint):
        Knowledge.load(write(tmp_path, entries))


@pytest.mark.parametrize(
    ("types", "complaint"),
    [
        ([OTHER_TYPE | {"code": "x"}], "entry 'other' is missing"),
        ([OTHER_TYPE, OTHER_TYPE], "entry 'other' stands there twice"),
        ([OTHER_TYPE | {"signs": ["甲 + "]}], r"fraud_types\.yml: entry 'other': signs: .*empty"),
        ([OTHER_TYPE | {"do": "打95017"}], r"entry 'other': do: .*95017"),
    ],
)
def test_a_mistake_in_a_fraud_type_is_named(tmp_path: Path, types: object, complaint: str) -> None:
    with pytest.raises(KnowledgeError, match=complaint):
        Knowledge.load(write(tmp_path, [GOOD], types))


def test_unreadable_and_missing_files_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path, [GOOD])
    (folder / "wording.yml").write_text("replace: {}\nspare: 1\n")
    with pytest.raises(KnowledgeError, match=r"wording\.yml"):
        Knowledge.load(folder)
    (folder / "wording.yml").unlink()
    with pytest.raises(KnowledgeError, match=r"wording\.yml: the file is missing"):
        Knowledge.load(folder)
    (folder / "answers" / "a.yml").write_text("entries: [")
    with pytest.raises(KnowledgeError, match=r"a\.yml: not readable as YAML"):
        Knowledge.load(folder)
