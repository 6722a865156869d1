"""The list of conversations."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from console.pages import inbox
from console.policy import may
from console.services import services
from console.session import me
from console.web import now, page, transaction

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/fragments/inbox")
@blueprint.get("/inbox")
@may("agent", "officer")
def show() -> ResponseReturnValue:
    """One tab of the list."""
    tab = request.args.get("tab", "waiting")
    if tab not in inbox.TABS:
        abort(404)
    with transaction() as session:
        shown = inbox.load(session, tab, me(), now(), alert_after(), _before())
    return page("inbox", "conversation", inbox=shown)


def alert_after() -> timedelta:
    """How long a conversation may wait without a warning."""
    return timedelta(seconds=services().settings.alert_after)


def _before() -> datetime | None:
    try:
        before = datetime.fromisoformat(request.args["before"])
    except (KeyError, ValueError):
        return None
    return before if before.tzinfo else None
