"""Who is on duty, for everybody; a person's own alerts."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from console.pages import duty as pages
from console.policy import may
from console.session import me, safe_path
from console.web import done, now, page, transaction
from stops.duty import reach

blueprint = Blueprint("duty", __name__)


@blueprint.get("/fragments/duty")
@blueprint.get("/duty")
@may.signed_in
def show() -> ResponseReturnValue:
    """Who is on duty now and in the days to come."""
    with transaction() as session:
        view = pages.load(session, now())
    return page("duty", "duty", duty=view)


@blueprint.post("/duty/alarms/<uuid:reach_id>/seen")
@may.signed_in
def seen(reach_id: uuid.UUID) -> ResponseReturnValue:
    """An alert of one's own has been seen."""
    with transaction() as session:
        reach.seen(session, reach_id, me().id, now())
    came_from = urlsplit(request.referrer or "")
    return done(safe_path(came_from.path) if came_from.netloc == request.host else url_for("duty.show"))
