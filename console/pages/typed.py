"""What an officer typed onto a card, and what somebody else changed there meanwhile."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from console import masking, moments, words
from console.pages import transfers
from console.pages.board import money
from console.pages.transfers import Field
from stops.amending import Meanwhile, Value
from stops.models import StopCard, StopTransfer
from stops.record import CardError, Change
from storage.clock import CHINA

MAX_FEN = 10**15
LONGEST = 64
COLUMNS = {"amount": "amount_fen"}  # where the form's name is not the column's
_GAPS = re.compile(r"[\s\-]")


class Stale(CardError):
    """Somebody else changed the same field. ``extra`` goes to the script: the card's version and fields now."""

    def __init__(self, message: str, card: StopCard, ordinal: int) -> None:
        super().__init__(message)
        fields = {field.name: {"value": field.value, "shown": _said(field)} for field in shown(card, ordinal)}
        self.extra = {"changed": {"version": card.version, "fields": fields}}


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it came: by field what it held when it was opened, and what it holds now. ``ordinal`` 0: the card."""

    version: int
    ordinal: int
    was: Mapping[str, str]
    now: Mapping[str, str]


def read(form: Mapping[str, str]) -> Typed:
    """The form of one payment or of the card itself; raises ValueError when it is not one of ours."""
    was = {name[4:]: value.strip() for name, value in form.items() if name.startswith("was.")}
    now = {name: form.get(name, value).strip() for name, value in was.items()}
    return Typed(int(form["version"]), int(form["ordinal"]), was, now)


def values(card: StopCard, typed: Typed) -> dict[str, Value]:
    """What was really changed, under the names of the history. Raises :class:`CardError` for what cannot be read."""
    prefix = f"{typed.ordinal}." if typed.ordinal else ""
    return {
        prefix + COLUMNS.get(field.name, field.name): _value(field, typed.now[field.name])
        for field in shown(card, typed.ordinal)
        if typed.now.get(field.name, field.value) not in (typed.was.get(field.name), field.value)
    }


def shown(card: StopCard, ordinal: int) -> list[Field]:
    """The fields of a form, as they are now; a payment that is not there yet has empty ones."""
    if ordinal == 0:
        return transfers.own_fields(card)
    row = next((row for row in card.transfers if row.ordinal == ordinal), None)
    return transfers.fields(row or StopTransfer(ordinal=ordinal))


def told(meanwhile: Iterable[Meanwhile], names: Mapping[uuid.UUID, str], now: datetime) -> str:
    """Who changed what since a page was drawn, in one line; empty for nothing."""
    lines = []
    for item in meanwhile:
        changes = [line for change in item.changes if (line := _line(change))]
        if changes:
            who = names.get(item.by, words.SOMEBODY) if item.by else words.RESIDENT
            lines.append(words.CHANGED_BY.format(who=who, time=moments.clock(item.at, now), changes="；".join(changes)))
    return "。".join(lines)


def changed(changes: Iterable[Change]) -> str:
    """What a line of the history changed, in words; what was nothing before is only named."""
    return "；".join(line for change in changes if (line := _line(change)))


def _line(change: Change) -> str:
    ordinal, _, name = change.field.rpartition(".")
    label = words.FIELDS.get({column: name for name, column in COLUMNS.items()}.get(name, name), "")
    if not label:
        return ""
    where = words.NTH.format(ordinal=ordinal) if ordinal not in ("", "1") else ""
    after = _plain(name, change.after)
    if change.before in (None, ""):
        return words.ONE_TOLD.format(label=where + label, after=after)
    return words.ONE_CHANGED.format(label=where + label, before=_plain(name, change.before), after=after)


def _plain(name: str, value: Any) -> str:
    """A value of the history in words."""
    if value in (None, ""):
        return words.NOTHING
    match name:
        case "amount_fen":
            return money(int(value), approximate=False)
        case "transferred_at":
            return moments.full(datetime.fromisoformat(value))
        case "payee_kind":
            return words.PAYEE_KINDS.get(value, str(value))
        case "method":
            return words.METHODS.get(value, str(value))
    return masking.query_code(str(value))


def _said(field: Field) -> str:
    return field.choices.get(field.value, field.value).replace("T", " ") or words.NOTHING


def _value(field: Field, text: str) -> Value:
    match field.kind:
        case "amount":
            return fen(text)
        case "moment":
            return moment(text)
        case "digits":
            return _GAPS.sub("", text)[:LONGEST]
        case "choice":
            return text if text in field.choices else ""
        case _:
            return text[:LONGEST]


def fen(text: str) -> int | None:
    """Money as people type it; None for nothing. Raises :class:`CardError`."""
    if not text:
        return None
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").removesuffix("元")) * 100
    except InvalidOperation:
        raise CardError(words.BAD_AMOUNT) from None
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 < amount <= MAX_FEN:
        raise CardError(words.BAD_AMOUNT)
    return int(amount)


def moment(text: str) -> datetime | None:
    """A moment as the browser's field for one gives it, China's time; None for nothing. Raises :class:`CardError`."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError:
        raise CardError(words.BAD_MOMENT) from None
