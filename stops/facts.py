"""What is known of a loss, as plain values, and what a bank still needs.

A bank compares payee name, account, amount and time; any mismatch means no stop. Mandatory in a bank's parser:
payee bank, personal or corporate, payee name, payee account, currency, amount and time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from stops.models import StopCard, StopTransfer

GOLDEN = timedelta(minutes=30)  # the station's own clock, from the transfer or else from the report
DISSUADE_WITHIN = timedelta(minutes=10)
CORPORATE_MARKS = ("公司", "商行", "商贸", "店", "厂", "中心", "工作室", "经营部", "合作社", "集团", "个体")
# In the order an officer works through them.
CARD_NEEDS = ("callback_phone",)
TRANSFER_NEEDS = ("payee_account", "payee_name", "payee_bank", "amount", "transferred_at")


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """One payment as told. ``None`` and empty: not known."""

    amount_fen: int | None = None
    approximate: bool = False
    transferred_at: datetime | None = None
    time_said: str = ""
    time_approximate: bool = False
    method: str = ""
    payer_bank: str = ""
    payer_account: str = ""
    payee_name: str = ""
    payee_account: str = ""
    payee_account_valid: bool = True
    payee_bank: str = ""
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class LossFacts:
    """One loss event as told so far."""

    callback_phone: str = ""
    victim_name: str = ""
    third_party: bool = False
    fraud_type: str = ""
    story: str = ""
    confirmed: bool = False
    evidence_id: str = ""
    transfers: tuple[TransferFacts, ...] = field(default=())

    def first(self) -> TransferFacts:
        """The first payment, empty if none is known."""
        return self.transfers[0] if self.transfers else TransferFacts()


def payee_kind(name: str) -> str:
    """``corporate`` or ``personal`` by the payee's name; empty without one."""
    if not name:
        return ""
    return "corporate" if any(mark in name for mark in CORPORATE_MARKS) else "personal"


def deadline(reported_at: datetime, transferred_at: datetime | None, *, about_to_pay: bool = False) -> datetime:
    """Until when the officer has a good chance: transfer + 30 min, else report + 30 min; before a payment 10 min."""
    if about_to_pay:
        return reported_at + DISSUADE_WITHIN
    if transferred_at is not None and transferred_at <= reported_at:
        return transferred_at + GOLDEN
    return reported_at + GOLDEN


def missing(card: StopCard, now: datetime) -> list[str]:
    """Names of what a bank still needs, over all transfers of a card; empty when complete."""
    lacking = [need for need in CARD_NEEDS if not getattr(card, need)]
    for transfer in card.transfers or [StopTransfer(ordinal=1)]:
        for need in TRANSFER_NEEDS:
            if need not in lacking and not _has(transfer, need, now):
                lacking.append(need)
    return lacking


def _has(transfer: StopTransfer, need: str, now: datetime) -> bool:
    if need == "amount":
        return bool(transfer.amount_fen and transfer.amount_fen > 0 and not transfer.approximate)
    if need == "transferred_at":
        return transfer.transferred_at is not None and transfer.transferred_at <= now + timedelta(minutes=1)
    if need == "payee_account":
        return bool(transfer.payee_account) and transfer.payee_account_valid is not False
    return bool(getattr(transfer, need))


def yuan(amount_fen: int | None) -> Decimal | None:
    """Fen as yuan."""
    return None if amount_fen is None else Decimal(amount_fen) / 100
