"""The form engine: any order, several at once, corrections, skipping, bubbles, interruption and return."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from conversations import contacts, forms
from conversations.forms import Question, Said, Values
from conversations.inbound import Channel
from conversations.models import Conversation, FormRecord, FormState
from storage.engine import Database

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Trip:
    """A form of the test's own: a town, a day with an hour, and a name."""

    name = "trip"

    def questions(self, values: Values) -> Sequence[Question]:
        return (
            Question("town", ("town",), "哪个城市?", "没听清,哪个城市?"),
            Question("time", ("day", "hour"), "哪天几点?", "还差:{missing}", {"day": "日期", "hour": "钟点"}),
            Question("name", ("who",), "谁去?", tries=1),
        )

    def read(self, said: Said, values: Values) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, pattern in (("town", r"(\w)城"), ("day", r"(\d+)号"), ("hour", r"(\d+)点")):
            hit = re.search(pattern, said.text)
            if hit:
                found[key] = hit.group(1)
        if said.asked == "name" and said.text:
            found["who"] = said.text
        return found


@pytest.fixture
def conversation(database: Database) -> Conversation:
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.WECHAT, "o1", NOW)
        other = contacts.lock_contact(session, Channel.WECHAT, "o2", NOW)
        forms.begin(session, contacts.open_conversation(session, other, NOW), "trip", NOW)  # noise
        return contacts.open_conversation(session, contact, NOW)


def say(record: FormRecord, text: str, *, skip: bool = False, at: datetime = NOW) -> forms.Progress:
    return forms.absorb(Trip(), record, Said(text, at, asked=record.prompt), skip=skip)


def ask(record: FormRecord, *, bubble: bool = False, at: datetime = NOW) -> str:
    question = forms.next_question(Trip(), record)
    return forms.prompt(record, question, at, bubble=bubble) if question else ""


def fresh(session: Session, conversation: Conversation) -> FormRecord:
    return forms.begin(session, conversation, "trip", NOW)


def test_answers_in_any_order_and_several_at_once(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        record = fresh(session, conversation)
        assert ask(record) == "哪个城市?"
        say(record, "5号9点")
        assert ask(record) == "没听清,哪个城市?"
        say(record, "去云城")
        assert ask(record) == "谁去?"
        assert say(record, "王小二").finished
        assert record.values == {"town": "云", "day": "5", "hour": "9", "who": "王小二"}


def test_only_what_is_missing_is_asked_again(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        record = fresh(session, conversation)
        say(record, "云城")
        assert ask(record) == "哪天几点?"
        say(record, "5号")
        assert ask(record) == "还差:钟点"


def test_a_correction_replaces_the_value(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        record = fresh(session, conversation)
        say(record, "云城")
        progress = say(record, "不对,是雨城")
        assert progress.corrected == ("town",)
        assert record.values["town"] == "雨"


def test_skipping_and_giving_up_after_tries(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        record = fresh(session, conversation)
        ask(record)
        assert say(record, "不知道", skip=True).skipped
        assert ask(record) == "哪天几点?"
        assert say(record, "嗯").missed
        ask(record)
        say(record, "啊")
        assert ask(record) == "谁去?"


def test_a_skipped_value_said_later_is_still_taken(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        record = fresh(session, conversation)
        ask(record)
        say(record, "不知道", skip=True)
        say(record, "想起来了,云城")
        assert record.values["town"] == "云"


def test_bubbles_are_not_answered_with_the_same_question(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        record = fresh(session, conversation)
        assert ask(record)
        for second in (1, 2, 4):
            say(record, "等一下")
            record.tries = 0
            assert ask(record, bubble=True, at=NOW + timedelta(seconds=second)) == ""
        assert ask(record, bubble=True, at=NOW + timedelta(seconds=9)) == "没听清,哪个城市?"


def test_interruption_and_return(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        first = fresh(session, conversation)
        say(first, "云城")
        second = fresh(session, conversation)
        assert forms.active(session, conversation) is second
        back = forms.end(session, second, FormState.DONE, NOW)
        assert back is first
        assert forms.active(session, conversation) is first
        assert ask(first) == "哪天几点?"


def test_the_state_survives_days(database: Database, conversation: Conversation) -> None:
    with database.transaction() as session:
        record = fresh(session, conversation)
        say(record, "云城")
        ask(record)
    with database.transaction() as session:
        record = forms.active(session, conversation)
        assert record is not None
        say(record, "5号9点", at=NOW + timedelta(days=3))
        assert ask(record, at=NOW + timedelta(days=3)) == "谁去?"
