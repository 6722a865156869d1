"""The ledger of the reward budget: what lies where, the newest entries, and whether it is whole."""

from __future__ import annotations

import io
from datetime import date

from flask import Blueprint, request, send_file, url_for
from flask.typing import ResponseReturnValue

from console import claim_words
from console.claim_words import READERS
from console.pages import ledger as pages
from console.policy import may
from console.session import me
from console.web import done, now, page, transaction
from conversations.staffing import record
from rewards import ledger
from rewards.ledger import LedgerError
from rewards.reconcile import month_from, workbook
from rewards.schemes.bands import yuan
from rewards.words import NOT_AN_AMOUNT
from storage.clock import china_date

blueprint = Blueprint("ledger", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/fragments/ledger")
@blueprint.get("/ledger")
@may(*READERS)
def show() -> ResponseReturnValue:
    """Accounts and entries."""
    with transaction() as session:
        book = pages.load(session)
    return page("ledger", "claim", book=book, may_add="finance" in me().role_set)


@blueprint.get("/fragments/ledger/month")
@blueprint.get("/ledger/month")
@may(*READERS)
def month_page() -> ResponseReturnValue:
    """A month's reconciliation: accounts, and receipts beside the book."""
    with transaction() as session:
        shown = pages.load_month(session, _wanted())
    return page("ledger_month", "claim", shown=shown)


@blueprint.get("/ledger/month.xlsx")
@may(*READERS)
def month() -> ResponseReturnValue:
    """A month's reconciliation and entries for the finance office; nothing personal is in it."""
    wanted = _wanted()
    with transaction() as session:
        content = workbook(session, wanted)
        record(session, me(), "ledger_export", now(), detail=f"{wanted:%Y-%m}")
    name = claim_words.MONTH_FILE.format(month=f"{wanted:%Y-%m}")
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


def _wanted() -> date:
    try:
        return month_from(request.args.get("month", ""))
    except ValueError:
        return china_date(now()).replace(day=1)


@blueprint.post("/ledger/budget")
@may("finance")
def add_budget() -> ResponseReturnValue:
    """Enter what was granted, by the number of its document."""
    try:
        amount = yuan(request.form.get("amount", "").strip())
    except ValueError as error:
        raise LedgerError(NOT_AN_AMOUNT) from error
    with transaction() as session:
        ledger.add_budget(session, amount, me(), request.form.get("reference", ""), now())
        record(session, me(), "ledger_budget", now())
    return done(url_for("ledger.show"), claim_words.BUDGET_ADDED)
