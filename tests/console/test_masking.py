from __future__ import annotations

import pytest

from console import masking
from tips.codes import new_code


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8617000000001", "170****0001"),
        ("17000000001", "170****0001"),
        ("0817-0000123", "081****23"),
        ("110", "****"),
        ("", ""),
    ],
)
def test_phones(number: str, shown: str) -> None:
    assert masking.phone(number) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打我17000000001", "打我170****0001"),
        ("我的号+86 170 0000 0001。", "我的号170****0001。"),
        ("卡号6222 0000 0000 1234,张三", "卡号****1234,张三"),
        ("卡号6222000000001234563", "卡号****4563"),
        ("身份证51130000000000000X", "身份证****0000"),
        ("转了1000000元", "转了1000000元"),
        ("转了32000", "转了32000"),
        ("2024-03-01 在 www.a1b2c3d4.example", "202****01 在 www.a1b2c3d4.example"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert masking.text(text) == shown


def test_our_own_message_hides_every_code() -> None:
    code = new_code()
    text = f"登记好了,线索编号XS100001。\n查询码{code}\n请抄下来。"
    assert code not in masking.secret(text)
    assert masking.HIDDEN_CODE in masking.secret(text)
    assert "XS100001" in masking.secret(text)


def test_a_resident_who_sends_the_code_keeps_it_hidden() -> None:
    code = new_code()
    for said in (code, code.lower(), code.replace("-", ""), code.replace("-", " ")):
        assert masking.query_code(f"XS100001 {said}") == f"XS100001 {masking.HIDDEN_CODE}"


def test_an_account_is_not_taken_for_a_code() -> None:
    assert masking.query_code("账号62220000123456") == "账号62220000123456"


def test_names_and_accounts() -> None:
    assert masking.name("张三") == "张**"
    assert masking.account("6222 0000 0000 1234") == "****1234"
    assert masking.account("abc") == "****"
    assert masking.subject("url", "brush.example") == "brush.example"
