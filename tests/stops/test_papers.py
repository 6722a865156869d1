"""Papers carry what the card holds, say what is missing, and the bundle proves itself."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from docx import Document

from conversations import files
from conversations.inbound import Reply
from conversations.messages import say
from conversations.models import Conversation, Evidence, Message, Staff
from stops import cards
from stops.cards import Act
from stops.models import CardState, StopCard
from stops.papers.application import application
from stops.papers.bundle import bundle, evidence_of, messages_of
from stops.papers.summary import summary
from storage.engine import Database
from storage.settings import Settings
from tests.handlers.victims import ABC
from tests.stops.conftest import NOW, WHOLE, Told

FRAUDS = {"fake_invest": "虚假投资"}


def read(content: bytes) -> str:
    """Every word of a .docx."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def load(database: Database) -> StopCard:
    with database.transaction() as session:
        (card,) = cards.list_cards(session)
        return card


def test_the_application_has_everything_a_bank_demands(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    card_id = told("o1", replace(WHOLE, method="realtime", payer_bank="中国建设银行"))
    before = read(application(load(database), NOW, FRAUDS, {1: 0}))
    for word in (ABC, "张小三", "个人", "中国农业银行", "20,000.00元", "2026-03-01 16:50:00", "人民币", "第1次/共2次"):
        assert word in before
    assert "（待补）" in before, "the fraud's kind and the payer's account are not known"
    with database.transaction() as session:
        cards.set_state(session, card_id, CardState.ACCEPTED, officers[0], NOW)
        cards.set_state(session, card_id, CardState.INITIATED, officers[0], NOW, act=Act(reference="文号"))
    after = read(application(load(database), NOW, FRAUDS, {1: 1}))
    assert "2026-03-01 17:00:00" in after
    assert "2026-03-03 17:00:00" in after, "48 hours later"
    assert "第1次/共2次" in after


def test_what_cannot_be_right_is_said_on_paper(database: Database, told: Told) -> None:
    told("o1", replace(WHOLE, payee_account=ABC[:-1] + "7", transferred_at=NOW + timedelta(hours=3)), phone="123456")
    text = read(application(load(database), NOW, FRAUDS, {}))
    for doubt in ("卡号校验不过", "时间还没有到", "不像电话号码"):
        assert doubt in text


def test_a_card_with_nothing_on_it_still_prints(database: Database, told: Told) -> None:
    told("o1", phone="")
    assert read(application(load(database), NOW, FRAUDS, {})).count("（待补）") >= 8


def test_the_summary_tells_who_did_what(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    card_id = told("o1", WHOLE)
    with database.transaction() as session:
        cards.amend(session, card_id, officers[0], load(database).version, {"victim_name": "李小五"}, NOW)
        cards.set_state(session, card_id, CardState.ACCEPTED, officers[0], NOW)
        cards.set_state(session, card_id, CardState.INITIATED, officers[0], NOW, act=Act(reference="止字1号"))
        cards.set_state(
            session, card_id, CardState.PARTIAL, officers[0], NOW, act=Act(note="余额不足", amount_fen=500_000)
        )
    with database.transaction() as session:
        events = cards.history(session, card_id)
    text = read(summary(load(database), events, [], {officers[0].id: "甲"}, FRAUDS, NOW))
    for word in (
        "受害人姓名：李小四 → 李小五",
        "文号止字1号",
        "5,000.00元",
        "余额不足",
        "部分止付",
        "甲",
        "没有证据文件",
    ):
        assert word in text


@pytest.fixture
def with_evidence(database: Database, told: Told, settings: Settings) -> StopCard:
    card_id = told("o1", WHOLE)
    with database.transaction() as session:
        card = session.get_one(StopCard, card_id)
        conversation = session.get_one(Conversation, card.conversation_id)
        for place, (kind, state, content) in enumerate(
            (("image", "stored", b"\x89PNG picture"), ("voice", "gone", b""), ("image", "stored", b"altered"))
        ):
            (message,) = say(session, conversation, [Reply(f"第{place}条")], NOW)
            session.add(
                Evidence(
                    conversation_id=conversation.id, message_id=message.id, kind=kind, state=state,
                    content_type="image/png" if kind == "image" else "", created_at=NOW + timedelta(seconds=place),
                    sha256=hashlib.sha256(content if place == 0 else b"as it came").hexdigest() if content else "",
                )
            )  # fmt: skip
        session.flush()
        for item in evidence_of(session, card):
            if item.state == "stored":
                files.store(settings.data_dir, item.id, b"altered" if item.created_at > NOW else b"\x89PNG picture")
        return card


def test_the_bundle_proves_itself(database: Database, with_evidence: StopCard, settings: Settings) -> None:
    with database.transaction() as session:
        evidence, said = evidence_of(session, with_evidence), messages_of(session, with_evidence)
    assert all(isinstance(message, Message) for message in said)
    with bundle(with_evidence, evidence, said, settings.data_dir, NOW) as out, zipfile.ZipFile(out) as packed:
        names = packed.namelist()
        sums = dict(line.split("  ")[::-1] for line in packed.read("SHA256SUMS").decode().splitlines())
        assert set(sums) == set(names) - {"SHA256SUMS"}
        for name, sha256 in sums.items():
            assert hashlib.sha256(packed.read(name)).hexdigest() == sha256
        assert packed.read("001-图片.png") == b"\x89PNG picture"
        listed = packed.read("清单.txt").decode()
        assert "文件取不到" in listed
        assert "与登记的校验值不符" in next(line for line in listed.splitlines() if line.startswith("003"))
        assert "与登记的校验值不符" not in next(line for line in listed.splitlines() if line.startswith("001"))
        assert "第2条" in packed.read("聊天记录.txt").decode()
