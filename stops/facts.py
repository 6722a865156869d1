"""What is known of a loss, as plain values, and what a bank still needs.

A bank compares payee name, account, amount and time; any mismatch means no stop. Mandatory in a bank's parser:
payee bank, personal or corporate, payee name, payee account, currency, amount and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from stops.models import StopCard, StopTransfer
from stops.plausible import flags

GOLDEN = timedelta(minutes=30)  # the station's own clock, from the transfer or else from the report
DISSUADE_WITHIN = timedelta(minutes=10)
# In the order an officer works through them.
CARD_NEEDS = ("callback_phone",)
TRANSFER_NEEDS = ("payee_account", "payee_name", "payee_bank", "amount", "transferred_at")


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """One payment as told. ``None`` and empty: not known."""

    amount_fen: int | None = None
    amount_said: str = ""
    approximate: bool = False
    transferred_at: datetime | None = None
    time_said: str = ""
    time_approximate: bool = False
    method: str = ""
    payer_bank: str = ""
    payer_account: str = ""
    payee_name: str = ""
    payee_account: str = ""
    payee_bank: str = ""
    order_number: str = ""
    evidence_id: str = ""


@dataclass(frozen=True, slots=True)
class LossFacts:
    """One loss event as told so far."""

    callback_phone: str = ""
    victim_name: str = ""
    third_party: bool = False
    fraud_type: str = ""
    story: str = ""
    confirmed: bool = False
    transfers: tuple[TransferFacts, ...] = field(default=())


def deadline(
    reported_at: datetime, transfers: Sequence[datetime | None] = (), *, about_to_pay: bool = False
) -> datetime:
    """Until when the officer has a good chance: transfer + 30 min, else report + 30 min; before a payment 10 min.

    Of several transfers the first counts whose half hour still ran when the loss was reported.
    """
    if about_to_pay:
        return reported_at + DISSUADE_WITHIN
    ends = sorted(moment + GOLDEN for moment in transfers if moment is not None and moment <= reported_at)
    if not ends:
        return reported_at + GOLDEN
    return next((end for end in ends if end > reported_at), ends[-1])


def missing(card: StopCard, now: datetime) -> list[str]:
    """Names of what a bank still needs, over all transfers of a card; empty when complete.

    Something that is there but cannot be right (:mod:`stops.plausible`) is missing, too.
    """
    doubtful = {(flag.ordinal, flag.field) for flag in flags(card, now)}
    lacking = [need for need in CARD_NEEDS if not getattr(card, need) or (0, need) in doubtful]
    for transfer in card.transfers or [StopTransfer(ordinal=1)]:
        for need in TRANSFER_NEEDS:
            if need not in lacking and (not _has(transfer, need) or (transfer.ordinal, need) in doubtful):
                lacking.append(need)
    return lacking


def _has(transfer: StopTransfer, need: str) -> bool:
    if need == "amount":
        return transfer.amount_fen is not None and not transfer.approximate
    if need == "transferred_at":
        return transfer.transferred_at is not None
    return bool(getattr(transfer, need))


def yuan(amount_fen: int | None) -> Decimal | None:
    """Fen as yuan."""
    return None if amount_fen is None else Decimal(amount_fen) / 100
