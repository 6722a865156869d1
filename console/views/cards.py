"""Stop cards."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.audit import viewed
from console.pages import cards as pages
from console.pages import ladder
from console.policy import may
from console.services import services
from console.session import me
from console.web import done, found, now, page, transaction
from stops import cards
from stops.models import CardState

blueprint = Blueprint("cards", __name__)


@blueprint.get("/fragments/cards")
@blueprint.get("/cards")
@may("officer")
def show_list() -> ResponseReturnValue:
    """The open cards by deadline; all of them on request."""
    open_only = request.args.get("tab") != "all"
    with transaction() as session:
        rows = pages.load_list(session, now(), open_only=open_only)
    return page("cards", "card", rows=rows, open_only=open_only)


@blueprint.get("/fragments/cards/<uuid:record_id>")
@blueprint.get("/cards/<uuid:record_id>")
@may("officer")
def show(record_id: uuid.UUID) -> ResponseReturnValue:
    """One card with nothing hidden."""
    with transaction() as session:
        shown = found(pages.load(session, record_id, me(), now(), services().fraud_names))
        reached = ladder.load(session, record_id, now())
        viewed(session, me(), "card", record_id, now())
    return page("card", f"card:{record_id}", card=shown, ladder=reached)


@blueprint.post("/cards/<uuid:record_id>/state")
@may("officer")
def set_state(record_id: uuid.UUID) -> ResponseReturnValue:
    """An officer's word on what has become of it."""
    wanted = request.form.get("state", "")
    if wanted not in words.CARD_STEPS:
        abort(400)
    with transaction() as session:
        cards.set_state(session, record_id, CardState(wanted), me(), now(), request.form.get("note", "")[:2000])
    message = words.STATE_SET.format(state=words.CARD_STATES[wanted])
    return done(url_for("cards.show", record_id=record_id), message)
