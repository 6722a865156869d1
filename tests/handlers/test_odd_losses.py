"""What cannot be right is kept as it was said, flagged, asked about once and never refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from bot.half_hour import HalfHour
from conversations.inbound import Channel
from conversations.models import Conversation, FormRecord, Message
from handlers.words import urgent as words
from stops.cards import history
from stops.models import StopCard, StopTask
from stops.plausible import flags
from storage.engine import Database
from tests.handlers.conftest import START, Clock, Resident
from tests.handlers.victims import ABC, BOC, ICBC

Make = Callable[..., Resident]
PHONE = "17000000001"


def card_of(database: Database) -> StopCard:
    with database.transaction() as session:
        return session.scalars(select(StopCard).options(selectinload(StopCard.transfers))).one()


def flagged(database: Database, clock: Clock) -> set[tuple[int, str, str]]:
    return {(flag.ordinal, flag.field, flag.code) for flag in flags(card_of(database), clock())}


def said_by_bot(database: Database) -> list[str]:
    with database.transaction() as session:
        return [m.text for m in session.scalars(select(Message).where(Message.direction == "out"))]


@pytest.mark.parametrize(
    ("answers", "flag", "question", "kept"),
    [
        (("123456",), (0, "callback_phone", "phone_unread"), "phone_unread", ("callback_phone", "123456")),
        ((PHONE, f"{ABC[:-1]}5 张小三 农业银行"), (1, "payee_account", "account_check"), "account_check", ("", "")),
        ((PHONE, f"{ABC} 张小三", "转了0元，刚才"), (1, "amount", "amount_zero"), "amount_zero", ("amount_fen", 0)),
        (
            (PHONE, f"{ABC} 张小三", "转了1000000000000元，刚才"),
            (1, "amount", "amount_huge"),
            "amount_huge",
            ("amount_fen", 10**14),
        ),
        (
            (PHONE, f"{ABC} 张小三", "两万，明天下午三点转的"),
            (1, "transferred_at", "time_future"),
            "time_future",
            ("time_said", "明天下午三点"),
        ),
        ((PHONE, "17000000002 张小三"), (1, "payee_account", "account_is_phone"), "account_is_phone", ("", "")),
    ],
)
def test_kept_flagged_and_asked_once(
    resident: Make,
    database: Database,
    clock: Clock,
    answers: tuple[str, ...],
    flag: tuple[int, str, str],
    question: str,
    kept: tuple[str, object],
) -> None:
    person = resident()
    person.says("我被骗了")
    for text in answers:
        person.says(text)
    asks = words.RECHECK[question]
    assert sum(asks in text for text in said_by_bot(database)) == 1
    for _ in range(3):
        person.says("就是这样的")
    assert sum(asks in text for text in said_by_bot(database)) == 1
    assert flag in flagged(database, clock)
    card = card_of(database)
    assert not card.complete
    name, value = kept
    if name:
        assert value in (getattr(card, name, None), getattr(card.transfers[0], name, None))


def test_a_corrected_amount_is_no_longer_odd(resident: Make, database: Database, clock: Clock) -> None:
    person = resident()
    for text in ("我被骗了", PHONE, f"{ABC} 张小三", "转了0元，刚才", "打错了，是20000元"):
        person.says(text)
    assert flagged(database, clock) == set()
    assert card_of(database).transfers[0].amount_fen == 2_000_000


def test_an_order_number_is_no_account(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两千，微信转的")
    person.says(PHONE)
    order = "1000050001202603020000000001"
    reply = person.says(order)[0]
    assert "订单号" in reply
    transfer = card_of(database).transfers[0]
    assert (transfer.order_number, transfer.payee_account) == (order, "")
    assert "订单号" not in person.says("不知道")[0]
    assert not card_of(database).complete


def test_nonsense_in_every_field_still_ends_in_a_card(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了")
    for text in (
        "你猜",
        "。。。",
        "阿巴阿巴",
        "@@@",
        "哈哈哈",
        "???",
        "不知道啊",
        "随便",
        "123",
        "就那样",
        "啊",
        "嗯",
        "对",
    ):
        assert person.says(text) != ["…"]
    card = card_of(database)
    assert card.state == "new"
    assert "@@@" in card.story
    assert card.transfers[0].payee_name == "阿巴阿巴"


def test_a_day_is_no_time_for_a_bank(resident: Make, database: Database) -> None:
    person = resident()
    for text in ("我被骗了两万", PHONE, f"{ABC} 张小三"):
        person.says(text)
    assert words.ASK_CLOCK in person.says("昨天转的，实时到账")[0]
    assert not card_of(database).complete
    person.says("昨天下午三点十分")
    card = card_of(database)
    assert card.complete
    assert card.transfers[0].transferred_at == START.replace(hour=7, minute=10) - timedelta(days=1)


def test_the_bank_is_not_asked_where_the_number_tells_it(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万")
    person.says(PHONE)
    assert words.AGAIN_PAYEE[:6] not in person.says(f"{ABC}，户名张小三")[0]
    assert card_of(database).transfers[0].payee_bank == "中国农业银行"


def test_another_bank_than_the_number_tells_is_read_back_with_a_doubt(
    resident: Make, database: Database, clock: Clock
) -> None:
    person = resident()
    person.says("我被骗了两万")
    person.says(PHONE)
    assert "中国农业银行的卡，请核对" in person.says(f"{ABC} 张小三 建设银行")[0]
    assert (1, "bank", "bank_differs") in flagged(database, clock)


def test_what_was_just_said_is_repeated_and_corrected_by_a_word(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了三万")
    person.says(PHONE)
    echoed = person.says(f"{ABC} 张小三")[0]
    assert " ".join(ABC[i : i + 4] for i in range(0, 19, 4)) in echoed
    assert "张小三" in echoed
    person.says("不对,是三万二")
    person.says("户名错了，户名是张小山")
    transfer = card_of(database).transfers[0]
    assert (transfer.amount_fen, transfer.payee_name) == (3_200_000, "张小山")


def test_each_transfer_has_its_own_account_and_time(resident: Make, database: Database) -> None:
    person = resident()
    person.says(f"我被骗了，13点30转了两万给张小三{ABC}，13点40又转了三千到{BOC}户名李小四")
    first, second = card_of(database).transfers
    assert (first.amount_fen, first.payee_account) == (2_000_000, ABC)
    assert (second.amount_fen, second.payee_account, second.payee_name) == (300_000, BOC, "李小四")
    assert second.transferred_at is not None
    assert first.transferred_at is not None
    assert second.transferred_at - first.transferred_at == timedelta(minutes=10)


@pytest.mark.parametrize("more", ["又转了三千给他", "后来又转了三千", "他又打电话来，我就又转了三千"])
def test_a_further_transfer_however_it_begins(resident: Make, database: Database, more: str) -> None:
    person = resident()
    person.says("我被骗了两万")
    person.says(more)
    assert [t.amount_fen for t in card_of(database).transfers] == [2_000_000, 300_000]


def test_a_cue_without_an_amount_hides_nothing(resident: Make, database: Database) -> None:
    resident().says(f"我被骗了两万，对方又打电话来，我的电话{PHONE}，对方账号{ABC}")
    card = card_of(database)
    assert (card.callback_phone, card.transfers[0].payee_account) == (PHONE, ABC)
    assert len(card.transfers) == 1


def test_a_total_is_no_transfer(resident: Make, database: Database) -> None:
    resident().says("我被骗了，一共两万三，分两次转的，一次两万，一次三千")
    assert [t.amount_fen for t in card_of(database).transfers] == [2_000_000, 300_000]


def test_the_second_transfer_is_corrected_by_its_number(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万，又转了三千")
    person.says("不对，第二笔是三千五")
    assert [t.amount_fen for t in card_of(database).transfers] == [2_000_000, 350_000]


def test_the_same_story_again_adds_nothing(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万，又转了三千")
    person.says("我被骗了两万，又转了三千，怎么办")
    assert [t.amount_fen for t in card_of(database).transfers] == [2_000_000, 300_000]


def test_after_the_form_more_is_added_and_nothing_lost(resident: Make, database: Database) -> None:
    person = resident()
    for text in ("我被骗了两万", PHONE, f"{ABC} 张小三", "刚才，实时", "工行", "客服骗的我", "李小四"):
        person.says(text)
    person.says("对")
    assert "补充" in person.says("我刚才又转了三千给他")[0]
    first, second = card_of(database).transfers
    assert (first.amount_fen, second.amount_fen) == (2_000_000, 300_000)
    assert second.payee_account == ABC


def test_while_staff_hold_it_several_stories_add_up(resident: Make, database: Database) -> None:
    person = resident()
    person.says("转人工")
    with database.transaction() as session:
        session.scalars(select(Conversation)).one().holder = "staff"
    person.says(f"我刚才被骗了两万，转到{ICBC}")
    person.says("我被骗了，又转了三千")
    assert [t.amount_fen for t in card_of(database).transfers] == [2_000_000, 300_000]
    assert card_of(database).transfers[0].payee_account == ICBC


def test_paid_after_all_begins_the_half_hour(resident: Make, database: Database, clock: Clock) -> None:
    person = resident()
    person.says("我正要给他转五万,说是公安局的", after=0)
    person.says(PHONE)
    person.says("说是公安局的，要转到安全账户", after=30)
    assert card_of(database).kind == "dissuade"
    replies = person.says("我已经转了五万给他了，被骗了", after=600)
    assert replies[0] == words.ADVICE
    card = card_of(database)
    assert (card.kind, card.transfers[0].amount_fen) == ("loss", 5_000_000)
    assert card.deadline == START + timedelta(minutes=30)


def half_hour(database: Database, clock: Clock) -> HalfHour:
    return HalfHour(database, clock, free_text=True)


def reminders(database: Database) -> list[str]:
    return [text for text in said_by_bot(database) if text.startswith(words.REMIND[:5])]


def test_silence_is_answered_by_one_reminder(resident: Make, database: Database, clock: Clock) -> None:
    person, due = resident(), half_hour(database, clock)
    person.says("我被骗了两万")
    clock.pass_(seconds=170)
    due.run()
    assert reminders(database) == []
    person.says(PHONE, after=0)
    clock.pass_(seconds=175)
    due.run()
    assert reminders(database) == [], "the answer began the three minutes anew"
    clock.pass_(seconds=10)
    for _ in range(3):
        due.run()
    assert len(reminders(database)) == 1
    assert words.LABELS["payee_account"] in reminders(database)[0]
    person.says(f"{ABC} 张小三")
    clock.pass_(minutes=4)
    due.run()
    assert len(reminders(database)) == 1, "once and no more"
    with database.transaction() as session:
        assert [e.what for e in history(session, card_of(database).id)].count("reminded") == 1


@pytest.mark.parametrize("why", ["deadline over", "staff hold it", "finished"])
def test_no_reminder(resident: Make, database: Database, clock: Clock, why: str) -> None:
    person, due = resident(), half_hour(database, clock)
    person.says("我被骗了两万，40分钟前转的" if why == "deadline over" else "我被骗了两万")
    if why == "staff hold it":
        with database.transaction() as session:
            session.scalars(select(Conversation)).one().holder = "staff"
    if why == "finished":
        person.says("没事了是误会")
    clock.pass_(minutes=4)
    due.run()
    assert reminders(database) == []
    with database.transaction() as session:
        assert [form.state for form in session.scalars(select(FormRecord))] == [
            "cancelled" if why == "finished" else "open"
        ]


def test_a_coached_victim_makes_a_phone_task(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我被骗了两万")
    person.says("没事了是误会")
    person.says("真的没事了，不用管")
    with database.transaction() as session:
        assert [(task.kind, task.done_at) for task in session.scalars(select(StopTask))] == [("doubt", None)]
    assert card_of(database).state == "new"


def test_by_sms_the_sender_is_asked_to_confirm_and_a_wrong_one_corrected(resident: Make, database: Database) -> None:
    person = resident("+8617000000002", Channel.SMS)
    person.says("我刚被骗了两万")
    person.says("不能，打17000000003")
    assert card_of(database).callback_phone == "17000000003"


def test_the_own_number_sent_twice_is_no_account(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我刚才被骗了，转了两万块给对方")
    person.says("17000000051")
    assert person.says("17000000051", after=2) == []
    assert [one.payee_account for one in card_of(database).transfers] == [""]


def test_the_own_number_said_to_be_the_account_is_taken(resident: Make, database: Database) -> None:
    person = resident()
    person.says("我刚才被骗了，转了两万块给对方")
    person.says("17000000051")
    person.says("收款账号也是17000000051")
    assert [one.payee_account for one in card_of(database).transfers] == ["17000000051"]


def test_all_in_one_message_is_not_asked_again(resident: Make, database: Database) -> None:
    person = resident()
    told = (
        "我刚被骗了3万2,十分钟前用建行手机银行转到农行6228480402564890018,户名李小三,实时到账,对方冒充客服,"
        "我叫王小五,打17000000077"
    )
    said = person.says(told)
    card = card_of(database)
    assert (card.callback_phone, card.victim_name, card.complete) == ("17000000077", "王小五", True)
    assert words.ASK_CALLBACK not in said
    assert "17000000077" in said[-1]  # read back


@pytest.mark.parametrize("told", ["我叫他还钱,他不理我", "我叫对方退款", "对方说我叫王小五,要我配合"])
def test_what_is_no_name(resident: Make, database: Database, told: str) -> None:
    resident().says(f"我刚被骗了两万,{told}")
    assert card_of(database).victim_name == ""
