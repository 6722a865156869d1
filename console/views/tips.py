"""Tips: finding them, seeing one, and moving it on."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.audit import viewed
from console.pages import tip_list
from console.pages import tips as pages
from console.policy import may
from console.services import services
from console.session import me
from console.web import done, found, now, page, transaction
from tips import registry
from tips.models import TipState

blueprint = Blueprint("tips", __name__)


@blueprint.get("/fragments/tips")
@blueprint.get("/tips")
@may("officer")
def show_list() -> ResponseReturnValue:
    """A page of the tips that were asked for, the newest first."""
    with transaction() as session:
        shown = tip_list.load(session, request.args, me(), now())
    return page("tips", "tip", tips=shown, villages=services().villages.names)


@blueprint.post("/tips/search")
@may("officer")
def search() -> ResponseReturnValue:
    """What was looked for may be somebody's number: it goes into the address sealed."""
    query = tip_list.address(request.form)
    return redirect(f"{url_for('tips.show_list')}?{query}".rstrip("?"), 303)


@blueprint.get("/fragments/tips/<uuid:record_id>")
@blueprint.get("/tips/<uuid:record_id>")
@may("officer")
def show(record_id: uuid.UUID) -> ResponseReturnValue:
    """One tip with nothing hidden but its code."""
    here = services()
    with transaction() as session:
        shown = found(pages.load(session, record_id, me(), now(), here.fraud_names, here.villages.names))
        viewed(session, me(), "tip", record_id, now())
    return page("tip", f"tip:{record_id} claim", tip=shown)


@blueprint.post("/tips/<uuid:record_id>/state")
@may("officer")
def set_state(record_id: uuid.UUID) -> ResponseReturnValue:
    """A named person moves it on."""
    wanted = request.form.get("state", "")
    if wanted not in words.TIP_STEPS:
        abort(400)
    with transaction() as session:
        registry.set_state(session, record_id, TipState(wanted), me(), now(), request.form.get("note", "")[:2000])
    message = words.STATE_SET.format(state=words.TIP_STATES[wanted])
    return done(url_for("tips.show", record_id=record_id), message)
