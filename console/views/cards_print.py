"""The open queue on paper, for the hour the network is down."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console import moments
from console.pages.cards_print import load
from console.policy import may
from console.services import services
from console.session import me
from console.web import now, transaction
from conversations.staffing import record

blueprint = Blueprint("cards_print", __name__)


@blueprint.get("/cards/print")
@may("officer")
def show() -> ResponseReturnValue:
    """Every open card with everything on it, by deadline."""
    with transaction() as session:
        sheets = load(session, now(), services().fraud_names)
        record(session, me(), "print_cards", now(), detail=str(len(sheets)))
        for sheet in sheets:
            record(session, me(), "print_card", now(), "card", sheet.id)
    return render_template("cards_print.html", sheets=sheets, printed=moments.full(now()))
