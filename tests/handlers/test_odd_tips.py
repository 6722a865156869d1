"""Tips that are hardly any, or far too much: a clear answer each time, and nothing lost."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from conversations.inbound import Channel, Kind
from handlers.words import tip
from linkage import clusters
from linkage.models import Sighting, Source
from storage.engine import Database
from tests.handlers.conftest import Resident
from tips import registry
from tips.kinds import Kind as TipKind
from tips.models import Tip

Make = Callable[..., Resident]
DIALECT = "隔壁子屋头有个老几天天收卡卡，莫得人管"
NUMBERS = [f"1700000{number:04d}" for number in range(200)]


def tips(database: Database) -> list[Tip]:
    with database.transaction() as session:
        return list(session.scalars(select(Tip).order_by(Tip.registered_at, Tip.number)))


def test_with_nothing_in_it_it_is_not_registered_and_that_is_said(resident: Make, database: Database) -> None:
    person = resident()
    for text in ("我要举报", "没有", "没有", "不知道", "不知道"):
        person.says(text)
    assert person.says("没有") == [tip.NOTHING_TOLD]
    assert tips(database) == []
    assert tip.WELCOME in person.says("我要举报")[0]


def test_two_hundred_numbers_are_all_kept_and_found(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我要举报")
    person.says("收到好多诈骗电话，我都抄下来了：" + "，".join(NUMBERS))
    person.says("不知道")
    assert "查询码" in person.says("没有")[0]
    (stored,) = tips(database)
    assert all(number in stored.story for number in NUMBERS)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Sighting)) == len(NUMBERS)
        assert {one.value for one in clusters.related(session, Source.TIP, stored.id)} == set(NUMBERS)


def test_dialect_is_taken_as_it_is_said(resident: Make, database: Database) -> None:
    person = resident()
    for text in ("我要举报", DIALECT, "莫得", "就在样例东村，前几天"):
        person.says(text)
    assert "查询码" in person.says("没得")[0]
    (stored,) = tips(database)
    assert (stored.story, stored.village, stored.kind) == (DIALECT, "样例东村", TipKind.CARDS)


def test_a_voice_message_alone_is_a_tip(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我要举报")
    assert person.sends(Kind.VOICE, media_id="v1") == [tip.RECEIVED_VOICE + tip.ASK_SUBJECT]
    for text in ("没有", "不知道", "没有"):
        person.says(text)
    assert "查询码" in person.says("没有")[0]
    (stored,) = tips(database)
    assert stored.kind == TipKind.OTHER
    with database.transaction() as session:
        assert len(registry.evidence_of(session, stored.id)) == 1


def test_a_picture_first_is_kept_and_the_question_stays(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我要举报")
    assert person.sends(Kind.IMAGE, media_id="m1") == [tip.RECEIVED + tip.ASK_STORY]


def test_by_sms_with_nothing_in_it(resident: Make, database: Database) -> None:
    person = resident("+8617000000061", Channel.SMS)
    for text in ("我要举报", "没有", "没有", "不知道", "不知道"):
        person.says(text)
    assert person.says("没有") == [tip.NOTHING_TOLD]
    assert tips(database) == []
