"""Query codes: readable over the phone, checked, stored only as a keyed hash."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sealing import Sealer, install
from tips import codes


@pytest.fixture(autouse=True)
def _sealed() -> None:
    install(Sealer(base64.b64encode(b"k" * 32).decode()))


def test_a_code_has_its_bits_and_groups() -> None:
    code = codes.new_code()
    assert [len(group) for group in code.split("-")] == [4, 4, 3, 3]
    assert 32**codes.LENGTH >= 2**60
    assert len({codes.new_code() for _ in range(500)}) == 500


def test_however_it_is_written_it_verifies() -> None:
    code = codes.new_code()
    stored = codes.hash_code(code)
    for written in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code} "):
        assert codes.verify(stored, written)
    assert not codes.verify(stored, codes.new_code())
    assert code.replace("-", "") not in stored


@given(st.integers(0, codes.LENGTH), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_noticed(place: int, other: str) -> None:
    whole = codes.new_code().replace("-", "")
    wrong = whole[:place] + other + whole[place + 1 :]
    assert (codes.normalise(wrong) is None) == (wrong != whole)


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    codes.find(text)
    codes.normalise(text)


@pytest.mark.parametrize("text", ["我的码{}谢谢", "XS100001 {}", "{}", "领奖码:{}。"])
def test_it_is_found_in_a_sentence(text: str) -> None:
    code = codes.new_code()
    assert codes.find(text.format(code)) == code


def test_letters_that_look_alike_are_read_right() -> None:
    assert codes.READ_AS[ord("O")] == "0"
    code = "0011" + codes.new_code()[4:]
    body = code.replace("-", "")[:13]
    whole = body + codes._check(body)
    assert codes.normalise(whole.replace("0", "o").replace("1", "l")) == whole
