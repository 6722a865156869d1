"""The list of conversations, one conversation, and what can be done in it."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from console import masking, words
from conversations.inbound import Channel, Kind
from conversations.models import AuditEntry, Conversation, Delivery, Message, Staff
from handlers.loss_form import LossForm
from storage.clock import utc_now
from storage.engine import Database
from storage.settings import Settings
from tests.console.conftest import Clock, Desk
from tests.console.residents import (
    LOSS,
    Resident,
    bot_says,
    fills_form,
    gives_tip,
    opens_card,
    outgoing,
    waits,
)
from tips.codes import new_code

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


def path(conversation_id: uuid.UUID, action: str = "") -> str:
    return f"/conversations/{conversation_id}{action}"


def key() -> str:
    return uuid.uuid4().hex


def audited(database: Database) -> list[tuple[str, uuid.UUID | None]]:
    with database.transaction() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.at)).all()
        return [(entry.action, entry.subject_id) for entry in entries if entry.action != "sign_in"]


def test_the_list_hides_personal_values(agent: Desk, resident: Resident, database: Database) -> None:
    texter = Resident(resident.database, resident.settings, Channel.SMS, "+8617000000001")
    waits(database, texter.says("打我17000000002,卡号6222 0000 0000 1234"))
    page = agent.get("/inbox").text
    assert "170****0001" in page
    assert "170****0002" in page
    assert "****1234" in page
    for hidden in ("17000000001", "17000000002", "6222"):
        assert hidden not in page


def test_tabs(agent: Desk, second: Desk, resident: Resident, database: Database) -> None:
    waiting = resident.says("转人工")
    waits(database, waiting, "handover")
    held = Resident(resident.database, resident.settings, sender="oTest0000cd34").says("你好")
    other = Resident(resident.database, resident.settings, sender="oTest0000ef56").says("在吗")
    assert agent.post(path(held, "/take")).status_code == 303
    shown = {tab: agent.get(f"/inbox?tab={tab}").text for tab in ("waiting", "mine", "all")}
    assert [str(waiting) in shown["waiting"], str(held) in shown["waiting"]] == [True, False]
    assert [str(waiting) in shown["mine"], str(held) in shown["mine"]] == [False, True]
    assert all(str(each) in shown["all"] for each in (waiting, held, other))
    assert words.HELD_BY_ME in shown["all"]
    assert words.HELD_BY.format(name="小李") in second.get("/inbox?tab=all").text
    assert agent.get("/inbox?tab=nonsense").status_code == 404


def test_urgent_ones_wait_in_front(agent: Desk, resident: Resident, database: Database) -> None:
    first = resident.says("转人工")
    waits(database, first, "handover", minutes=9)
    urgent = Resident(resident.database, resident.settings, sender="oTest0000cd34").says("被骗了")
    waits(database, urgent, "urgent_loss")
    page = agent.get("/inbox").text
    assert page.index(f"row-{urgent}") < page.index(f"row-{first}")


def test_waiting_too_long_is_said_in_words(agent: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("转人工")
    waits(database, conversation, minutes=0.5)
    assert "请尽快接手" not in agent.get("/inbox").text
    with database.transaction() as session:
        row = session.get_one(Conversation, conversation)
        row.waiting_since = utc_now() - timedelta(minutes=3, seconds=5)
    assert words.WAITING_LONG.format(time="3 分钟") in agent.get("/inbox").text
    assert words.WAITING_LONG.format(time="3 分钟") in agent.get(path(conversation)).text


def test_the_list_shows_what_the_resident_said_last(agent: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("有人冒充我儿子")
    bot_says(database, conversation, "请说说是什么情况")
    page = agent.get("/inbox?tab=all").text
    assert "有人冒充我儿子" in page
    assert "请说说是什么情况" not in page


def test_older_conversations_are_a_page_away(agent: Desk, resident: Resident) -> None:
    for number in range(63):
        Resident(resident.database, resident.settings, sender=f"oTest0000{number:04}").says(
            "你好", at=utc_now() - timedelta(hours=number)
        )
    first = agent.get("/inbox?tab=all").text
    older = re.search(r'href="(/inbox\?tab=all&amp;before=[^"]+)"', first)
    assert older
    second = agent.get(older.group(1).replace("&amp;", "&")).text
    assert (first.count('id="row-'), second.count('id="row-')) == (60, 3)


def test_two_people_take_one_conversation(
    agent: Desk, second: Desk, resident: Resident, people: dict[str, Staff], database: Database
) -> None:
    conversation = resident.says("转人工")
    waits(database, conversation)
    answers: dict[str, int] = {}
    tokens = {"agent": agent.token(), "second": second.token()}
    start = threading.Barrier(2)

    def take(name: str, desk: Desk) -> None:
        start.wait()
        response = desk.client.post(
            path(conversation, "/take"), data={"csrf_token": tokens[name]}, headers={"X-Hotline-Fetch": "1"}
        )
        answers[name] = response.status_code

    threads = [threading.Thread(target=take, args=pair) for pair in (("agent", agent), ("second", second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [200, 409]
    winner, loser = ("agent", second) if answers["agent"] == 200 else ("second", agent)
    told = words.HELD_BY.format(name=people[winner].name)
    again = loser.post(path(conversation, "/take"), fetched=True)
    assert again.get_json()["message"] == f"{told}。"
    page = loser.get(path(conversation)).text
    assert told in page
    assert re.search(r'<form[^>]*id="reply"[^>]* hidden>', page)
    assert loser.post(path(conversation, "/reply"), text="你好", form_key=key(), fetched=True).status_code == 409
    assert outgoing(database, conversation) == []


def test_an_officer_takes_over_from_who_went_home(
    agent: Desk, second: Desk, officer: Desk, resident: Resident, people: dict[str, Staff], database: Database
) -> None:
    conversation = resident.says("转人工")
    agent.post(path(conversation, "/take"))
    there, holder = path(conversation, "/take-over"), people["agent"].id
    assert "over-reason" not in second.get(path(conversation)).text
    assert second.post(there, holder=holder, reason="off_duty", fetched=True).status_code == 403
    assert str(holder) in officer.get(path(conversation)).text
    assert officer.post(there, holder=holder, reason="because", fetched=True).status_code == 409
    assert officer.post(there, holder="nobody", reason="off_duty", fetched=True).status_code == 409
    answer = officer.post(there, holder=holder, reason="off_duty", fetched=True)
    assert answer.get_json()["message"] == words.TAKEN_OVER.format(name="小李")
    assert words.HELD_BY.format(name="王警官") in agent.get(path(conversation)).text
    assert ("take_over", conversation) in audited(database)
    card = opens_card(database, conversation)
    for shown in (officer.get(path(conversation)).text, officer.get(f"/cards/{card.id}").text):
        assert "<strong>接过会话</strong> <span>王警官</span><p>小李 → 王警官：下班或休假</p>" in shown


def test_without_scripts_the_second_is_told_on_the_page(
    agent: Desk, second: Desk, resident: Resident, database: Database
) -> None:
    conversation = resident.says("转人工")
    agent.post(path(conversation, "/take"))
    response = second.post(path(conversation, "/take"), came_from=path(conversation))
    assert (response.status_code, response.location) == (303, path(conversation))
    assert "小李在处理。" in second.get(response.location).text


def test_a_nervous_click_is_one_message(agent: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("转人工")
    agent.post(path(conversation, "/take"))
    form_key = key()
    first = agent.post(path(conversation, "/reply"), text="您好", form_key=form_key, fetched=True)
    again = agent.post(path(conversation, "/reply"), text="您好", form_key=form_key, fetched=True)
    assert first.status_code == again.status_code == 200
    assert [message.text for message in outgoing(database, conversation)] == ["您好"]
    assert first.get_json()["form_key"] != form_key
    next_one = agent.post(
        path(conversation, "/reply"), text="请说", form_key=first.get_json()["form_key"], fetched=True
    )
    assert next_one.status_code == 200
    assert [message.text for message in outgoing(database, conversation)] == ["您好", "请说"]


def test_words_changed_after_sending_are_not_lost_silently(agent: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("转人工")
    agent.post(path(conversation, "/take"))
    form_key = key()
    agent.post(path(conversation, "/reply"), text="您好", form_key=form_key, fetched=True)
    changed = agent.post(path(conversation, "/reply"), text="您好,请说", form_key=form_key, fetched=True)
    assert changed.get_json()["message"] == words.CHANGED_AFTER_SENDING


@pytest.mark.parametrize(
    ("text", "form_key"), [("", key()), ("   \n", key()), ("字" * 601, key()), ("好", ""), ("好", "x")], ids="01234"
)
def test_replies_that_are_none(agent: Desk, resident: Resident, database: Database, text: str, form_key: str) -> None:
    conversation = resident.says("转人工")
    agent.post(path(conversation, "/take"))
    assert agent.post(path(conversation, "/reply"), text=text, form_key=form_key, fetched=True).status_code == 409
    assert outgoing(database, conversation) == []


def test_texts_keep_to_the_national_style(
    agent: Desk, resident: Resident, settings: Settings, database: Database
) -> None:
    settings.hotline_number = "0817-0000123"
    conversation = Resident(resident.database, settings, Channel.SMS, "+8617000000001").says("转人工")
    agent.post(path(conversation, "/take"))
    refused = agent.post(path(conversation, "/reply"), text="请看 www.a.example", form_key=key(), fetched=True)
    assert refused.status_code == 409
    sent = agent.post(path(conversation, "/reply"), text="请打0817-0000123", form_key=key(), fetched=True)
    assert sent.status_code == 200
    assert [message.text for message in outgoing(database, conversation)] == ["请打0817-0000123"]


def test_replying_needs_taking_first(agent: Desk, resident: Resident) -> None:
    conversation = resident.says("你好")
    answer = agent.post(path(conversation, "/reply"), text="好", form_key=key(), fetched=True)
    assert (answer.status_code, answer.get_json()["message"]) == (409, "请先接手这个会话。")


def test_handing_back_and_closing(agent: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("转人工")
    waits(database, conversation)
    agent.post(path(conversation, "/take"))
    assert agent.post(path(conversation, "/hand-back")).status_code == 303
    assert words.HELD_BY_BOT in agent.get(path(conversation)).text
    assert agent.post(path(conversation, "/close"), fetched=True).status_code == 409
    agent.post(path(conversation, "/take"))
    assert agent.post(path(conversation, "/close")).location == "/inbox?tab=mine"
    assert "会话已结束" in agent.get(path(conversation)).text
    assert agent.post(path(conversation, "/take"), fetched=True).get_json()["message"] == "这个会话已经结束。"
    assert resident.says("又来了") != conversation
    done = [action for action, subject in audited(database) if subject == conversation]
    assert done == ["take", "view_conversation", "hand_back", "take", "close"] or sorted(done) == sorted(
        ["take", "hand_back", "view_conversation", "take", "close"]
    )


def test_sending_again_is_for_the_holder_and_once(
    agent: Desk, second: Desk, resident: Resident, database: Database
) -> None:
    conversation = resident.says("你好")
    failed = bot_says(database, conversation, "您好", delivery=Delivery.FAILED)
    assert "重发" not in second.get(path(conversation)).text
    agent.post(path(conversation, "/take"))
    page = agent.get(path(conversation)).text
    assert "重发" in page
    assert words.DELIVERY["failed"] in page
    assert second.post(f"/messages/{failed}/resend", fetched=True).status_code == 409
    tokens = [agent.token()] * 2
    codes: list[int] = []
    start = threading.Barrier(2)

    def resend(token: str) -> None:
        start.wait()
        response = agent.client.application.test_client()
        response.set_cookie("hotline_console", agent.client.get_cookie("hotline_console").value)  # type: ignore[union-attr]
        codes.append(
            response.post(
                f"/messages/{failed}/resend", data={"csrf_token": token}, headers={"X-Hotline-Fetch": "1"}
            ).status_code
        )

    threads = [threading.Thread(target=resend, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 409]
    assert outgoing(database, conversation)[0].delivery == Delivery.QUEUED


@pytest.mark.parametrize("delivery", list(Delivery))
def test_every_delivery_has_words(agent: Desk, resident: Resident, database: Database, delivery: Delivery) -> None:
    conversation = resident.says("你好")
    bot_says(database, conversation, "您好", delivery=delivery)
    assert words.DELIVERY[delivery] in agent.get(path(conversation)).text


@pytest.mark.parametrize(
    ("reason", "code", "shown"),
    [
        ("对方没有关注公众号", "43004", "对方没有关注公众号"),
        ("window_over", "45015", words.FAILURES["window_over"]),
        ("", "isv.X", "原因代码 isv.X"),
        ("", "", "原因不明"),
    ],
)
def test_why_it_was_not_sent(
    agent: Desk, resident: Resident, database: Database, reason: str, code: str, shown: str
) -> None:
    conversation = resident.says("你好")
    message = bot_says(database, conversation, "您好", delivery=Delivery.FAILED)
    with database.transaction() as session:
        session.execute(update(Message).where(Message.id == message).values(reason=reason, provider_code=code))
    assert f"未发出：{shown}" in agent.get(path(conversation)).text


def test_query_codes_are_hidden_in_both_directions(agent: Desk, resident: Resident, database: Database) -> None:
    code = new_code()
    conversation = resident.says(f"查进度 XS100001 {code}")
    bot_says(database, conversation, f"登记好了,线索编号XS100002。\n查询码{code}", secret=True)
    for shown in (agent.get(path(conversation)).text, agent.get("/inbox?tab=all").text):
        assert code not in shown
    assert masking.HIDDEN_CODE in agent.get(path(conversation)).text


def test_what_was_understood_is_said_small(agent: Desk, resident: Resident) -> None:
    conversation = resident.says("我被骗了", intent="urgent_loss")
    assert words.MODEL_MISSING not in agent.get(path(conversation)).text
    resident.says("转人工", intent="handover", model="")
    page = agent.get(path(conversation)).text
    assert words.INTENTS["urgent_loss"] in page
    assert words.MODEL_MISSING in page


def test_every_value_a_loss_form_asks_for_has_a_label() -> None:
    asked = {need for question in LossForm(by_sms=False, now=utc_now()).questions({}) for need in question.needs}
    told_otherwise = {"story_told", "exact_amount"}
    assert asked - told_otherwise <= set(words.FORM_LABELS)


def test_the_collected_form(agent: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("被骗了")
    values = {"amount": [{"yuan": "32000", "approximate": True}], "method": "realtime", "third_party": True}
    fills_form(database, conversation, {**values, "recheck_accounted": "yes", "sender": "x"})
    page = agent.get(path(conversation)).text
    for shown in ("金额", "约 32000 元", "到账方式", "实时到账", "替别人报"):
        assert shown in page
    assert "recheck" not in page


def test_what_belongs_to_it(agent: Desk, officer: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("被骗了")
    card = opens_card(database, conversation, LOSS)
    tip = gives_tip(database, conversation).tip
    texter = Resident(resident.database, resident.settings, Channel.SMS, "+8617000000001").says("在吗")
    for_agent, for_officer = agent.get(path(conversation)).text, officer.get(path(conversation)).text
    for page in (for_agent, for_officer):
        assert card.number in page
        assert tip.number in page
        assert f"/conversations/{texter}" in page, "the number on the card has texted, too"
    assert f'href="/cards/{card.id}"' in for_officer
    facts = for_agent[for_agent.index('<details class="facts"') :]
    assert f'href="/cards/{card.id}"' not in facts


def test_the_budget(agent: Desk, resident: Resident, database: Database, clock: Clock) -> None:
    conversation = resident.says("你好")
    assert "剩余 5 条 / 47 小时" in agent.get(path(conversation)).text
    clock.ahead = timedelta(hours=47, minutes=30)
    agent.sign_in("agent")
    assert "剩余 5 条 / 29 分钟" in agent.get(path(conversation)).text
    clock.ahead = timedelta(hours=49)
    assert words.BUDGET_GONE in agent.get(path(conversation)).text
    texter = Resident(resident.database, resident.settings, Channel.SMS, "+8617000000001").says("在吗")
    assert words.UNLIMITED in agent.get(path(texter)).text


def test_pictures_are_decrypted_for_who_may_see_them(
    agent: Desk, admin: Desk, resident: Resident, settings: Settings, database: Database
) -> None:
    evidence = resident.sends(Kind.IMAGE, PNG, "image/png")
    stored = (settings.data_dir / "media" / f"{evidence}.bin").read_bytes()
    assert PNG not in stored
    answer = agent.get(f"/media/{evidence}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PNG, "image/png")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert admin.get(f"/media/{evidence}").status_code == 403
    agent.get(f"/media/{evidence}")
    assert audited(database).count(("view_media", evidence)) == 1
    (settings.data_dir / "media" / f"{evidence}.bin").unlink()
    assert agent.get(f"/media/{evidence}").status_code == 404


def test_players_may_ask_for_a_range(agent: Desk, resident: Resident) -> None:
    evidence = resident.sends(Kind.VIDEO, bytes(range(200)), "video/mp4")
    answer = agent.client.get(f"/media/{evidence}", headers={"Range": "bytes=10-19"}, buffered=True)
    assert (answer.status_code, answer.data) == (206, bytes(range(10, 20)))


def test_what_a_browser_could_run_is_only_downloaded(agent: Desk, resident: Resident) -> None:
    evidence = resident.sends(Kind.IMAGE, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
    answer = agent.get(f"/media/{evidence}")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("state", ["pending", "refused", "gone"])
def test_media_that_are_not_there(agent: Desk, resident: Resident, state: str) -> None:
    evidence = resident.sends(Kind.VOICE, b"", "audio/amr", state=state)
    conversation = resident.says("听到了吗")
    assert words.EVIDENCE[state] in agent.get(path(conversation)).text
    assert agent.get(f"/media/{evidence}").status_code == 404


def test_seen_is_the_holders(agent: Desk, second: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("转人工")
    agent.post(path(conversation, "/take"))
    resident.says("在吗")

    def unread() -> int:
        with database.transaction() as session:
            return session.get_one(Conversation, conversation).unread

    second.post(path(conversation, "/seen"), fetched=True)
    assert unread() == 1
    agent.post(path(conversation, "/seen"), fetched=True)
    assert unread() == 0


def test_looking_is_noted_once_in_a_while(agent: Desk, resident: Resident, database: Database, clock: Clock) -> None:
    conversation = resident.says("你好")
    for _ in range(3):
        agent.get(path(conversation))
        agent.get(f"/fragments{path(conversation)}")
    assert audited(database) == [("view_conversation", conversation)]
    clock.ahead = timedelta(minutes=11)
    agent.get(f"/fragments{path(conversation)}")
    assert audited(database) == [("view_conversation", conversation)] * 2


def test_a_fragment_is_a_part_only(agent: Desk, resident: Resident) -> None:
    conversation = resident.says("你好<script>alert(1)</script>")
    fragment = agent.get(f"/fragments{path(conversation)}").text
    assert "<html" not in fragment
    assert "&lt;script&gt;" in fragment
    assert "<script>" not in agent.get(path(conversation)).text
    assert agent.get(path(uuid.uuid4())).status_code == 404
