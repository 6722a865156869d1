"""The figures as tables and plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from console import figure_words as words
from console import order_words
from console.pages.board import money
from console.pages.drills import seconds
from console.pages.plots import Plot, plot
from stops import figures
from stops.figures import Line, Report, Span
from stops.orders import figures as order_figures
from stops.orders.models import Step

DAYS_SHOWN = 62  # a longer time is plotted by month


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, in words."""

    key: str
    cards: int
    losses: int
    complete: str
    to_card: str
    to_accepted: str
    to_complete: str
    steps: int
    reported: str
    stopped: str
    returned: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """Warning orders of one month, in words. ``steps``: in the order of the work."""

    key: str
    received: int
    steps: list[str]
    outcomes: str


@dataclass(frozen=True, slots=True)
class View:
    """The page. ``groups``: title and rows."""

    first: date
    last: date
    total: Row
    plots: list[Plot]
    days: list[Row]
    months: list[Row]
    groups: list[tuple[str, list[Row]]]
    orders: list[OrderRow]


def view(found: Report, fraud_names: Mapping[str, str]) -> View:
    """A report for people. Days without a card stand in the plots, not in the table."""
    daily = (found.last - found.first).days < DAYS_SHOWN
    return View(
        first=found.first,
        last=found.last,
        total=_row(found.total, ""),
        plots=_plots(found.days if daily else found.months, words.DAY if daily else words.MONTH),
        days=[_row(line, line.key) for line in found.days if line.cards],
        months=[_row(line, line.key) for line in found.months],
        groups=[(title, _group(rows, names)) for title, rows, names in _groups(found, fraud_names)],
        orders=[_order(row) for row in found.order_months],
    )


def _groups(found: Report, fraud_names: Mapping[str, str]) -> list[tuple[str, Sequence[Line], Mapping[str, str]]]:
    rows = (found.fraud, found.village, found.age)
    return [
        (title, lines, names) for title, lines, names in zip(words.GROUPS, rows, (fraud_names, {}, {}), strict=True)
    ]


def _group(rows: Sequence[Line], names: Mapping[str, str]) -> list[Row]:
    return [_row(line, figures.name_of(line, names)) for line in rows]


def _row(line: Line, key: str) -> Row:
    return Row(
        key,
        line.cards,
        line.losses,
        share(line.share),
        _span(line.to_card),
        _span(line.to_accepted),
        _span(line.to_complete),
        line.steps,
        money(line.reported_fen, approximate=False),
        money(line.stopped_fen, approximate=False),
        money(line.returned_fen, approximate=False),
    )


def share(value: float | None) -> str:
    """A share in whole percent."""
    return words.NONE if value is None else words.SHARE.format(percent=round(value * 100))


def _span(span: Span) -> str:
    if span.median is None:
        return words.NONE
    return words.SPAN.format(median=seconds(span.median), p95=seconds(span.p95))


def _plots(lines: Sequence[Line], unit: str) -> list[Plot]:
    keys = [line.key for line in lines]
    counts = [(line.complete, line.losses - line.complete, line.cards - line.losses) for line in lines]
    minutes = [[(span.median or 0) / 60 for span in (line.to_accepted, line.to_complete)] for line in lines]
    sums = [[fen / 100 for fen in (line.reported_fen, line.stopped_fen, line.returned_fen)] for line in lines]
    return [
        plot(words.CARDS.format(unit=unit), words.SERIES_CARDS, keys, counts, stacked=True),
        plot(words.MINUTES, words.SERIES_MINUTES, keys, minutes, say="{:.1f}".format),
        plot(words.MONEY, words.SERIES_MONEY, keys, sums, say="{:,.2f}".format),
    ]


def _order(row: order_figures.Figures) -> OrderRow:
    outcomes = [
        words.OUTCOME.format(name=order_words.OUTCOMES[code], count=count) for code, count in row.outcomes.items()
    ]
    return OrderRow(
        f"{row.start:%Y-%m}", row.received, [_step(row.steps[step]) for step in Step], "、".join(outcomes) or words.NONE
    )


def _step(made: order_figures.StepFigures) -> str:
    if made.share is None:
        return words.STEP_UNTIMED.format(done=made.done)
    return words.STEP.format(done=made.done, share=share(made.share))
