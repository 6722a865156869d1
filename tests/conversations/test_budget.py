"""WeChat's reply budget, kept per contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conversations import budget
from conversations.inbound import Channel, Inbound, Kind
from conversations.models import Contact
from storage.settings import Settings

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def contact(channel: str = "wechat") -> Contact:
    return Contact(channel=channel, sender_index=b"x", created_at=NOW, reply_left=0, event_reply_left=0)


def delivery(kind: Kind = Kind.TEXT, event: str = "") -> Inbound:
    return Inbound(Channel.WECHAT, "o1", "x", kind, NOW, NOW, event=event)


def test_a_message_opens_five_in_48_hours_and_one_is_kept_for_staff(settings: Settings) -> None:
    person = contact()
    budget.grant(person, delivery(), settings, NOW)
    later = NOW + timedelta(hours=47)
    assert [bool(budget.spend(person, later, to_the_last=False)) for _ in range(5)] == [True] * 4 + [False]
    assert budget.spend(person, later, to_the_last=True)
    assert not budget.spend(person, later, to_the_last=True)


def test_the_window_closes(settings: Settings) -> None:
    person = contact()
    budget.grant(person, delivery(), settings, NOW)
    assert budget.left(person, NOW).messages == 5
    assert not budget.spend(person, NOW + timedelta(hours=48), to_the_last=True)
    assert budget.left(person, NOW + timedelta(hours=48)).messages == 0


@pytest.mark.parametrize(
    ("event", "granted"), [("subscribe", 3), ("CLICK", 3), ("SCAN", 3), ("VIEW", 0), ("unsubscribe", 0)]
)
def test_events_open_three_in_a_minute(settings: Settings, event: str, granted: int) -> None:
    person = contact()
    budget.grant(person, delivery(Kind.EVENT, event), settings, NOW)
    assert budget.left(person, NOW).messages == granted
    assert not budget.spend(person, NOW + timedelta(seconds=60), to_the_last=True)


def test_the_short_window_is_used_first(settings: Settings) -> None:
    person = contact()
    budget.grant(person, delivery(), settings, NOW)
    budget.grant(person, delivery(Kind.EVENT, "CLICK"), settings, NOW)
    budget.spend(person, NOW, to_the_last=False)
    assert (person.reply_left, person.event_reply_left) == (5, 2)


def test_sms_has_no_limit(settings: Settings) -> None:
    person = contact("sms")
    assert all(budget.spend(person, NOW, to_the_last=False) for _ in range(20))
    assert budget.left(person, NOW).unlimited


def test_what_was_not_taken_goes_back_where_it_came_from(settings: Settings) -> None:
    person = contact()
    budget.grant(person, delivery(), settings, NOW)
    budget.grant(person, delivery(Kind.EVENT, "CLICK"), settings, NOW)
    paid = budget.spend(person, NOW, 2, to_the_last=False)
    assert paid is budget.Window.EVENT
    budget.refund(person, paid, 2)
    assert (person.reply_left, person.event_reply_left) == (5, 3)


def test_a_text_in_pieces_is_paid_whole_or_not_at_all(settings: Settings) -> None:
    person = contact()
    budget.grant(person, delivery(), settings, NOW)
    assert budget.spend(person, NOW, 5, to_the_last=False) is None
    assert person.reply_left == 5
    assert budget.spend(person, NOW, 5, to_the_last=True) is budget.Window.MESSAGE
