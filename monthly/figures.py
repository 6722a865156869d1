"""The figures of one month in China, by village: what the page, the paper and the table of a monthly report show.

What was received counts on the day it came, what was achieved on the day it was. So the figures of a month that is over
stay, but for the sums officers enter later on a card. Drills and cards merged into another do not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from conversations.models import Contact
from rewards.models import Act, Claim, ClaimEvent
from stops import figures as stop_figures
from stops.orders.models import OrderStep, Outcome, Step, WarningOrder
from storage.clock import CHINA, china_date
from tips.models import Tip, TipEvent, TipState

UNKNOWN = stop_figures.UNKNOWN
ZERO = Decimal("0.00")
DISSUADED = (Outcome.STOPPED.value, Outcome.NO_RISK.value)


@dataclass(frozen=True, slots=True)
class Line:
    """One village, or all of them. ``village`` empty: no record says which. ``rank`` 0: not ranked. Money is yuan.

    ``rewards``: how many were paid; ``losses``: cards where money had gone; ``dissuaded``: orders that ended well.
    """

    village: str
    rank: int = 0
    tips: int = 0
    verified: int = 0
    rewards: int = 0
    rewarded: Decimal = ZERO
    losses: int = 0
    lost: Decimal = ZERO
    warned: int = 0
    dissuaded: int = 0


@dataclass(frozen=True, slots=True)
class Fraud:
    """The cards of one fraud type, by its code; empty: not known."""

    code: str
    cards: int
    losses: int
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Report:
    """A month, by its first day. Villages come by rank, the unknown last; fraud types with the most cards first."""

    month: date
    total: Line
    unfounded: int
    cards: int
    stopped: Decimal
    returned: Decimal
    villages: tuple[Line, ...]
    frauds: tuple[Fraud, ...]

    @property
    def empty(self) -> bool:
        """Whether there was nothing at all."""
        return not self.villages and not self.cards and not self.unfounded


def month_before(moment: datetime) -> date:
    """The month before the one of a moment."""
    return (china_date(moment).replace(day=1) - timedelta(days=1)).replace(day=1)


def following(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def report(session: Session, month: date, now: datetime) -> Report:
    """Every figure of a month; whatever shows them asks here."""
    start, end = _midnight(month), _midnight(following(month))
    stops = stop_figures.report(session, month, following(month) - timedelta(days=1), now)
    counts: dict[str, dict[str, Any]] = {}
    for name, query in _questions(start, end).items():
        for village, value in session.execute(query):
            counts.setdefault(village or UNKNOWN, {})[name] = value
    for line in stops.village:
        if line.losses:
            counts.setdefault(line.key, {}).update(losses=line.losses, lost=_yuan(line.reported_fen))
    lines = [Line(village, **found) for village, found in counts.items()]
    return Report(
        month=month,
        total=_total(lines),
        unfounded=session.scalar(select(func.count()).select_from(_judged(TipState.UNFOUNDED, start, end))) or 0,
        cards=stops.total.cards,
        stopped=_yuan(stops.total.stopped_fen),
        returned=_yuan(stops.total.returned_fen),
        villages=tuple(_ranked(lines)),
        frauds=tuple(Fraud(line.key, line.cards, line.losses, _yuan(line.reported_fen)) for line in stops.fraud),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100 + ZERO


def _real() -> ColumnElement[bool]:
    """That a tip was not given in a drill."""
    return ~select(Contact.id).where(Contact.id == Tip.contact_id, Contact.drill).exists()


def _judged(state: TipState, start: datetime, end: datetime) -> Any:
    """The tips first found to be so in this time, with their village."""
    village = Tip.village.label("village")
    return (
        select(Tip.id, village)
        .join(TipEvent, TipEvent.tip_id == Tip.id)
        .where(TipEvent.state == state.value, _real())
        .group_by(Tip.id, village)
        .having(func.min(TipEvent.at) >= start, func.min(TipEvent.at) < end)
        .subquery()
    )


def _questions(start: datetime, end: datetime) -> Mapping[str, Select[Any, Any]]:
    """By name of the field of a :class:`Line`: village and value."""
    village = Tip.village.label("village")
    verified = _judged(TipState.CONFIRMED, start, end)
    came = (Tip.registered_at >= start, Tip.registered_at < end)
    paid = (
        select(village, func.count().label("many"), func.sum(ClaimEvent.amount).label("yuan"))
        .select_from(ClaimEvent)
        .join(Claim, Claim.id == ClaimEvent.claim_id)
        .join(Tip, Tip.id == Claim.tip_id)
        .where(ClaimEvent.act == Act.PAY.value, ClaimEvent.at >= start, ClaimEvent.at < end, _real())
        .group_by(village)
        .subquery()
    )
    of_order = WarningOrder.village
    done = (OrderStep.step == Step.DISSUADE.value, OrderStep.done_at >= start, OrderStep.done_at < end)
    return {
        "tips": select(village, func.count()).select_from(Tip).where(*came, _real()).group_by(village),
        "verified": select(verified.c.village, func.count()).group_by(verified.c.village),
        "rewards": select(paid.c.village, paid.c.many),
        "rewarded": select(paid.c.village, paid.c.yuan),
        "warned": select(of_order, func.count())
        .where(WarningOrder.received_at >= start, WarningOrder.received_at < end)
        .group_by(of_order),
        "dissuaded": select(of_order, func.count())
        .join(OrderStep, OrderStep.order_id == WarningOrder.id)
        .where(*done, WarningOrder.outcome.in_(DISSUADED))
        .group_by(of_order),
    }


def _total(lines: Iterable[Line]) -> Line:
    rows = list(lines)
    names = [field.name for field in fields(Line) if field.name not in ("village", "rank")]
    return Line("", 0, **{name: sum((getattr(row, name) for row in rows), getattr(Line(""), name)) for name in names})


def _merit(line: Line) -> tuple[int, int, int]:
    return (-line.verified, -line.tips, -line.dissuaded)


def _ranked(lines: Iterable[Line]) -> list[Line]:
    rows = sorted(lines, key=lambda line: (line.village == UNKNOWN, *_merit(line), line.village))
    ranked: list[Line] = []
    for place, line in enumerate(rows, start=1):
        tie = ranked and _merit(ranked[-1]) == _merit(line)
        rank = 0 if line.village == UNKNOWN else ranked[-1].rank if tie else place
        ranked.append(Line(**{**asdict(line), "rank": rank}))
    return ranked


def to_json(found: Report) -> str:
    """One text for equal figures."""
    return json.dumps(asdict(found), ensure_ascii=False, sort_keys=True, default=str)


def from_json(text: str) -> Report:
    """What :func:`to_json` wrote."""
    raw = json.loads(text)
    return Report(
        month=date.fromisoformat(raw["month"]),
        total=Line(**_values(raw["total"])),
        unfounded=raw["unfounded"],
        cards=raw["cards"],
        stopped=Decimal(raw["stopped"]),
        returned=Decimal(raw["returned"]),
        villages=tuple(Line(**_values(one)) for one in raw["villages"]),
        frauds=tuple(Fraud(**_values(one)) for one in raw["frauds"]),
    )


def _values(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Of a line or fraud type, its money as a number again."""
    return {name: Decimal(value) if name in ("rewarded", "lost") else value for name, value in raw.items()}
