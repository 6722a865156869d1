"""The auditor's pages: who saw and did what, whether that log is whole, and the records with everything hidden."""

from __future__ import annotations

import io
import uuid
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from console import audit_words
from console.pages import audit as pages
from console.pages import masked, masked_orders, masked_subject
from console.pages.audit import Wanted
from console.policy import may
from console.services import services
from console.session import me
from console.web import found, now, transaction
from conversations import audit
from conversations.staffing import record
from storage.clock import china_date

blueprint = Blueprint("audit", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHECKED = 20_000  # newest lines a page checks; the command checks all


@blueprint.get("/audit")
@may("auditor")
def show() -> ResponseReturnValue:
    """The log, newest first."""
    wanted = _wanted()
    with transaction() as session:
        view = pages.load(session, wanted, request.args.get("after", ""))
    asked = {name: value for name, value in request.args.items() if value and name != "after"}
    return render_template("audit.html", view=view, wanted=wanted, asked=asked, audit_words=audit_words)


@blueprint.post("/audit/verify")
@may("auditor")
def verify() -> ResponseReturnValue:
    """Check the newest part of the chain."""
    with transaction() as session:
        checked = audit.verify(session, most=CHECKED)
        record(session, me(), "audit_verify", now(), detail=f"{checked.links} {len(checked.faults)}")
    flash(pages.told(checked), "bad" if checked.faults else "good")
    return redirect(url_for("audit.show"), 303)


@blueprint.get("/audit/log.xlsx")
@may("auditor")
def export() -> ResponseReturnValue:
    """The same lines as a file."""
    wanted = _wanted()
    with transaction() as session:
        content, count = pages.workbook(session, wanted)
        record(session, me(), "audit_export", now(), detail=str(count))
    name = audit_words.FILE.format(day=china_date(now()))
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


@blueprint.get("/audit/records/<kind>")
@may("auditor")
def show_records(kind: str) -> ResponseReturnValue:
    """The newest records of a kind, masked."""
    _known(kind)
    with transaction() as session:
        view = masked.load_list(session, kind, request.args.get("after", ""), now())
    return render_template("masked_list.html", view=view, audit_words=audit_words)


@blueprint.get("/audit/records/<kind>/<uuid:record_id>")
@may("auditor")
def show_record(kind: str, record_id: uuid.UUID) -> ResponseReturnValue:
    """One record, masked."""
    _known(kind)
    with transaction() as session:
        if kind == "orders":
            sheet = found(masked_orders.sheet(session, record_id))
        else:
            sheet = found(masked.load(session, kind, record_id, services().fraud_names, now()))
    return render_template("masked.html", sheet=sheet, audit_words=audit_words)


@blueprint.get("/audit/linked/<key>")
@may("auditor")
def show_subject(key: str) -> ResponseReturnValue:
    """One phone, link or account and where it stands, masked."""
    with transaction() as session:
        sheet = found(masked_subject.sheet(session, key, now()))
    return render_template("masked.html", sheet=sheet, audit_words=audit_words)


def _known(kind: str) -> None:
    if kind not in audit_words.RECORDS:
        abort(404)


def _wanted() -> Wanted:
    """The filter as asked for; what cannot be read is not filtered by."""
    given = request.args
    return Wanted(
        staff_id=given.get("who", type=uuid.UUID),
        what=given.get("what", ""),
        kind=given.get("kind", "") if given.get("kind", "") in audit_words.KINDS else "",
        number=given.get("number", "").strip().upper()[:64],
        first=given.get("from", type=date.fromisoformat),
        last=given.get("to", type=date.fromisoformat),
    )
