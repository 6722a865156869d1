"""What records point at, in one normal form however it is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.subjects import MOST, Subject, normal, registered, subjects_of
from nlu.entities import extract

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


def named(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in subjects_of(text, extract(text, NOW))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这个电话 +86 170 0000 0009 是骗子", [("phone", "17000000009")]),
        ("１７０００００００９ 打来的", []),
        ("１７００００００００９打来的", [("phone", "17000000009")]),
        ("号码是幺七零零零零零零零零九", [("phone", "17000000009")]),
        ("网址 http://A.B.example.com.cn/login?x=1", [("url", "example.com.cn")]),
        ("www.example点com", [("url", "example.com")]),
        ("QQ：123456789 加我", [("qq", "123456789")]),
        ("微信号abc_12345 拉群", [("wechat", "abc_12345")]),
        ("加V信 Abc_12345", [("wechat", "abc_12345")]),
        ("下载了一个APP叫鑫福宝", [("app", "鑫福宝")]),
        ("“鑫 福宝”这个软件提不了现，对方用微信联系我", [("app", "鑫 福宝")]),
        ("打110和96110都问过", []),
    ],
)
def test_however_it_is_written(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    ("link", "domain"),
    [
        ("https://pay.bank.example.co.uk/x", "example.co.uk"),
        ("user@example.com:8080/x", "example.com"),
        ("198.51.100.7/app.apk", "198.51.100.7"),
        ("t.cn/AbC1", "t.cn/AbC1"),
        ("t.cn", "t.cn"),
        ("一家.中国/登录", "一家.中国"),
    ],
)
def test_a_link_is_its_registered_domain(link: str, domain: str) -> None:
    assert registered(link) == domain


def test_a_tip_with_two_hundred_numbers_keeps_a_bound() -> None:
    text = "，".join(f"1700000{place:04}" for place in range(300))
    assert len(subjects_of(text, extract(text, NOW))) <= MOST


@given(st.sampled_from(["phone", "url", "bank_card", "qq", "wechat", "app"]), st.text(max_size=300))
def test_any_value_is_survived_and_normal_stays_normal(kind: str, value: str) -> None:
    once = normal(kind, value)
    assert once is None or normal(once.kind, once.value) in (once, None) or isinstance(once, Subject)
