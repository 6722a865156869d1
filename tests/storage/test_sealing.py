"""Sealed values open only in their own row and column."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import LargeBinary

import stops.orders.models  # noqa: F401 all tables are looked at
import tips.models  # noqa: F401
from conversations.models import Message
from storage.base import Base
from storage.sealing import SealedJson, SealedText, Sealer, SealingError, install

KEY = base64.b64encode(b"k" * 32).decode()
# Blind indexes: keyed digests to find an exact value by.
PLAIN_BINARY = {
    "contacts.sender_index",
    "stop_orders.account_index",
    "stop_transfers.account_index",
    "verdicts.value_index",
    "sightings.value_index",
    "warning_orders.phone_index",
}


@pytest.fixture(autouse=True)
def _sealed() -> None:
    install(Sealer(KEY))


def test_a_value_moved_to_another_row_does_not_open() -> None:
    one, other = Message(text="我被骗了"), Message()
    other.text_sealed = one.text_sealed
    assert one.text == "我被骗了"
    with pytest.raises(SealingError):
        _ = other.text


def test_a_value_moved_to_another_column_does_not_open() -> None:
    message = Message(text="我被骗了")
    message.detail_sealed = message.text_sealed
    with pytest.raises(SealingError):
        _ = message.detail


def test_an_altered_value_does_not_open() -> None:
    message = Message(text="我被骗了")
    assert message.text_sealed is not None
    message.text_sealed = message.text_sealed[:-1] + bytes([message.text_sealed[-1] ^ 1])
    with pytest.raises(SealingError):
        _ = message.text


def test_another_key_does_not_open() -> None:
    message = Message(text="我被骗了")
    install(Sealer(base64.b64encode(b"x" * 32).decode()))
    with pytest.raises(SealingError):
        _ = message.text


def test_the_same_text_never_looks_the_same() -> None:
    message = Message(text="一样")
    first = message.text_sealed
    message.text = "一样"
    assert message.text_sealed != first
    assert "一样".encode() not in (message.text_sealed or b"")


def test_lone_surrogates_and_empty_values() -> None:
    message = Message(text="\ud83d", detail={})
    assert message.text == "\ud83d"
    assert message.detail_sealed is None
    assert message.detail == {}


def test_every_binary_column_is_sealed_or_a_blind_index() -> None:
    for mapper in Base.registry.mappers:
        sealed = {
            attribute._column
            for attribute in vars(mapper.class_).values()
            if isinstance(attribute, SealedText | SealedJson)
        }
        table = mapper.local_table
        binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
        unknown = {f"{table.name}.{name}" for name in binary - sealed} - PLAIN_BINARY
        assert not unknown


def test_blind_indexes_tell_domains_apart() -> None:
    sealer = Sealer(KEY)
    assert sealer.blind("a", "1") == sealer.blind("a", "1")
    assert sealer.blind("a", "1") != sealer.blind("b", "1")


@pytest.mark.parametrize("key", ["", "abc", base64.b64encode(b"short").decode()])
def test_a_bad_key_is_refused(key: str) -> None:
    with pytest.raises((SealingError, ValueError)):
        Sealer(key)
