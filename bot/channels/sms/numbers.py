"""Phone numbers as the providers write them."""

from __future__ import annotations

import re


def domestic(number: str) -> str:
    """The form Chinese providers dial: no +86; a foreign number keeps its country code, without the plus."""
    return number.removeprefix("+86").removeprefix("+")


def masked(text: str) -> str:
    """``text`` of a provider without the phone numbers in it, fit for a record of errors."""
    return re.sub(r"\d{7,}", "…", text)
