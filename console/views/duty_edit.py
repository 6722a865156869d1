"""Changing the roster, the ladder, stand-ins and phone numbers. Every change is written down."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from console import duty_words as words
from console.pages import duty as pages
from console.policy import may
from console.session import me
from console.web import done, now, transaction
from conversations import accounts, staffing
from stops.duty import desk, plans
from stops.duty.reading import PlanError, Problem
from storage.clock import CHINA

blueprint = Blueprint("duty_edit", __name__)


@blueprint.get("/duty/people")
@may("officer", "admin")
def show_people() -> ResponseReturnValue:
    """Stand-ins and phone numbers."""
    with transaction() as session:
        view = pages.load(session, now())
        everybody = [staff for staff in accounts.everybody(session) if staff.active]
    return render_template(
        "duty_people.html", duty=view, everybody=everybody, today=f"{now().astimezone(CHINA):%Y-%m-%d}"
    )


@blueprint.post("/duty/stand-ins")
@may("officer", "admin")
def add_stand_in() -> ResponseReturnValue:
    """Somebody is away for a time."""
    form = request.form
    by = form.get("by", "")
    with transaction() as session:
        row = desk.enter_stand_in(
            session,
            _id(form.get("absent", "")),
            _id(by) if by else None,
            _moment(form.get("from", "")),
            _moment(form.get("to", "")),
            me().id,
            now(),
        )
        staffing.record(session, me(), "duty_stand_in", now(), "stand_in", row.id)
    return done(url_for("duty_edit.show_people"), words.STAND_IN_ADDED)


@blueprint.post("/duty/stand-ins/<uuid:stand_in_id>/revoke")
@may("officer", "admin")
def revoke(stand_in_id: uuid.UUID) -> ResponseReturnValue:
    """They are here after all."""
    with transaction() as session:
        desk.revoke_stand_in(session, stand_in_id, now())
        staffing.record(session, me(), "duty_stand_in_revoked", now(), "stand_in", stand_in_id)
    return done(url_for("duty_edit.show_people"), words.STAND_IN_REVOKED)


@blueprint.post("/duty/phones/<uuid:staff_id>")
@may("officer", "admin")
def set_phone(staff_id: uuid.UUID) -> ResponseReturnValue:
    """The number at which somebody gets alerts; it is never shown in full again."""
    typed = request.form.get("phone", "").strip()
    with transaction() as session:
        staff = desk.set_phone(session, staff_id, typed)
        staffing.record(session, me(), "duty_phone", now(), "staff", staff.id)
    said = words.PHONE_SAVED if typed else words.PHONE_REMOVED
    return done(url_for("duty_edit.show_people"), said.format(name=staff.name))


@blueprint.get("/duty/plans/<what>")
@may("officer", "admin")
def show_plan(what: str) -> ResponseReturnValue:
    """The text of the roster or ladder, to change it."""
    _known(what)
    with transaction() as session:
        text = pages.source(session, what)
    return _editor(what, text)


@blueprint.post("/duty/plans/<what>")
@may("officer", "admin")
def save_plan(what: str) -> ResponseReturnValue:
    """Check a text, and keep it as the newest version if that was asked for."""
    _known(what)
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        with transaction() as session:
            plans.check(session, text, words.FILES[what], what)
            if "save" not in request.form:
                return _editor(what, text, good=True)
            row = plans.load(session, text, words.FILES[what], me().id, now())
            staffing.record(session, me(), "duty_plan", now(), "duty_plan", row.id, what)
    except PlanError as error:
        return _editor(what, text, problems=error.problems), 400
    flash(words.PLAN_LOADED.format(name=row.name, day=row.effective_from), "good")
    return redirect(url_for("duty.show"), 303)


def _editor(what: str, text: str, *, good: bool = False, problems: tuple[Problem, ...] = ()) -> str:
    with transaction() as session:
        versions = pages.versions(session, what, now())
    return render_template(
        "duty_plan.html", what=what, text=text, good=good, problems=problems, versions=versions, title=words.FILES[what]
    )


def _known(what: str) -> None:
    if what not in words.FILES:
        abort(404)


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        abort(400)


def _moment(text: str) -> datetime:
    """A moment typed by China's clock."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError:
        abort(400)
