"""The start page, the head of every page, and finding a record by its number."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.claim_words import READERS
from console.pages import numbers
from console.pages.status import CASES
from console.policy import may
from console.session import me
from console.web import transaction

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@may.signed_in
def start() -> ResponseReturnValue:
    """Where somebody's work is."""
    if me().role_set & CASES:
        return redirect(url_for("inbox.show"))
    if "auditor" in me().role_set:
        return redirect(url_for("audit.show"))
    if me().role_set & READERS:
        return redirect(url_for("claims.show_list"))
    return redirect(url_for("staff.show"))


@blueprint.get("/fragments/status")
@may.signed_in
def status() -> ResponseReturnValue:
    """The head of the page, refreshed."""
    return render_template("fragments/status.html")


@blueprint.get("/find")
@may("officer")
def find() -> ResponseReturnValue:
    """From a number a resident reads out to its record."""
    number = request.args.get("number", "").strip().upper()[:64]
    with transaction() as session:
        record = numbers.find(session, number)
    if record is None:
        flash(words.UNKNOWN_NUMBER.format(number=number), "bad")
        return redirect(url_for("cards.show_list"))
    if record.kind == "orders":
        return redirect(url_for("orders.show", order_id=record.id))
    return redirect(url_for(f"{record.kind}.show", record_id=record.id))
