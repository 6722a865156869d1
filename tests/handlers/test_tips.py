"""Tips, query codes, progress and claims, as residents meet them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bot import parts
from bot.intake import Intake
from bot.left_tips import LeftTips
from conversations.inbound import Channel, Kind
from conversations.models import FormRecord, Message
from handlers.words import general, tip, urgent
from linkage.models import Sighting
from nlu.client import Parsed
from nlu.types import Intent
from nlu.understand import Understander
from rewards.models import Claim
from storage.engine import Database
from storage.settings import Settings
from tests.handlers.conftest import Clock, Resident
from tips import codes, registry, telling
from tips.kinds import Kind as TipKind
from tips.models import Tip, TipEvent
from tips.telling import Step

Make = Callable[..., Resident]


def gives_a_tip(person: Resident) -> tuple[str, str]:
    """Number and code of a tip told in the usual turns."""
    person.says("我要举报")
    person.says("村口有人收银行卡，一张给五百块")
    person.says("电话17000000009")
    person.says("李家村超市门口，昨天下午")
    last = person.says("没有")[0]
    number, code = re.search(r"XS\d+", last), codes.find(re.sub(r"XS\d+", "", last))
    assert number
    assert code
    return number.group(), code


def tip_of(database: Database) -> Tip:
    with database.transaction() as session:
        return session.scalars(select(Tip)).one()


def test_a_tip_is_collected_without_a_name(resident: Make, database: Database) -> None:
    person = resident()
    assert tip.WELCOME in person.says("我要举报")[0]
    assert person.says("村口有人收银行卡，一张给五百块") == [tip.ASK_SUBJECT]
    assert person.says("电话17000000009") == [tip.ASK_PLACE]
    assert person.says("李家村超市门口，昨天下午") == [tip.ASK_EVIDENCE]
    assert "查询码" in person.says("没有")[0]
    stored = tip_of(database)
    assert "收银行卡" in stored.story
    assert "李家村" in stored.place
    assert (stored.kind, stored.village) == (TipKind.CARDS, "")  # no village of the list
    with database.transaction() as session:
        named = session.scalars(select(Sighting).where(Sighting.record_id == stored.id)).all()
        assert [(one.kind, one.value, one.source) for one in named] == [("phone", "17000000009", "tip")]


def test_a_whole_tip_in_one_message_skips_what_was_said(resident: Make) -> None:
    person = resident()
    reply = person.says("我要举报，李家村超市门口昨天有人收银行卡，电话17000000009")[0]
    assert reply.endswith(tip.ASK_EVIDENCE)


def test_pictures_are_taken_and_the_end_is_said(resident: Make, database: Database) -> None:
    person = resident()
    for text in ("我要举报", "有人在租房里打电话骗人", "没有", "李家村，前天"):
        person.says(text)
    assert person.sends(Kind.IMAGE, media_id="m1") == [tip.EVIDENCE_KEPT]
    assert person.sends(Kind.IMAGE, media_id="m2", after=2) == []
    assert "查询码" in person.says("好了")[0]
    with database.transaction() as session:
        assert len(registry.evidence_of(session, tip_of(database).id)) == 2


def test_the_code_is_nowhere_in_clear_text(resident: Make, database: Database) -> None:
    _, code = gives_a_tip(resident())
    stored = tip_of(database)
    assert codes.verify(stored.code_hash, code)
    with database.transaction() as session:
        shown = session.scalars(select(Message).where(Message.kind == "secret")).one()
        assert code in shown.text
        assert code.encode() not in (shown.text_sealed or b"")


def test_status_by_number_and_code_on_wechat(resident: Make) -> None:
    number, code = gives_a_tip(resident())
    other = resident("o2")
    other.says("我上次举报的那个查了没有")
    assert telling.words()[Step.REGISTERED].status in other.says(f"{number} {code}")[0]


def test_number_and_code_in_two_messages(resident: Make) -> None:
    number, code = gives_a_tip(resident())
    other = resident("o2")
    assert general.CODE_LABELS["code"] in other.says(number)[0]
    assert telling.words()[Step.REGISTERED].status in other.says(code)[0]


def test_by_sms_there_is_no_status(resident: Make) -> None:
    number, code = gives_a_tip(resident())
    texter = resident("+8617000000003", Channel.SMS)
    assert texter.says(f"查进度 {number} {code}") == [general.NO_STATUS_BY_SMS]


def test_a_wrong_code_and_too_many(resident: Make, clock: Clock) -> None:
    number, code = gives_a_tip(resident())
    other = resident("o2")
    for _ in range(5):
        assert other.says(f"{number} {codes.new_code()}") == [general.WRONG_CODE]
    assert other.says(f"{number} {code}") == [general.TRIED_TOO_OFTEN]
    clock.pass_(hours=1)
    assert telling.words()[Step.REGISTERED].status in other.says(f"{number} {code}")[0]


def test_a_claim_is_made_once(resident: Make, database: Database) -> None:
    number, code = gives_a_tip(resident())
    other = resident("o2")
    assert "JL" in other.says(f"我要领奖，举报奖励 {number} {code}")[0]
    assert "申请过" in other.says(f"我要领奖，举报奖励 {number} {code}")[0]
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Claim)) == 1


@pytest.mark.parametrize("channel", [Channel.WECHAT, Channel.SMS])
def test_the_rules_and_no_amount_by_sms(resident: Make, channel: Channel) -> None:
    reply = resident("+8617000000003" if channel is Channel.SMS else "o1", channel).says("举报有奖吗，奖励多少钱")[0]
    assert ("元" in reply) == (channel is Channel.WECHAT)


def test_dropping_it_registers_nothing(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我要举报")
    assert person.says("算了不报了") == [tip.CANCELLED]
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 0


def test_coming_back_after_days(resident: Make) -> None:
    person = resident()
    person.says("我要举报")
    person.says("村口有人收银行卡")
    reply = person.says("电话是17000000009", after=3 * 24 * 3600)[0]
    assert reply == general.BACK_AFTER_LONG + tip.ASK_PLACE


def test_others_are_told_how_often_a_number_was_reported(resident: Make) -> None:
    gives_a_tip(resident())
    reply = resident("o2").says("170-0000-0009这个电话打给我说是公安局的，是不是诈骗电话")[0]
    assert general.REPORTED_BEFORE.format(count=1, what="号码") in reply
    other = resident("o3").says("17000000005打给我说是公安局的，是不是诈骗电话")[0]
    assert general.NOT_REPORTED.format(what="号码") in other


@pytest.mark.parametrize(
    ("sender", "channel"), [("o1", Channel.WECHAT), ("+8617000000061", Channel.SMS)], ids=["wechat", "sms"]
)
def test_whoever_has_the_code_adds_to_a_tip_later(
    resident: Make, database: Database, sender: str, channel: Channel
) -> None:
    number, code = gives_a_tip(resident("o0"))
    person = resident(sender, channel)
    assert person.says(f"补充线索 {number} {code}") == [tip.ASK_MORE.format(number=number)]
    assert person.says("他又换了个号码17000000019") == [tip.MORE_KEPT]
    if channel is Channel.WECHAT:
        assert person.sends(Kind.IMAGE, media_id="m1") == [tip.MORE_KEPT]
    assert person.says("好了") == [tip.MORE_DONE.format(number=number)]
    with database.transaction() as session:
        stored = session.scalars(select(Tip)).one()
        named = session.scalars(select(Sighting).where(Sighting.record_id == stored.id).order_by(Sighting.seen_at))
        assert [one.value for one in named] == ["17000000009", "17000000019"]
        added = [event for event in registry.history(session, stored.id) if event.actor == "reporter"]
        assert "17000000019" in added[0].detail
        assert len(registry.evidence_of(session, stored.id)) == (channel is Channel.WECHAT)


def test_a_wrong_code_adds_nothing(resident: Make, database: Database) -> None:
    number, _ = gives_a_tip(resident("o0"))
    assert resident("o2").says(f"补充线索 {number} {codes.new_code()}") == [general.WRONG_CODE]
    with database.transaction() as session:
        assert len(registry.history(session, session.scalars(select(Tip)).one().id)) == 1


class Alarmed:
    """A model that takes everything for money gone."""

    def parse(self, _text: str) -> Parsed:
        return Parsed(((Intent.URGENT_LOSS, 0.99), (Intent.OUT_OF_SCOPE, 0.01)), "alarmed")


def test_a_bare_code_is_no_loss_whatever_the_model_makes_of_it(
    database: Database, settings: Settings, clock: Clock
) -> None:
    intake = Intake(database, Understander(Alarmed()), parts.services(settings), clock)
    person = Resident(intake, database, clock, "o1", Channel.WECHAT)
    assert person.says(f"XS100001 {codes.new_code()}") == [general.WRONG_CODE]
    assert person.says("他拿走了我的五千块")[0] == urgent.ADVICE


@pytest.mark.parametrize("nothing", ["没有图片", "没有了", "没得照片", "没别的了", "就这么多"])
def test_there_is_nothing_to_show(resident: Make, database: Database, nothing: str) -> None:
    person = resident()
    person.says("我要举报")
    person.says("村口有人收银行卡，一张给五百块")
    person.says("电话17000000009")
    person.says("李家村超市门口，昨天下午")
    assert "查询码" in person.says(nothing)[0]
    assert nothing not in tip_of(database).story


def test_a_number_is_no_place(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我要举报,有人收银行卡,一张给五百")
    person.says("没有")
    person.says("对了，电话是17000000088")
    person.says("老街茶馆，昨天下午")
    assert person.says("再说一句：他下午才来", after=60) == [tip.MORE_KEPT]
    person.says("没有了", after=60)
    stored = tip_of(database)
    assert "17000000088" not in f"{stored.place}{stored.happened}"
    assert "老街茶馆" in stored.place


def test_a_village_of_the_list_is_recognised(resident: Make, database: Database) -> None:
    resident().says("我要举报，样例东村超市门口昨天有人收银行卡，电话17000000009")
    person = resident("o2")
    for text in ("我要举报", "有人拉人头进群", "电话17000000009", "在东样村桥头，昨天下午", "没有"):
        person.says(text)
    stored = tip_of(database)
    assert (stored.village, stored.kind) == ("样例东村", TipKind.LURING)
    with database.transaction() as session:
        assert session.scalars(select(Sighting.place)).all() == ["样例东村"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("7", TipKind.DEN),
        ("9偷越国境", TipKind.BORDER),
        ("是网站", TipKind.URL),
        ("不知道", TipKind.OTHER),
        ("11", TipKind.OTHER),
    ],
)
def test_the_kind_is_asked_where_nothing_tells_it(
    resident: Make, database: Database, answer: str, kind: TipKind
) -> None:
    person = resident()
    for text in ("我要举报", "他们搞诈骗", "没有"):
        person.says(text)
    assert person.says("村东头，昨天") == [tip.ASK_KIND]
    assert person.says(answer) == [tip.ASK_EVIDENCE]
    assert "查询码" in person.says("没有")[0]
    assert tip_of(database).kind == kind


def test_who_falls_silent_has_given_a_tip_all_the_same(
    resident: Make, database: Database, settings: Settings, clock: Clock
) -> None:
    """What was told is registered once, with a code; what is said afterwards is added to it."""
    left = LeftTips(database, clock, parts.services(settings).villages)
    person, mute, loser = resident(), resident("o2"), resident("o3")
    person.says("我要举报，村口有人收银行卡，一张给五百块")
    person.says("电话17000000009")
    mute.says("我要举报")
    loser.says("我要举报，网吧里有人拉人头刷单")
    loser.says("我被骗了两万，刚转的")
    left.run()
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 0
    clock.pass_(minutes=16)
    for _ in range(2):
        left.run()
    with database.transaction() as session:
        stored = session.scalars(select(Tip).order_by(Tip.number)).all()
        assert ["收银行卡" in one.story or "拉人头" in one.story for one in stored] == [True, True]
        told = [row.text for row in session.scalars(select(Message).where(Message.text_sealed.is_not(None)))]
        assert sum("先按您说过的登记了" in text for text in told) == 2
        forms_open = session.scalars(select(FormRecord.name).where(FormRecord.state == "open")).all()
        assert sorted(forms_open) == ["tip_more", "urgent_loss"]
        tip_id = session.scalars(select(Tip.id).where(Tip.contact_id.is_not(None)).order_by(Tip.number)).first()
    person.says("他每天晚上八点来，开白色面包车")
    with database.transaction() as session:
        assert tip_id is not None
        assert "白色面包车" in session.get_one(Tip, tip_id).story or session.scalar(
            select(func.count()).select_from(TipEvent).where(TipEvent.tip_id == tip_id, TipEvent.what == "added")
        )
