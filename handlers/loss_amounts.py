"""The amounts in a message about a loss: one transfer or several, corrected, totalled, or no amount at all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from conversations.forms import Said, Values
from handlers.answers import is_skip
from nlu.entities.numerals import value_of
from nlu.types import Entity

# What begins to tell of another transfer.
MORE = re.compile(
    r"又转|还转|再转|后来又|又打|又付|又汇|还有一笔|另外一笔|另一笔|另外又|另外还|第[二三四五六2-6]笔|分[两二三四五几]次"
)
NTH = re.compile(r"第([一二三四五六1-6])笔")
CHANGE = re.compile(r"不对|不是|错了|改成|改一下|应该是|搞错|说错|更正|写错|打错")
TOTAL = re.compile(r"(?:一共|总共|共|合计|加起来|总计)(?:是|有|转了|被骗了?|骗了?)*$")
ODD_AMOUNT = re.compile(r"(?<![\d.])(\d{1,15}(?:\.\d{1,2})?|零)\s*([百千万亿]?)\s*(?:元|块钱?|圆|$)")
SPEAKS_OF_MONEY = re.compile(r"钱|元|块|[百千万亿]|全部|积蓄|\d")
PAYMENT = ("payment", "exact", "confirm", "recheck_amount", "recheck_time", "clock")


def entities_of(said: Said) -> list[Entity]:
    """The facts found in a message."""
    return [entity for entity in said.entities if isinstance(entity, Entity)]


def pieces_of(said: Said) -> list[Said]:
    """The message cut where it begins to tell of another transfer: a cue, and an amount before the next one.

    What follows the cuts answers no question.
    """
    starts: list[int] = []
    for cue in MORE.finditer(said.text):
        clause = max(said.text.rfind(mark, 0, cue.start()) for mark in ",，。;；!！\n") + 1
        starts.append(clause if clause > (starts[-1] if starts else 0) else cue.start())
    amounts = [entity.start for entity in entities_of(said) if entity.type == "amount" and entity.valid]
    spans = itertools.pairwise([*starts, len(said.text)])
    cuts = [start for start, end in spans if any(start <= amount < end for amount in amounts)]
    bounds = [0, *cuts, len(said.text)]
    return [_cut(said, start, end) for start, end in itertools.pairwise(bounds)]


def _cut(said: Said, start: int, end: int) -> Said:
    if (start, end) == (0, len(said.text)):
        return said
    inside = [
        replace(entity, start=entity.start - start, end=entity.end - start)
        for entity in entities_of(said)
        if start <= entity.start and entity.end <= end
    ]
    return replace(said, text=said.text[start:end], entities=inside, asked="" if start else said.asked)


def _amounts_of(piece: Said) -> list[Entity]:
    amounts = [entity for entity in entities_of(piece) if entity.type == "amount" and entity.valid]
    return [entity for entity in amounts if entity.transfer] or amounts


def _item(entity: Entity) -> dict[str, Any]:
    return {"yuan": entity.value, "approximate": entity.approximate}


Details = Callable[[Said], dict[str, Any]]


def read_amounts(said: Said, pieces: list[Said], values: Values, details: Details, found: dict[str, Any]) -> None:
    """Put the transfers a message tells of into ``found``; ``details`` reads what else a piece says of its own one."""
    known: list[dict[str, Any]] = [dict(item) for item in values.get("amount", ())]
    first = [_item(e) for e in _without_total(pieces[0], several=len(pieces) > 1)]
    later = [item for piece in pieces[1:] for item in _further_items(piece, details)]
    if CHANGE.search(said.text) and known and (first or later):
        _correct(said, [*first, *later], known, found)
    elif later:
        if first and known and all(_knows(known, item) for item in [*first, *later]):
            return  # the same story again
        base = known or first[:1] or [{}]
        if not known and not first:
            base = later[:1]
            later = later[1:]
        found["amount"] = base + later
    elif first:
        _take_first(said, first, known, found)
    elif said.asked in PAYMENT or not known:
        _read_odd_amount(said, known, found)


def _knows(known: list[dict[str, Any]], item: dict[str, Any]) -> bool:
    return any(one.get("yuan") == item["yuan"] for one in known)


def _without_total(piece: Said, *, several: bool) -> list[Entity]:
    """The amounts of a piece; where single transfers follow, a sum of them is none itself."""
    amounts = _amounts_of(piece)
    return [e for e in amounts if not (several and TOTAL.search(piece.text[: e.start]))]


def _further_items(piece: Said, details: Details) -> list[dict[str, Any]]:
    """The transfers told in a piece after a cut, each with what is said of it alone."""
    amounts = _without_total(piece, several=True)
    if len(amounts) == 1:
        return [{**_item(amounts[0]), **details(piece)}]
    return [_item(entity) for entity in amounts]


def _correct(said: Said, read: list[dict[str, Any]], known: list[dict[str, Any]], found: dict[str, Any]) -> None:
    nth = NTH.search(said.text)
    place = int(value_of(nth.group(1))[0]) - 1 if nth else 0
    place = min(place, len(known) - 1)
    known[place] = {**known[place], **read[-1]}  # "不是三万,是三万二": the last one counts
    found["amount"] = known
    if not read[-1]["approximate"]:
        found["exact_amount"] = "yes"


def _take_first(said: Said, first: list[dict[str, Any]], known: list[dict[str, Any]], found: dict[str, Any]) -> None:
    if known and said.asked not in PAYMENT:
        return
    if known and said.asked in ("exact", "payment"):
        place = next((i for i, item in enumerate(known) if item.get("approximate") or not item), 0)
    else:
        place = 0
    if known:
        known[place] = {**known[place], **first[0]}
        found["amount"] = known
    else:
        found["amount"] = first[:1]
    if said.asked == "exact" or (known and not first[0]["approximate"]):
        found["exact_amount"] = "yes"


def _read_odd_amount(said: Said, known: list[dict[str, Any]], found: dict[str, Any]) -> None:
    """Nothing that could be an amount of money lost, but said as one: kept, to be asked about."""
    text = said.text.strip(" 。.,，!！")
    if any(e.type in ("phone", "bank_card") for e in entities_of(said)):
        return
    odd = ODD_AMOUNT.search(text)
    asked = said.asked in ("payment", "exact", "recheck_amount")
    if odd and (asked or re.search(r"\d{10,}\s*(?:元|块)|(?<!\d)0\s*(?:元|块)", text)):
        unit = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[odd.group(2)]
        value = Decimal(0 if odd.group(1) == "零" else odd.group(1)) * unit
        item = {"yuan": format(value, "f"), "approximate": False}
        found["amount"] = [{**known[0], **item}, *known[1:]] if known else [item]
    elif (
        asked
        and not known
        and len(text) <= 40
        and SPEAKS_OF_MONEY.search(text)
        and not (entities_of(said) or is_skip(text))
    ):
        found["amount_said"] = text
