"""Claims to rewards."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.audit import viewed
from console.pages import tips as pages
from console.policy import may
from console.session import me
from console.web import done, found, now, page, transaction
from rewards import claims
from rewards.models import ClaimState

blueprint = Blueprint("claims", __name__)


@blueprint.get("/fragments/claims")
@blueprint.get("/claims")
@may("officer")
def show_list() -> ResponseReturnValue:
    """The newest claims."""
    with transaction() as session:
        rows = pages.load_claims(session, now())
    return page("claims", "claim", rows=rows)


@blueprint.get("/fragments/claims/<uuid:record_id>")
@blueprint.get("/claims/<uuid:record_id>")
@may("officer")
def show(record_id: uuid.UUID) -> ResponseReturnValue:
    """One claim."""
    with transaction() as session:
        shown = found(pages.load_claim(session, record_id, now()))
        viewed(session, me(), "claim", record_id, now())
    return page("claim", f"claim:{record_id}", claim=shown)


@blueprint.post("/claims/<uuid:record_id>/state")
@may("officer")
def set_state(record_id: uuid.UUID) -> ResponseReturnValue:
    """A named person moves it on."""
    wanted = request.form.get("state", "")
    if wanted not in words.CLAIM_STEPS:
        abort(400)
    with transaction() as session:
        claims.set_state(session, record_id, ClaimState(wanted), me(), now(), request.form.get("note", "")[:2000])
    message = words.STATE_SET.format(state=words.CLAIM_STATES[wanted])
    return done(url_for("claims.show", record_id=record_id), message)
