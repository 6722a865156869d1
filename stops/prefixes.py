"""Which bank issued a card, by the first digits of its number."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("card_prefixes.yml")
DIGITS = 6


@lru_cache(maxsize=1)
def _banks() -> dict[tuple[str, int], str]:
    table: dict[str, dict[int, str]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {
        (prefix, length): bank
        for bank, lengths in table.items()
        for length, prefixes in lengths.items()
        for prefix in str(prefixes).split()
    }


def bank_of(account: str) -> str:
    """The issuing bank's canonical name; empty where the table does not know prefix and length together."""
    return _banks().get((account[:DIGITS], len(account)), "") if account.isdigit() else ""
