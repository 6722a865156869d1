"""The bank a card number tells, and that the table is one of facts."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml

from nlu.entities.names import names
from stops.prefixes import TABLE, bank_of
from tests.handlers.victims import ABC, UNKNOWN


@pytest.mark.parametrize(
    ("account", "bank"),
    [(ABC, "中国农业银行"), (ABC[:-1], ""), (UNKNOWN, ""), ("", ""), ("622848abc", ""), ("wxid_622848", "")],
)
def test_the_bank_of_a_number(account: str, bank: str) -> None:
    assert bank_of(account) == bank


def test_every_prefix_has_one_bank_that_residents_can_name() -> None:
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    every = Counter(
        (length, prefix) for lengths in table.values() for length, row in lengths.items() for prefix in str(row).split()
    )
    assert [key for key, count in every.items() if count > 1] == []
    assert all(prefix.startswith("62") and len(prefix) == 6 for _, prefix in every)
    assert {next(names(bank)).value for bank in table} == set(table)
