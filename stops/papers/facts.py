"""A card as the lines that papers carry: what is missing is said to be, and what looks odd is said, too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from stops.facts import yuan
from stops.models import StopCard, StopTransfer
from stops.plausible import flags
from stops.words import FLAGS, METHODS, PAYEES, Paper
from storage.clock import CHINA


def titled(card: StopCard, title: str) -> str:
    """A paper's title; that of a drill's says what it is."""
    return f"{Paper.drill}{title}" if card.drill else title


def over(card: StopCard) -> str:
    """What stands at the head of every page."""
    return Paper.drill_only if card.drill else ""


def moment(at: datetime | None) -> str:
    """A moment on China's clock, as a bank wants it."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def money(fen: int | None, *, approximate: bool = False) -> str:
    """Yuan with two decimals; empty where it is not known."""
    amount = yuan(fen)
    if amount is None:
        return ""
    return (Paper.about if approximate else "") + Paper.money.format(yuan=f"{amount:,.2f}")


def odd(card: StopCard, now: datetime) -> Mapping[tuple[int, str], str]:
    """What looks odd, by transfer and field."""
    return {(flag.ordinal, flag.field): Paper.check.format(flag=FLAGS[flag.code]) for flag in flags(card, now)}


def _said(words: str) -> str:
    """What was said where a number or a clock time is wanted."""
    return f"{words}{Paper.to_fill}" if words else ""


def transfer_rows(transfer: StopTransfer, doubts: Mapping[tuple[int, str], str]) -> list[tuple[str, ...]]:
    """Label and value, in the order of the bank's message."""

    def shown(value: str, field: str = "") -> str:
        return (value or Paper.to_fill) + doubts.get((transfer.ordinal, field), "")

    at = moment(transfer.transferred_at) or _said(transfer.time_said)
    vague = Paper.about if transfer.time_approximate and transfer.transferred_at else ""
    amount = money(transfer.amount_fen, approximate=transfer.approximate) or _said(transfer.amount_said)
    return [
        ("收款户名", shown(transfer.payee_name, "payee_name"), "账户类型", shown(PAYEES.get(transfer.payee_kind, ""))),
        ("收款账号", shown(transfer.payee_account, "payee_account")),
        ("收款银行", shown(transfer.payee_bank, "bank"), Paper.currency, Paper.yuan),
        ("金额", shown(amount, "amount"), "转账时间", shown(vague + at, "transferred_at")),
        ("到账方式", shown(METHODS.get(transfer.method, "")), "订单号", transfer.order_number),
        ("付款银行", shown(transfer.payer_bank), "付款账号", shown(transfer.payer_account)),
    ]
