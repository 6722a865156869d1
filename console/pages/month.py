"""A month's report for the screen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from console import month_words
from console.pages.plots import Plot, plot
from monthly import figures, making, papers, words
from monthly.figures import Report
from monthly.papers import Table
from storage.clock import china_date

LABEL = 5  # characters
VILLAGES = 12  # in the plot; the table has all


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made, in words."""

    id: uuid.UUID
    said: str


@dataclass(frozen=True, slots=True)
class View:
    """The page. ``made``: newest first; what is shown is the newest, or the figures of now where none was made.

    ``changed``: what the records say now differs from what is shown. ``over``: the month is, so it can be made.
    """

    month: date
    title: str
    tables: list[Table]
    plots: list[Plot]
    empty: bool
    made: list[Made]
    changed: bool
    over: bool


def load(session: Session, month: date, fraud_names: Mapping[str, str], now: datetime) -> View:
    """One month."""
    found = figures.report(session, month, now)
    made = making.made_for(session, month)
    shown = figures.from_json(made[0].figures) if made else found
    return View(
        month=month,
        title=papers.title(shown),
        tables=papers.tables(shown, fraud_names),
        plots=_plots(shown, fraud_names),
        empty=shown.empty,
        made=[Made(one.id, making.signature(session, one)) for one in made],
        changed=shown != found,
        over=figures.following(month) <= china_date(now),
    )


def _short(name: str) -> str:
    """As a label under a bar."""
    return name if len(name) <= LABEL else f"{name[: LABEL - 1]}…"


def _plots(found: Report, fraud_names: Mapping[str, str]) -> list[Plot]:
    villages = found.villages[:VILLAGES]
    names = [_short(line.village or words.UNFILLED) for line in villages]
    counts = [(line.tips, line.verified, line.dissuaded) for line in villages]
    kinds = [_short(fraud_names.get(one.code, one.code) or words.NO_FRAUD) for one in found.frauds[:VILLAGES]]
    cards = [(one.losses, one.cards - one.losses) for one in found.frauds[:VILLAGES]]
    return [
        plot(words.CHART_VILLAGES, month_words.SERIES_VILLAGES, names, counts),
        plot(words.CHART_FRAUDS, month_words.SERIES_FRAUDS, kinds, cards, stacked=True),
    ]


def reminder(session: Session, now: datetime) -> str:
    """That a report should be made; empty where none is owed."""
    month = making.owed(session, now)
    if month is None:
        return ""
    said = month_words.LATE if making.late(now) else month_words.OWED
    return said.format(month=month.month, day=making.DUE)
