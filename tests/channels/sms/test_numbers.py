"""One spelling per phone number."""

from __future__ import annotations

import pytest

from bot.channels.sms.numbers import domestic, masked
from conversations.numbers import normalise


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("17000000001", "+8617000000001"),
        ("8617000000001", "+8617000000001"),
        ("+8617000000001", "+8617000000001"),
        ("008617000000001", "+8617000000001"),
        ("+86 170-0000-0001", "+8617000000001"),
        ("１７０００００００01", "+8617000000001"),
        ("15400000001", "+8615400000001"),  # a prefix the library does not call valid
        ("10086", "10086"),
        ("+8610086", "10086"),
        ("96110", "96110"),
        ("110", "110"),
        ("1069000012345678", "1069000012345678"),
        ("861069000012345678", "1069000012345678"),
        ("+861069000012345678", "1069000012345678"),
        ("010-10000000", "+861010000000"),
        ("+85250000000", "+85250000000"),
        ("+17000000001", "+17000000001"),
    ],
)
def test_spellings(raw: str, number: str) -> None:
    assert normalise(raw) == number


@pytest.mark.parametrize(
    "raw", ["", " ", "+", "0", "00000", "12", "银行", "ICBC", "+" + "9" * 30, "1" * 41, "a17000000001"]
)
def test_what_is_no_number(raw: str) -> None:
    with pytest.raises(ValueError, match="phone number"):
        normalise(raw)


@pytest.mark.parametrize(
    ("number", "dialled"),
    [("+8617000000001", "17000000001"), ("+85250000000", "85250000000"), ("10086", "10086")],
)
def test_what_chinese_providers_dial(number: str, dialled: str) -> None:
    assert domestic(number) == dialled


def test_masking_hides_numbers_and_keeps_codes() -> None:
    assert masked("17000000001 invalid (MK:0001)") == "… invalid (MK:0001)"
