"""A flood from one contact loses nothing and is not answered without end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot import flood
from conversations.inbound import Channel
from handlers.words import general, tip, urgent
from tests.handlers.conftest import Resident

CHANNELS = pytest.mark.parametrize("channel", list(Channel))


def _sender(channel: Channel) -> str:
    return "o1" if channel is Channel.WECHAT else "+8617000000001"


@CHANNELS
def test_a_flood_is_told_once_and_then_not_answered(channel: Channel, resident: Callable[..., Resident]) -> None:
    flooding = resident(_sender(channel), channel)
    answers = [flooding.says("你好", after=1) for _ in range(flood.MOST + 5)]
    assert all(answers[: flood.MOST])
    assert answers[flood.MOST :] == [[general.TOO_FAST], [], [], [], []]
    assert resident("o2").says("你好", after=0), "nobody else is meant"
    assert flooding.says("你好", after=61) not in ([], [general.TOO_FAST])


def test_a_fast_writer_below_the_limit_is_answered(resident: Callable[..., Resident]) -> None:
    writer = resident()
    answers = [writer.says("你好", after=3.2) for _ in range(flood.MOST * 2)]
    assert all(answers) and [general.TOO_FAST] not in answers


@CHANNELS
def test_a_loss_in_a_flood_is_heard_and_answered(channel: Channel, resident: Callable[..., Resident]) -> None:
    victim = resident(_sender(channel), channel)
    for _ in range(flood.MOST + 3):
        victim.says("你好", after=1)
    assert victim.says("我刚才被骗了,转了两万块给对方", after=1)[0] == urgent.ADVICE
    assert victim.says("没事了,是误会", after=1), "what concerns a loss is answered at any speed"


def test_what_is_told_in_a_flood_still_counts(resident: Callable[..., Resident]) -> None:
    teller = resident()
    for _ in range(flood.MOST + 1):
        teller.says("你好", after=1)
    assert teller.says("我要举报", after=1) == []
    assert teller.says("村口有人收银行卡,一张五百块", after=1) == []
    assert tip.ASK_PLACE in teller.says("没有", after=61)[0], "the tip went on from what was told unanswered"
