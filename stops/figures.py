"""The figures of the stop queue: by day and month in China, by fraud type, village and age group.

Everything belongs to the day on which its card was reported. A card that was merged into another is the same loss told
twice and does not count; a drill never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    case,
    extract,
    func,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from stops import words
from stops.duty.models import LadderStep, StepState
from stops.models import CardKind, CardState, StopCard, StopEvent, StopTransfer
from stops.orders import figures as orders
from stops.orders.models import WarningOrder
from storage.clock import CHINA

UNKNOWN = ""  # the key of what no record says
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds over the cards that reached a point; None where none did. p95 between two cards is interpolated."""

    median: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The cards of one day, month or group. ``key``: an ISO day or month, or the group; empty: unknown.

    ``losses``: cards where money has gone; only they can be ``complete``. Spans run from the receipt of the first
    words. Money is fen: what residents reported, what officers say was stopped and came back.
    """

    key: str
    cards: int = 0
    losses: int = 0
    complete: int = 0
    to_card: Span = Span()
    to_accepted: Span = Span()
    to_complete: Span = Span()
    steps: int = 0
    reported_fen: int = 0
    stopped_fen: int = 0
    returned_fen: int = 0

    @property
    def share(self) -> float | None:
        """Complete losses among the losses, 0 to 1; None without any."""
        return self.complete / self.losses if self.losses else None


@dataclass(frozen=True, slots=True)
class Report:
    """From ``first`` to ``last``, both included. Every day and month of the time has its line, cards or not."""

    first: date
    last: date
    total: Line
    days: list[Line]
    months: list[Line]
    fraud: list[Line]
    village: list[Line]
    age: list[Line]
    order_days: list[orders.Figures]
    order_months: list[orders.Figures]


def report(session: Session, first: date, last: date, now: datetime) -> Report:
    """The figures of the cards and of the warning orders; everything that shows figures asks here."""
    found = _lines(session, first, last)
    total = found["total"][0]
    return Report(
        first=first,
        last=last,
        total=total,
        days=_filled(found["day"], [day.isoformat() for day in _days(first, last)]),
        months=_filled(found["month"], sorted({f"{day:%Y-%m}" for day in _days(first, last)})),
        fraud=found["fraud"],
        village=found["village"],
        age=[total] if total.cards else [],  # no record says how old anybody is
        order_days=orders.figures(session, first, last, now, "day"),
        order_months=orders.figures(session, first, last, now, "month"),
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _filled(found: Sequence[Line], keys: Sequence[str]) -> list[Line]:
    known = {line.key: line for line in found}
    return [known.get(key) or Line(key) for key in keys]


def _lines(session: Session, first: date, last: date) -> dict[str, list[Line]]:
    """One pass over the cards, grouped in five ways. Groups come with the most cards first."""
    cards = _cards(first, last)
    keys = {name: cards.c[name] for name in ("day", "month", "fraud", "village")}
    grouping = func.grouping(*keys.values())
    query = (
        select(grouping, *keys.values(), *_measures(cards))
        .group_by(func.grouping_sets(*(tuple_(key) for key in keys.values()), tuple_()))
        .order_by(func.count().desc(), *keys.values())
    )
    found: dict[str, list[Line]] = {name: [] for name in (*keys, "total")}
    for mask, *row in session.execute(query):
        # A set bit: that column is not what the row is grouped by. The first column has the highest bit.
        by = next((name for place, name in enumerate(reversed(keys)) if not mask >> place & 1), "total")
        key = "" if by == "total" else row[list(keys).index(by)] or UNKNOWN
        found[by].append(_line(key, row[len(keys) :]))
    return found


def _cards(first: date, last: date) -> CTE:
    """One row a card, with the moments and sums that lie in other tables."""
    local = func.timezone(CHINA.key, StopCard.reported_at)
    accepted = (
        select(func.min(StopEvent.at))
        .where(StopEvent.card_id == StopCard.id, StopEvent.what == "state", StopEvent.state == CardState.ACCEPTED)
        .scalar_subquery()
    )
    steps = (
        select(func.count())
        .where(LadderStep.card_id == StopCard.id, LadderStep.state == StepState.FIRED)
        .scalar_subquery()
    )
    lost = select(func.sum(StopTransfer.amount_fen)).where(StopTransfer.card_id == StopCard.id).scalar_subquery()
    villages = (  # of cards that a warning order led to; residents are not asked where they live
        select(WarningOrder.card_id, func.min(WarningOrder.village).label("village"))
        .where(WarningOrder.card_id.is_not(None), WarningOrder.village != "")
        .group_by(WarningOrder.card_id)
        .subquery()
    )
    began = func.coalesce(StopCard.first_urgent_at, StopCard.reported_at)
    return (
        select(
            func.to_char(local, "YYYY-MM-DD").label("day"),
            func.to_char(local, "YYYY-MM").label("month"),
            StopCard.fraud_type.label("fraud"),
            func.coalesce(villages.c.village, UNKNOWN).label("village"),
            (StopCard.kind == CardKind.LOSS).label("loss"),
            extract("epoch", StopCard.reported_at - began).label("to_card"),
            extract("epoch", accepted - began).label("to_accepted"),
            case((StopCard.kind == CardKind.LOSS, extract("epoch", StopCard.completed_at - began))).label(
                "to_complete"
            ),
            steps.label("steps"),
            lost.label("reported"),
            StopCard.stopped_fen.label("stopped"),
            StopCard.returned_fen.label("returned"),
        )
        .outerjoin(villages, villages.c.card_id == StopCard.id)
        .where(StopCard.reported_at >= _midnight(first), StopCard.reported_at < _midnight(last + timedelta(days=1)))
        .where(StopCard.drill.is_(False), StopCard.merged_into.is_(None))
        .cte("cards")
        .prefix_with("MATERIALIZED")
    )


def _measures(cards: CTE) -> list[ColumnElement[Any]]:
    c = cards.c
    spans = [
        func.percentile_cont(share).within_group(c[name])
        for name in ("to_card", "to_accepted", "to_complete")
        for share in (0.5, 0.95)
    ]
    return [
        func.count(),
        func.count().filter(c.loss),
        func.count(c.to_complete),
        *spans,
        *(func.coalesce(func.sum(c[name]), 0) for name in ("steps", "reported", "stopped", "returned")),
    ]


def _line(key: str, row: Sequence[Any]) -> Line:
    cards, losses, complete, *rest = row
    spans = [None if value is None else round(float(value), 3) for value in rest[:6]]
    steps, reported, stopped, returned = (int(value) for value in rest[6:])
    return Line(
        key,
        cards,
        losses,
        complete,
        Span(*spans[0:2]),
        Span(*spans[2:4]),
        Span(*spans[4:6]),
        steps,
        reported,
        stopped,
        returned,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def as_json(found: Report, fraud_names: Mapping[str, str]) -> dict[str, Any]:
    """The report for a file: the same figures, fen and seconds as numbers, groups with their names."""

    def lines(rows: Sequence[Line], names: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        return [
            {
                **asdict(line),
                "complete_share": line.share,
                **({"name": name_of(line, names)} if names is not None else {}),
            }
            for line in rows
        ]

    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "timezone": CHINA.key,
        "total": lines([found.total])[0],
        "days": lines(found.days),
        "months": lines(found.months),
        "fraud": lines(found.fraud, fraud_names),
        "village": lines(found.village, {}),
        "age": lines(found.age, {}),
        "orders": {"days": _orders(found.order_days), "months": _orders(found.order_months)},
    }


def name_of(line: Line, names: Mapping[str, str]) -> str:
    """What a group is called; where no record says anything that is said."""
    return names.get(line.key, line.key) or words.UNKNOWN


def _orders(rows: Sequence[orders.Figures]) -> list[dict[str, Any]]:
    return [
        {
            "key": row.start.isoformat(),
            "received": row.received,
            "steps": {step.value: {**asdict(made), "share": made.share} for step, made in row.steps.items()},
            "outcomes": dict(row.outcomes),
        }
        for row in rows
    ]
