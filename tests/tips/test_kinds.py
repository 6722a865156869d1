"""What a tip is about."""

from __future__ import annotations

import pytest

from handlers.words import tip as resident_words
from linkage.subjects import Subject
from tips import words
from tips.kinds import Kind, derive

PHONE, URL, APP, ACCOUNT = (Subject(kind, "x") for kind in ("phone", "url", "app", "bank_card"))


@pytest.mark.parametrize(
    ("said", "subjects", "kind"),
    [
        ("有人冒充客服骗钱", (PHONE,), Kind.PHONE),
        ("老是打给我说中奖", (), Kind.PHONE),
        ("收到短信说快递丢了要理赔", (PHONE,), Kind.SMS),
        ("冒充银行骗人", (URL, PHONE), Kind.URL),
        ("点进一个网站要填银行卡号", (), Kind.URL),
        ("叫我下载一个app投资", (URL,), Kind.APP),
        ("让我把钱打到这里", (ACCOUNT,), Kind.ACCOUNT),
        ("冒充领导加我", (Subject("qq", "1"),), Kind.ACCOUNT),
        ("村口有人收银行卡，一张给五百块", (), Kind.CARDS),
        ("有人租别人的电话卡", (PHONE,), Kind.CARDS),
        ("他把自己的卡卖了", (), Kind.CARDS),
        ("有人在租房里打电话骗人", (), Kind.DEN),
        ("宾馆里架了GOIP设备", (), Kind.DEN),
        ("街上有人拉人进群送鸡蛋", (), Kind.LURING),
        ("有蛇头组织偷渡", (), Kind.BORDER),
        ("他准备去缅北做这个", (PHONE,), Kind.BORDER),
        ("有人骗钱", (), None),
    ],
)
def test_the_kind_of_a_story(said: str, subjects: tuple[Subject, ...], kind: Kind | None) -> None:
    assert derive(said, subjects) == kind


def test_every_kind_has_words() -> None:
    assert set(words.KINDS) == set(Kind) == set(resident_words.KINDS)
