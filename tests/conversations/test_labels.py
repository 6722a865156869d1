"""Labels: who said what a message meant, which messages wait for one, and the training data made of them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select

from conversations import contacts, forms, labels, training
from conversations.inbound import Channel, Inbound, Kind
from conversations.labels import UNUSABLE, Wanted
from conversations.messages import store_inbound
from conversations.models import AuditEntry, Conversation, Label, Message, Staff
from conversations.staffing import StaffingError
from nlu import evaluate, leak_check
from storage.engine import Database

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class World:
    """Messages and a member of staff."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.staff = Staff(
                login="one", name="甲", password_hash="x", roles="agent", session_epoch=0, active=True, created_at=NOW
            )
            session.add(self.staff)

    def says(self, text: str, intent: str = "consult", *, kind: Kind = Kind.TEXT, **more: object) -> uuid.UUID:
        with self.database.transaction() as session:
            contact = contacts.lock_contact(session, Channel.WECHAT, "o1", NOW)
            talk = contacts.open_conversation(session, contact, NOW)
            inbound = Inbound(Channel.WECHAT, "o1", uuid.uuid4().hex, kind, NOW, NOW, text=text)
            message = store_inbound(session, contact, talk, inbound)
            message.intent, message.model, message.decided_by, message.confidence = intent, "m1", "model", 0.3
            for name, value in more.items():
                setattr(message, name, value)
            return message.id

    def label(self, message: uuid.UUID, intent: str, after: int = 0, staff: bool = True) -> None:
        with self.database.transaction() as session:
            who = self.staff if staff else None
            labels.give(session, message, intent, who, NOW + timedelta(seconds=after))

    def chooses(self, message: uuid.UUID, intent: str) -> None:
        with self.database.transaction() as session:
            labels.suggest(session, session.get_one(Message, message), intent, NOW)

    def review(self, wanted: Wanted) -> list[labels.Reviewed]:
        with self.database.transaction() as session:
            return labels.review(session, wanted, 100)

    def seen(self, wanted: Wanted) -> list[str]:
        return [row.text for row in self.review(wanted)]

    def usable(self) -> list[labels.Reviewed]:
        with self.database.transaction() as session:
            return training.usable(session)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_each_tab_holds_its_messages(world: World) -> None:
    world.says("清楚的")
    world.says("没把握的", unsure=True)
    chosen = world.says("居民选过的")
    right, wrong, useless = world.says("认对的", unsure=True), world.says("认错的"), world.says("没用的", unsure=True)
    world.chooses(chosen, "report_tip")
    world.label(right, "consult")
    world.label(wrong, "report_tip")
    world.label(useless, UNUSABLE)
    world.says("图", kind=Kind.IMAGE, intent="")
    assert world.seen(Wanted.UNSURE) == ["居民选过的", "没把握的"]
    assert world.seen(Wanted.CORRECTED) == ["认错的"]
    assert world.seen(Wanted.LABELLED) == ["没用的", "认错的", "认对的"]
    assert world.seen(Wanted.UNLABELLED) == ["居民选过的", "没把握的", "清楚的"]
    assert [row.suggested for row in world.review(Wanted.UNSURE)] == ["report_tip", ""]
    with world.database.transaction() as session:
        assert labels.waiting(session) == 2
        first, second = labels.review(session, Wanted.UNLABELLED, 1), labels.review(session, Wanted.UNLABELLED, 3)
        assert labels.review(session, Wanted.UNLABELLED, 5, before=first[0].position) == second[1:]


def test_labels_are_added_never_changed_and_the_newest_counts(world: World) -> None:
    message = world.says("说不清")
    for after, intent in enumerate(("report_tip", "report_tip", "consult")):
        world.label(message, intent, after)
    world.label(message, "greet", 9, staff=False)
    row = world.review(Wanted.LABELLED)[0]
    assert (row.label, row.labelled_by, row.labelled_at) == ("greet", "", NOW + timedelta(seconds=9))
    with world.database.transaction() as session:
        kept = session.scalars(select(Label).order_by(Label.at)).all()
        assert [(label.intent, label.staff_id) for label in kept] == [
            ("report_tip", world.staff.id),
            ("consult", world.staff.id),
            ("greet", None),
        ]
        noted = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(entry.action, entry.subject_id, entry.detail) for entry in noted] == [
            ("label", message, "consult > report_tip"),
            ("label", message, "consult > consult"),
            ("label", message, "consult > greet"),
        ]
        assert labels.newest_by_staff(session, row.conversation_id) == {message: "greet"}


def test_what_is_no_resident_s_words_takes_no_label(world: World) -> None:
    picture = world.says("", kind=Kind.IMAGE)
    for message in (picture, uuid.uuid4()):
        with pytest.raises(StaffingError):
            world.label(message, "consult")
    with pytest.raises(ValueError, match="unheard_of"):
        world.label(world.says("好"), "unheard_of")
    with world.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Label)) == 0


def test_the_ranking_survives_being_kept() -> None:
    ranking = [("urgent_loss", 0.345), ("check_suspicious", 0.3), ("out_of_scope", 0.2), ("greet", 0.1)]
    kept = labels.ranking_text(ranking)
    assert labels.ranking_of(kept) == (("urgent_loss", 0.34), ("check_suspicious", 0.3), ("out_of_scope", 0.2))
    assert labels.ranking_of(labels.ranking_text([])) == ()
    assert len(labels.ranking_text([("check_suspicious", 1.0)] * 9)) <= 160


def test_the_export_is_masked_and_read_by_both_readers(world: World, tmp_path: Path) -> None:
    told = world.says("我是莫得感情，17000000001打来的，骗了5000元")
    with world.database.transaction() as session:
        talk = session.get_one(Conversation, session.get_one(Message, told).conversation_id)
        form = forms.begin(session, talk, "urgent_loss", NOW)
        form.values = {"victim_name": "莫得感情"}
    world.label(told, "urgent_loss")
    world.label(world.says("- 开头[链接](http://a0000.example)\n第二行", model=""), "check_suspicious")
    again = world.says("要人工")
    world.label(again, "consult")
    world.label(world.says("要人工"), "handover", 5)  # of one text the newest message's label counts
    world.label(world.says("没用"), UNUSABLE)
    rows = world.usable()

    path = tmp_path / "data" / "more_c_use.yml"
    path.parent.mkdir()
    path.write_text(training.as_yaml(rows), encoding="utf-8")
    parts = {part["intent"]: part["examples"] for part in yaml.safe_load(path.read_text())["nlu"]}
    assert parts == {
        "urgent_loss": "- 我是某某,17000000000打来的,骗了5000元\n",
        "check_suspicious": "- - 开头【链接】(example.com) 第二行\n",
        "handover": "- 要人工\n",
    }
    assert "# m1: 2, of these 2 misunderstood" in path.read_text()
    assert ("handover", "要人工") in leak_check.training_texts(path.parent)

    lines = tmp_path / "use.jsonl"
    lines.write_text(training.as_jsonl(rows), encoding="utf-8")
    assert [(row.text, row.intent) for row in evaluate.rows(lines)] == [(row.text, row.label) for row in rows]
    first = json.loads(lines.read_text().splitlines()[0])
    assert (first["guess"], first["model"], first["confidence"]) == ("consult", "m1", 0.3)
    assert "莫得感情" not in lines.read_text() + path.read_text()
