"""Everything that is neither a loss nor a tip."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from bot import parts
from bot.intake import Intake
from conversations import labels
from conversations.inbound import Channel, Kind
from conversations.labels import Wanted
from conversations.models import Contact, Conversation
from handlers.answers import is_skip
from handlers.words import general
from nlu.client import NluClient
from nlu.understand import Understander
from storage.engine import Database
from storage.settings import Settings
from tests.handlers.conftest import Clock, Resident

Make = Callable[..., Resident]


def test_a_greeting_says_what_one_can_do(resident: Make) -> None:
    assert "被骗了" in resident().says("你好")[0]


def test_following_is_greeted_with_the_menu(resident: Make) -> None:
    assert "转人工" in resident().sends(Kind.EVENT, event="subscribe")[0]


def test_unfollowing_is_noted_and_not_answered(resident: Make, database: Database) -> None:
    person = resident()
    assert person.sends(Kind.EVENT, event="unsubscribe") == []
    with database.transaction() as session:
        assert session.scalars(select(Contact)).one().unfollowed_at is not None


@pytest.mark.parametrize(
    ("key", "expected"),
    [("举报", "举报"), ("咨询", "问什么"), ("领奖", "领奖"), ("人工", "工作人员"), ("别的", "反诈专线")],
)
def test_the_menu(resident: Make, key: str, expected: str) -> None:
    assert expected in resident().sends(Kind.EVENT, event="CLICK", event_key=key)[0]


def test_an_unknown_event_is_kept_and_not_answered(resident: Make) -> None:
    assert resident().sends(Kind.EVENT, event="brand_new_event") == []


def test_a_consultation_is_answered_from_knowledge(resident: Make) -> None:
    assert "96110" in resident().says("96110是什么电话")[0]


def test_what_nothing_fits_offers_a_person(resident: Make) -> None:
    reply = resident().says("诈骗罪的追诉时效和单位犯罪怎么认定这个法律问题怎么看")[0]
    assert "人工" in reply


def test_a_person_please(resident: Make, database: Database) -> None:
    first, second = resident("o1"), resident("o2")
    assert general.NEXT_IN_LINE in first.says("转人工")[0]
    assert general.BEFORE_YOU.format(count=1) in second.says("我要找工作人员")[0]
    assert "已经在等" in first.says("转人工")[0]
    assert "已经在等" in first.says("你好")[0], "the menu is no answer to who waits"
    with database.transaction() as session:
        assert {row.holder for row in session.scalars(select(Conversation))} == {"waiting"}


@pytest.mark.parametrize("word", ["TD", "td", "退订", "R", "00000"])
def test_unsubscribing_by_sms(resident: Make, database: Database, word: str) -> None:
    person = resident("+8617000000003", Channel.SMS)
    assert person.says(word) == [general.UNSUBSCRIBED]
    with database.transaction() as session:
        assert session.scalars(select(Contact)).one().unsubscribed_at is not None


def test_unsubscribing_does_not_cut_off_a_loss(resident: Make) -> None:
    person = resident("+8617000000003", Channel.SMS)
    person.says("我刚被骗了两万")
    reply = person.says("TD")[0]
    assert reply.startswith(general.UNSUBSCRIBED)
    assert "尾号0003" in reply


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.IMAGE, general.KEPT_IMAGE),
        (Kind.VOICE, general.KEPT_VOICE),
        (Kind.VIDEO, general.KEPT_VIDEO),
        (Kind.UNKNOWN, general.KEPT_OTHER),
    ],
)
def test_what_comes_without_words_is_acknowledged(resident: Make, kind: Kind, expected: str) -> None:
    assert resident().sends(kind, media_id="m1") == [expected]


def test_a_recognised_voice_is_read_like_a_text(resident: Make) -> None:
    assert "先别再转钱" in resident().sends(Kind.VOICE, media_id="m1", text="我刚刚被骗子骗走了两万块钱")[0]


def test_empty_text(resident: Make) -> None:
    assert resident().says("  ") == [general.EMPTY]


def test_a_truncated_sms_says_so(resident: Make) -> None:
    person = resident("+8617000000003", Channel.SMS)
    assert person.says("你好", partial=True)[0].endswith(general.PARTIAL)


class UnsureModel(BaseHTTPRequestHandler):
    """Answers every parse with two intents close together; of money it suspects a loss, not enough for an alarm."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        first = (
            {"name": "urgent_loss", "confidence": 0.22} if "存折" in asked else {"name": "consult", "confidence": 0.21}
        )
        ranking = [first, {"name": "check_suspicious", "confidence": 0.2}]
        self._answer({"intent": ranking[0], "intent_ranking": ranking, "text": "", "entities": []})

    def do_GET(self) -> None:
        self._answer({"model_file": "models/unsure.tar.gz"})

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def unsure(database: Database, settings: Settings, clock: Clock) -> Iterator[Resident]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), UnsureModel)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    client = NluClient((f"http://127.0.0.1:{server.server_port}",), "x")
    intake = Intake(database, Understander(client), parts.services(settings), clock)
    yield Resident(intake, database, clock, "o1", Channel.WECHAT)
    server.shutdown()
    server.server_close()
    thread.join()


def test_unsure_asks_back_with_two_choices_and_takes_a_number(unsure: Resident) -> None:
    asked = unsure.says("那个做任务的事情是怎么个说法呢")[0]
    assert general.WHAT["consult"] in asked
    assert general.WHAT["check_suspicious"] in asked
    answer = unsure.says("2")[0]
    assert "110" in answer


def test_the_choice_is_kept_as_a_suggestion_for_the_message_that_was_unclear(unsure: Resident) -> None:
    said = "那个做任务的事情是怎么个说法呢"
    unsure.says(said)
    unsure.says("2")
    unsure.says("1")  # nothing stands to be chosen any more
    with unsure.database.transaction() as session:
        rows = labels.review(session, Wanted.UNSURE, 10)
    assert [(row.text, row.suggested, row.unsure) for row in rows] == [(said, "check_suspicious", True)]
    assert (rows[0].guess, rows[0].model) == ("consult", "unsure")
    assert rows[0].alternatives == (("consult", 0.21), ("check_suspicious", 0.2))


def test_a_suspected_loss_stands_first_among_the_choices_and_is_taken_by_its_number(unsure: Resident) -> None:
    asked = unsure.says("那个存折的事情啷个弄")[0]
    assert asked == general.UNCLEAR.format(first=general.WHAT["urgent_loss"], second=general.WHAT["check_suspicious"])
    assert "先别再转钱" in unsure.says("1")[0]


def test_after_two_misses_a_person_is_offered(unsure: Resident) -> None:
    unsure.says("那个事情是怎么个说法呢")
    unsure.says("就是那个嘛")
    assert unsure.says("哎呀就是那个") == [general.UNCLEAR_AGAIN]


@pytest.mark.parametrize(("said", "skips"), [("不说", True), ("不想讲。", True), ("保密", True), ("他不说话", False)])
def test_who_would_rather_not_say_passes_the_question_over(said: str, skips: bool) -> None:
    assert is_skip(said) is skips
