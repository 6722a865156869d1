"""The ledger of the reward budget: what lies where, the newest entries, and whether it is whole."""

from __future__ import annotations

from flask import Blueprint, request, url_for
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
from rewards.schemes.bands import yuan
from rewards.words import NOT_AN_AMOUNT

blueprint = Blueprint("ledger", __name__)


@blueprint.get("/fragments/ledger")
@blueprint.get("/ledger")
@may(*READERS)
def show() -> ResponseReturnValue:
    """Accounts and entries."""
    with transaction() as session:
        book = pages.load(session)
    return page("ledger", "claim", book=book, may_add="finance" in me().role_set)


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
