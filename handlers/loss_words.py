"""A card in words for the resident: what was just understood, and everything decisive read back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from handlers.words import urgent as words
from stops.models import StopCard, StopTransfer
from stops.prefixes import bank_of
from stops.record import Change
from storage.clock import CHINA

# What is repeated at once, so that a wrong digit is seen while the transfer record is still open.
ECHOED = ("payee_account", "payee_name", "payee_bank", "amount_fen", "transferred_at")


def read_back(card: StopCard) -> str:
    """Everything decisive, for the resident to check digit by digit."""
    lines: list[str] = []
    several = len(card.transfers) > 1
    before: dict[str, str] = {}
    for transfer in card.transfers:
        told = _lines(transfer)
        shown = {key: value for key, value in told.items() if value and before.get(key) != value}
        if several and shown:
            lines.append(words.NTH.format(ordinal=transfer.ordinal))
        lines += [f"{words.LABELS[key]}：{value}" for key, value in shown.items()]
        before = {**before, **shown}
    if card.victim_name:
        lines.append(f"{words.LABELS['victim_name']}：{card.victim_name}")
    if card.callback_phone:
        lines.append(f"{words.LABELS['callback_phone']}：{card.callback_phone}")
    return words.READ_BACK.format(lines="\n".join(lines))


def echo(card: StopCard, changes: Collection[Change]) -> str:
    """The decisive facts among what was just told, repeated; empty when there is none."""
    changed = {change.field for change in changes}
    facts: list[str] = []
    for transfer in card.transfers:
        mine = [name for name in ECHOED if f"{transfer.ordinal}.{name}" in changed]
        told = _lines(transfer)
        keys = {"amount_fen": "amount", "transferred_at": "time_said"}
        facts += [value for name in mine if (value := told[keys.get(name, name)])]
    return words.TAKEN_FACTS.format(facts="，".join(facts)) if facts else ""


def _lines(transfer: StopTransfer) -> dict[str, str]:
    return {
        "payee_account": _account(transfer),
        "payee_name": transfer.payee_name,
        "payee_bank": transfer.payee_bank or "",
        "amount": amount(transfer.amount_fen, approximate=transfer.approximate) or transfer.amount_said or "",
        "time_said": _moment(transfer.transferred_at, transfer.time_said or ""),
        "method": words.METHODS.get(transfer.method or "", ""),
        "payer_bank": transfer.payer_bank or "",
    }


def _account(transfer: StopTransfer) -> str:
    shown = _grouped(transfer.payee_account)
    issuer = bank_of(transfer.payee_account)
    if issuer and transfer.payee_bank and issuer not in transfer.payee_bank:
        return words.CARD_OF.format(value=shown, bank=issuer)
    return shown


def _grouped(account: str) -> str:
    if account.isdigit() and len(account) > 11:
        return " ".join(account[start : start + 4] for start in range(0, len(account), 4))
    return account


def amount(fen: int | None, *, approximate: bool) -> str:
    """Money in yuan, "about" where it is."""
    if fen is None:
        return ""
    yuan = Decimal(fen) / 100
    text = f"{yuan:f}" if yuan != yuan.to_integral_value() else f"{int(yuan)}"
    return f"{words.ABOUT if approximate else ''}{text}{words.YUAN}"


def _moment(moment: datetime | None, said: str) -> str:
    if moment is None:
        return said
    local = moment.astimezone(CHINA)
    clock = f"{local.month}月{local.day}日{local.hour:02d}:{local.minute:02d}"
    return f"{said}({clock})" if said else clock
