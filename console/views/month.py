"""The monthly report: a page, making it, and its papers."""

from __future__ import annotations

import io
import uuid
from datetime import date

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from console import month_words
from console.pages import month as pages
from console.policy import may
from console.services import services
from console.session import me
from console.web import done, found, now, transaction
from conversations.staffing import record
from monthly import figures, making, papers, words
from monthly.models import MonthlyReport

blueprint = Blueprint("month", __name__)
WRITERS = {"docx": papers.docx, "xlsx": papers.xlsx}


@blueprint.get("/month")
@may("officer", "auditor", "admin")
def show() -> ResponseReturnValue:
    """The figures of a month, and who made its report when."""
    with transaction() as session:
        view = pages.load(session, _month(request.args.get("month", "")), services().fraud_names, now())
    return render_template("month.html", view=view, say=papers.say, note=words.NOTE)


@blueprint.post("/month")
@may("officer")
def make() -> ResponseReturnValue:
    """Keep the figures as they are now; that is the report."""
    month = _month(request.form.get("month", ""))
    with transaction() as session:
        making.make(session, month, me(), now())
    return done(url_for("month.show", month=f"{month:%Y-%m}"), month_words.MADE)


@blueprint.get("/month/<uuid:report_id>/<ending>")
@may("officer", "auditor", "admin")
def paper(report_id: uuid.UUID, ending: str) -> ResponseReturnValue:
    """A report that was made, as .docx or .xlsx."""
    if ending not in WRITERS:
        abort(404)
    with transaction() as session:
        made = found(session.get(MonthlyReport, report_id))
        record(session, me(), "month_paper", now(), "month", made.id, f"{made.month:%Y-%m} {ending}")
        said = making.signature(session, made)
    content = WRITERS[ending](figures.from_json(made.figures), services().fraud_names, said)
    name = words.FILE.format(month=f"{made.month:%Y-%m}", ending=ending)
    return send_file(io.BytesIO(content), as_attachment=True, download_name=name)


def _month(text: str) -> date:
    """The month asked for; what cannot be read is the one before this."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return figures.month_before(now())
