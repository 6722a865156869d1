"""Hiding personal values where a list or a preview shows them."""

from __future__ import annotations

import re

from conversations.inbound import Channel
from tips import codes

DOTS = "****"
# Digits as people write them: together, or in groups with one space or dash between.
_RUN = re.compile(r"(?<![0-9A-Za-z])\+?\d(?:[ \-]?\d){6,29}(?:[Xx])?(?![0-9A-Za-z])")
_MONEY = re.compile(r"\s*(?:元|块|万|千|圆|\.\d)")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_TIP_NUMBER = re.compile(r"XS ?-?\d{6,9}", re.IGNORECASE)
HIDDEN_CODE = "****-****-***-***"


def phone(number: str) -> str:
    """``+8617000000001`` → ``170****0001``; other numbers keep three digits in front and two at the end."""
    digits = re.sub(r"\D", "", number)
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return f"{mobile.group(1)[:3]}{DOTS}{digits[-4:]}"
    return f"{digits[:3]}{DOTS}{digits[-2:]}" if len(digits) > 5 else DOTS if digits else ""


def account(value: str) -> str:
    """A card or account by its last four characters."""
    bare = re.sub(r"[ \-]", "", value)
    return f"{DOTS}{bare[-4:]}" if len(bare) > 6 else DOTS if bare else ""


def name(value: str) -> str:
    """A name by its first character, a company by its first two."""
    return f"{value[:2] if len(value) > 4 else value[:1]}**" if value else ""


def sender(channel: str, value: str) -> str:
    """Who writes: a phone number, or the end of an OpenID."""
    return phone(value) if channel == Channel.SMS else value[-4:]


def subject(kind: str, value: str) -> str:
    """Something a tip names. Links and apps are nobody's personal data."""
    if kind == "phone":
        return phone(value)
    return account(value) if kind in ("bank_card", "account") else value


def text(value: str) -> str:
    """Free text with phones, cards, identity numbers and query codes hidden."""
    return _RUN.sub(_hide, query_code(value))


def _hide(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found.group())
    if len(digits) < 10 and _MONEY.match(found.string, found.end()):
        return found.group()
    return phone(digits) if len(digits) <= 11 or _MOBILE.fullmatch(digits) else account(digits)


def secret(value: str) -> str:
    """A text of ours that carries a query code: whatever looks like one is hidden."""
    return codes.CODE.sub(HIDDEN_CODE, value)


def query_code(value: str) -> str:
    """A text of a resident: a code is hidden where it is one by its check character, or stands by a tip's number."""
    by_number = bool(_TIP_NUMBER.search(value))

    def hide(found: re.Match[str]) -> str:
        code = found.group()
        mixed = any(char.isalpha() for char in code)
        return HIDDEN_CODE if mixed and (by_number or codes.normalise(code)) else code

    return codes.CODE.sub(hide, value)
