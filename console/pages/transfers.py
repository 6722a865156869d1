"""One payment of a card: as it is read, copied, and typed off a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console import moments, words
from console.pages.board import money
from stops import words as stop_words
from stops.facts import yuan
from stops.models import StopCard, StopTransfer
from stops.plausible import flags


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a card. ``copy``: what the copy button takes; ``note``: a caution beside it."""

    label: str
    value: str
    copy: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. ``kind``: text, digits, amount, moment or choice (of ``choices``)."""

    name: str
    label: str
    value: str
    kind: str = "text"
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment. ``ordinal`` is 0 for the card's own fields."""

    ordinal: int
    title: str
    facts: list[Fact]
    fields: list[Field]


def payments(card: StopCard, now: datetime) -> list[Payment]:
    """Those of a card, or an empty first one to type into; with what is odd about them."""
    rows = card.transfers or [StopTransfer(ordinal=1)]
    odd = {(flag.ordinal, flag.field): stop_words.FLAGS[flag.code] for flag in flags(card, now)}
    return [
        Payment(
            row.ordinal,
            _title(row, len(rows)),
            facts(row, {name: note for (ordinal, name), note in odd.items() if ordinal == row.ordinal}),
            fields(row),
        )
        for row in rows
    ]


def _title(row: StopTransfer, count: int) -> str:
    return words.NTH.format(ordinal=row.ordinal) if count > 1 else words.PAYMENT


def facts(row: StopTransfer, odd: Mapping[str, str]) -> list[Fact]:
    """What is known of a payment, in the order a bank asks for it. ``odd``: cautions by field."""
    amount = yuan(row.amount_fen)
    when = moments.full(row.transferred_at)
    method = words.METHODS.get(row.method or "", "")
    return [
        _fact("payee_account", _grouped(row.payee_account), row.payee_account, odd.get("payee_account", "")),
        _fact(
            "payee_name",
            row.payee_name,
            row.payee_name,
            _notes(words.PAYEE_KINDS.get(row.payee_kind, ""), odd.get("payee_name", "")),
        ),
        _fact("payee_bank", row.payee_bank, row.payee_bank, odd.get("bank", "")),
        _fact(
            "amount",
            money(row.amount_fen, approximate=bool(row.approximate)) if row.amount_fen else "",
            f"{amount:.2f}" if amount and not row.approximate else "",
            _notes(words.SAID.format(said=row.amount_said) if row.amount_said else "", odd.get("amount", "")),
        ),
        _fact("transferred_at", when, when, _notes(_told(row), odd.get("transferred_at", ""))),
        _fact("method", method, method),
        _fact("payer_bank", row.payer_bank, row.payer_bank),
        _fact("payer_account", _grouped(row.payer_account), row.payer_account),
        _fact("order_number", row.order_number, row.order_number),
    ]


def _fact(name: str, value: str | None, copy: str | None = "", note: str = "") -> Fact:
    return Fact(words.FIELDS[name], value or "", copy or "", note)


def _told(row: StopTransfer) -> str:
    told = words.SAID.format(said=row.time_said) if row.time_said else ""
    return "、".join(part for part in (told, words.ROUGHLY if row.time_approximate else "") if part)


def _notes(*notes: str) -> str:
    return "、".join(note for note in notes if note)


def _grouped(account: str) -> str:
    if not account.isdigit() or len(account) <= 11:
        return account
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def fields(row: StopTransfer) -> list[Field]:
    """The same as a form, ready to be corrected."""
    amount = yuan(row.amount_fen)
    return [
        _field("payee_account", row.payee_account, "digits"),
        _field("payee_name", row.payee_name),
        Field("payee_kind", words.FIELDS["payee_kind"], row.payee_kind or "", "choice", words.PAYEE_KINDS),
        _field("payee_bank", row.payee_bank),
        _field("amount", f"{amount:.2f}" if amount is not None else "", "amount"),
        _field("transferred_at", typed_moment(row.transferred_at), "moment"),
        Field("method", words.FIELDS["method"], row.method or "", "choice", words.METHODS),
        _field("payer_bank", row.payer_bank),
        _field("payer_account", row.payer_account, "digits"),
        _field("order_number", row.order_number),
    ]


def own_fields(card: StopCard) -> list[Field]:
    """What belongs to the card itself."""
    return [_field("callback_phone", card.callback_phone, "digits"), _field("victim_name", card.victim_name)]


def _field(name: str, value: str | None, kind: str = "text") -> Field:
    return Field(name, words.FIELDS[name], value or "", kind)


def typed_moment(moment: datetime | None) -> str:
    """A moment as the browser's field for one gives it back, China's time: seconds only where there are some.

    Written otherwise, a field nobody touched would come back changed.
    Source: HTML standard, "valid normalized local date and time string".
    """
    return moments.full(moment).replace(" ", "T").removesuffix(":00")


def as_text(card: StopCard, shown: list[Payment], lacking: list[str], fraud: str) -> str:
    """The whole card as lines to paste elsewhere."""
    head = {
        "number": card.number,
        "reported_at": moments.full(card.reported_at),
        "callback_phone": card.callback_phone,
        "victim_name": card.victim_name,
        "fraud": fraud,
    }
    lines = [words.DRILL_MARK + words.DRILL_FIRST] if card.drill else []
    lines += [f"{words.FIELDS[key]}：{value}" for key, value in head.items() if value]
    for payment in shown:
        known = [f"{fact.label}：{fact.copy or fact.value}" for fact in payment.facts if fact.value]
        lines += [words.NTH.format(ordinal=payment.ordinal), *known] if known else []
    if lacking:
        lines.append(words.LACKING.format(names="、".join(lacking)))
    return "\n".join(lines)
