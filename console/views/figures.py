"""The figures: a page, and the same as a file."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from console import figure_words as words
from console.pages import figures as pages
from console.policy import may
from console.services import services
from console.session import me
from console.web import now, transaction
from conversations.staffing import record
from stops import figures
from stops.figures import Report
from storage.clock import china_date

blueprint = Blueprint("figures", __name__)
USUALLY = timedelta(days=29)  # with today: thirty days


@blueprint.get("/figures")
@may("officer", "admin")
def show() -> ResponseReturnValue:
    """Plots and tables of a time."""
    return render_template("figures.html", view=pages.view(_report(), services().fraud_names))


@blueprint.get("/figures.json")
@may("officer", "admin")
def export() -> Response:
    """The same figures as a file."""
    found = _report()
    answer = jsonify(figures.as_json(found, services().fraud_names))
    name = words.FILE.format(first=found.first, last=found.last)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _report() -> Report:
    """Of the days asked for; what cannot be is the last thirty days, what is too long is cut at its beginning."""
    today = china_date(now())
    last = min(_day("to", today), today)
    first = min(_day("from", last - USUALLY), last)
    first = max(first, last - timedelta(days=figures.MOST_DAYS - 1))
    with transaction() as session:
        if request.endpoint == "figures.export":
            record(session, me(), "figures_export", now(), detail=f"{first} {last}")
        return figures.report(session, first, last, now())


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise
