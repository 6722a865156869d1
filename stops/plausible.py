"""What on a card cannot be right: kept as it was said, flagged, and left to people.

A flag names the transfer (0: the card itself), the field and what is odd; ``stops/words.py`` has the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from nlu.entities.contact import luhn
from stops.models import StopCard, StopTransfer
from stops.prefixes import bank_of

CORPORATE_MARKS = ("公司", "商行", "商贸", "店", "厂", "中心", "工作室", "经营部", "合作社", "集团", "个体")
MOST_FEN = 100_000_000_00  # a hundred million yuan; more was never lost in one transfer here
CLOCKS_DIFFER = timedelta(minutes=1)
ORDER_DIGITS = 20  # card numbers have 19 digits at most; payment platforms' order numbers 20 to 32
PLATFORMS = frozenset({"微信", "支付宝", "QQ", "云闪付", "抖音", "京东", "美团"})
_CARD = re.compile(r"\d{15,19}")
_ACCOUNT = re.compile(r"\d{8,25}")
_PLATFORM_ID = re.compile(r"(?=.*[A-Za-z@])[A-Za-z0-9_\-@.+]{5,64}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_PHONE = re.compile(r"(?:\+86)?1[3-9]\d{9}|0\d{9,12}|[2-8]\d{6,7}|[48]00\d{7}|\+[1-9]\d{6,14}")
_NAME = re.compile(r"[\u3400-\u9fffA-Za-z]")


@dataclass(frozen=True, slots=True)
class Flag:
    """Something odd. ``field``: as in ``stops.facts``' needs."""

    ordinal: int
    field: str
    code: str


def payee_kind(name: str) -> str:
    """``corporate`` or ``personal`` by the payee's name; empty without one."""
    if not name:
        return ""
    return "corporate" if any(mark in name for mark in CORPORATE_MARKS) else "personal"


def account_fault(account: str, *, corporate: bool = False, platform: bool = False) -> str:
    """What is odd about a payee's account: ``account_check``, ``account_is_order``, ``account_unread``; else empty.

    Cards carry a check digit (ISO/IEC 7812-1); accounts of companies and of payment platforms need not.
    """
    digits = re.sub(r"[ \-]", "", account)
    if not digits:
        return ""
    if _CARD.fullmatch(digits) and (digits.startswith("62") or not corporate):
        return "" if luhn(digits) else "account_check"
    if digits.isdigit() and len(digits) >= ORDER_DIGITS and not corporate:
        return "account_is_order"
    if _MOBILE.fullmatch(digits) and not platform:
        return "account_is_phone"
    return "" if _ACCOUNT.fullmatch(digits) or _PLATFORM_ID.fullmatch(account) else "account_unread"


def amount_fault(amount_fen: int | None) -> str:
    """``amount_zero`` or ``amount_huge`` where no such transfer can be."""
    if amount_fen is None:
        return ""
    return "amount_zero" if amount_fen <= 0 else "amount_huge" if amount_fen > MOST_FEN else ""


def phone_fault(phone: str) -> str:
    """``phone_unread`` for what nobody can dial."""
    return "" if not phone or _PHONE.fullmatch(re.sub(r"[ \-()]", "", phone)) else "phone_unread"


def name_fault(name: str) -> str:
    """``name_unread`` for a name without a letter."""
    return "" if not name or _NAME.search(name) else "name_unread"


def flags(card: StopCard, now: datetime) -> list[Flag]:
    """Everything odd about a card."""
    found = [Flag(0, "callback_phone", phone_fault(card.callback_phone))]
    found.append(Flag(0, "victim_name", name_fault(card.victim_name)))
    for transfer in card.transfers:
        found += _of_transfer(transfer, now)
    return [flag for flag in found if flag.code]


def _of_transfer(transfer: StopTransfer, now: datetime) -> list[Flag]:
    ordinal = transfer.ordinal
    amount = amount_fault(transfer.amount_fen)
    if transfer.amount_fen is None and transfer.amount_said:
        amount = "amount_unread"
    future = transfer.transferred_at is not None and transfer.transferred_at > now + CLOCKS_DIFFER
    return [
        Flag(ordinal, "amount", amount),
        Flag(ordinal, "transferred_at", "time_future" if future else ""),
        Flag(ordinal, "payee_account", account_fault_of(transfer)),
        Flag(ordinal, "payee_name", name_fault(transfer.payee_name)),
        Flag(ordinal, "bank", _bank_fault(transfer)),
    ]


def account_fault_of(transfer: StopTransfer) -> str:
    """What is odd about the account of a transfer, given who and where the payee is."""
    return account_fault(
        transfer.payee_account,
        corporate=transfer.payee_kind == "corporate",
        platform=transfer.payee_bank in PLATFORMS,
    )


def _bank_fault(transfer: StopTransfer) -> str:
    issuer = bank_of(transfer.payee_account)
    return "bank_differs" if issuer and transfer.payee_bank and issuer not in transfer.payee_bank else ""
