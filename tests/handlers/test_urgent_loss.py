"""A fresh loss, played from both sides of the form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from conversations.inbound import Channel, Kind
from conversations.models import Conversation, Message
from handlers.words import urgent as words
from stops.models import StopCard
from storage.engine import Database
from tests.handlers.conftest import START, Clock, Resident

Make = Callable[..., Resident]
GOOD_CARD = "6222000000000009"  # fictitious; passes Luhn
CLAIMS_A_STOP = ("已止付", "止付成功", "已经止付", "已冻结", "帮您止付")


def card_of(database: Database) -> StopCard:
    with database.transaction() as session:
        return session.scalars(select(StopCard).options(selectinload(StopCard.transfers))).one()


def test_advice_first_then_the_questions_in_order(resident: Make, database: Database) -> None:
    person = resident()
    first = person.says("我刚才被骗了,转了两万块给对方")
    assert first[0] == words.ADVICE
    assert first[1] == words.ASK_CALLBACK
    assert words.ASK_PAYEE in person.says("17000000001")[0]
    assert words.ASK_PAYMENT[:4] not in person.says(f"{GOOD_CARD} 张小三 农业银行")[0]
    assert words.ASK_PAYER in person.says("十分钟前转的,实时到账")[0]
    assert words.ASK_STORY in person.says("工商银行,尾号1234")[0]
    assert words.ASK_NAME in person.says("冒充客服说要取消会员扣费")[0]
    read_back = person.says("李小四")[0]
    for told in ("6222 0000 0000 0009", "张小三", "农业银行", "20000", "工商银行", "17000000001", "李小四"):
        assert told in read_back
    assert "ZF" in person.says("对")[0]
    card = card_of(database)
    assert (card.confirmed, card.complete, card.victim_name) == (True, True, "李小四")
    assert card.transfers[0].amount_fen == 2_000_000
    assert card.transfers[0].method == "realtime"


def test_everything_in_one_message_asks_only_the_rest(resident: Make, database: Database) -> None:
    person = resident()
    replies = person.says(
        f"刚才十分钟前我被骗了,用工商银行实时转账转了23000元到对方农业银行账号{GOOD_CARD},户名张小三,"
        "我的电话17000000001,对方冒充京东客服"
    )
    assert replies[1] == words.ASK_NAME
    person.says("李小四")
    person.says("对")
    card = card_of(database)
    assert card.complete
    assert card.callback_phone == "17000000001"
    assert card.transfers[0].payee_bank == "中国农业银行"
    assert card.transfers[0].payer_bank == "中国工商银行"


def test_a_correction_is_taken_and_read_back(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了三万")
    person.says("不对,是三万二")
    assert card_of(database).transfers[0].amount_fen == 3_200_000


def test_the_deadline_follows_the_transfer(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万", after=0)
    assert card_of(database).deadline == START + timedelta(minutes=30)
    person.says("十分钟前转的", after=60)
    assert card_of(database).deadline == START + timedelta(minutes=1 - 10 + 30)


def test_a_wrong_digit_is_asked_about_once_and_kept(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万,刚转的")
    person.says("17000000001")
    bad = GOOD_CARD[:-1] + "1"
    assert words.BAD_ACCOUNT in person.says(f"账号{bad},户名张小三,农业银行")[0]
    assert words.BAD_ACCOUNT not in person.says(f"就是{bad}")[0]
    card = card_of(database)
    assert card.transfers[0].payee_account == bad
    assert not card.complete


def test_bubbles_in_ten_seconds_are_one_story(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了")
    bubbles = ("转了两万", "刚才转的", "他说是客服", "怎么办啊", "求你们了")
    spoken = [reply for text in bubbles for reply in person.says(text, after=2)]
    assert spoken.count(words.ASK_CALLBACK) + spoken.count(words.AGAIN_CALLBACK) <= 1
    assert card_of(database).transfers[0].amount_fen == 2_000_000


def test_a_screenshot_stands_in_for_the_account(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万")
    person.says("17000000001")
    reply = person.sends(Kind.IMAGE, media_id="m1")[0]
    assert words.EVIDENCE_KEPT in reply
    assert words.ASK_PAYEE not in reply
    assert card_of(database).transfers[0].evidence_id is not None


def test_a_coached_victim_keeps_the_card_open(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万")
    reply = person.says("没事了是误会")[0]
    card = card_of(database)
    assert (card.state, card.doubted) == ("new", True)
    assert card.number in reply


def test_the_word_cancel_in_a_story_takes_nothing_back(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万")
    person.says("冒充客服说要取消百万保障")
    assert not card_of(database).doubted


def test_about_to_pay_gets_the_stop_text_and_ten_minutes(resident: Make, database: Database) -> None:
    person = resident()
    assert person.says("我正要给他转五万,说是公安局的", after=0)[0] == words.ABOUT_TO_PAY
    card = card_of(database)
    assert (card.kind, card.deadline) == ("dissuade", START + timedelta(minutes=10))
    assert person.says("我已经转了五万给他了,被骗了")[0] == words.ADVICE
    assert card_of(database).kind == "loss"


def test_somebody_elses_loss(resident: Make, database: Database) -> None:
    person = resident()
    assert person.says("我妈被骗了五万,刚转过去")[1] == words.ASK_CALLBACK_THIRD
    assert card_of(database).third_party


def test_sms_confirms_the_senders_number(resident: Make, database: Database) -> None:
    person = resident("+8617000000002", Channel.SMS)
    assert "0002" in person.says("我刚被骗了两万")[1]
    person.says("是")
    assert card_of(database).callback_phone.endswith("17000000002")


def test_a_second_story_adds_to_the_same_card(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万")
    person.says("我又被骗了,又转了三千给他")
    assert [t.amount_fen for t in card_of(database).transfers] == [2_000_000, 300_000]


def test_a_question_in_between_is_answered_and_the_form_goes_on(resident: Make) -> None:
    person = resident()
    person.says("我被骗了两万")
    reply = person.says("96110是什么电话?")[0]
    assert "96110" in reply
    assert reply.endswith(words.ASK_CALLBACK)


def test_a_loss_interrupts_a_tip_and_the_tip_comes_back(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我要举报")
    person.says("村口有人收银行卡")
    assert person.says("我自己刚被骗了两万块")[0] == words.ADVICE
    for text in ("17000000001", "不知道", "不知道", "不知道", "不知道", "跳过"):
        person.says(text)
    last = person.says("对")[0]
    assert "ZF" in last
    assert "对方的电话" in last


def test_while_staff_hold_it_the_bot_is_silent_but_a_card_opens(
    resident: Make, database: Database, clock: Clock
) -> None:
    person = resident()
    person.says("转人工")
    with database.transaction() as session:
        session.scalars(select(Conversation)).one().holder = "staff"
    assert person.says("你们还在吗") == []
    assert person.says("我刚才又被骗了两万") == []
    assert card_of(database).transfers[0].amount_fen == 2_000_000


@pytest.mark.parametrize("channel", [Channel.WECHAT, Channel.SMS])
def test_nothing_ever_says_that_a_payment_is_stopped(resident: Make, database: Database, channel: Channel) -> None:
    person = resident("+8617000000002" if channel is Channel.SMS else "o1", channel)
    for text in (
        "我被骗了两万刚转的",
        "17000000001",
        "不知道",
        "不知道",
        "不知道",
        "跳过",
        "跳过",
        "对",
        "止付成功了吗",
    ):
        person.says(text)
    with database.transaction() as session:
        said = [m.text for m in session.scalars(select(Message).where(Message.direction == "out"))]
    assert said
    assert not [text for text in said if any(claim in text for claim in CLAIMS_A_STOP)]
