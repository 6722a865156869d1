"""Drills: starting, watching and ending them."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import words
from console.pages import drills as pages
from console.policy import may
from console.session import me
from console.web import done, now, page, transaction
from stops.drills import desk

blueprint = Blueprint("drills", __name__)


@blueprint.get("/fragments/drills")
@blueprint.get("/drills")
@may("officer", "admin")
def show_list() -> ResponseReturnValue:
    """The drills and how long everybody took."""
    with transaction() as session:
        view = pages.load(session, me(), now())
    return page("drills", "card drill", view=view)


@blueprint.post("/drills")
@may("officer", "admin")
def start() -> ResponseReturnValue:
    """Begin one; only leaders and administrators."""
    with transaction() as session:
        _leaders_only(session)
        desk.start(session, request.form.get("script", ""), me(), now())
    return done(url_for("drills.show_list"), words.DRILL_STARTED)


@blueprint.post("/drills/<uuid:drill_id>/end")
@may("officer", "admin")
def end(drill_id: uuid.UUID) -> ResponseReturnValue:
    """Close its card; nobody is told."""
    with transaction() as session:
        _leaders_only(session)
        desk.end(session, drill_id, me(), now())
    return done(url_for("drills.show_list"), words.DRILL_ENDED)


def _leaders_only(session: Session) -> None:
    if not desk.may_lead(session, me(), now()):
        abort(403)
