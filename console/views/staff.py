"""Managing staff."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.policy import may
from console.session import me
from console.web import done, found, now, transaction
from conversations import accounts, staffing
from conversations.accounts import AccountError
from conversations.models import Staff
from conversations.passwords import new_password
from stops import holding
from tips import handling

blueprint = Blueprint("staff", __name__)


@blueprint.get("/staff")
@may("admin")
def show() -> ResponseReturnValue:
    """Everybody."""
    with transaction() as session:
        people = accounts.everybody(session)
    return render_template("staff.html", people=people)


@blueprint.post("/staff")
@may("admin")
def add() -> ResponseReturnValue:
    """Add somebody; the page that answers shows the first password, once."""
    form, password = request.form, new_password()
    with transaction() as session:
        staff = accounts.create_staff(
            session, form.get("login", ""), form.get("name", ""), password, form.getlist("roles"), now()
        )
        staffing.record(session, me(), "staff_add", now(), "staff", staff.id, staff.roles)
    return render_template("staff_password.html", person=staff, password=password, fresh=True)


@blueprint.get("/staff/<uuid:staff_id>")
@may("admin")
def show_one(staff_id: uuid.UUID) -> ResponseReturnValue:
    """One person."""
    with transaction() as session:
        person = found(session.get(Staff, staff_id))
    return render_template("staff_one.html", person=person)


@blueprint.post("/staff/<uuid:staff_id>/roles")
@may("admin")
def set_roles(staff_id: uuid.UUID) -> ResponseReturnValue:
    """What somebody may do."""
    with transaction() as session:
        staff = accounts.set_roles(session, staff_id, request.form.getlist("roles"))
        staffing.record(session, me(), "staff_roles", now(), "staff", staff.id, staff.roles)
    return done(url_for("staff.show"), words.STAFF_CHANGED.format(name=staff.name))


@blueprint.post("/staff/<uuid:staff_id>/deactivate")
@may("admin")
def deactivate(staff_id: uuid.UUID) -> ResponseReturnValue:
    """Keep somebody out; what they held waits for others."""
    if staff_id == me().id:
        raise AccountError(words.NOT_YOURSELF)
    with transaction() as session:
        staff = accounts.set_active(session, staff_id, False)
        count = staffing.give_up_all(session, staff, "staff_gone", now())
        holding.give_up_all(session, staff, now())
        handling.give_up_all(session, staff, me(), now())
        staffing.record(session, me(), "staff_deactivate", now(), "staff", staff.id)
    return done(url_for("staff.show"), words.STAFF_OUT.format(name=staff.name, count=count))


@blueprint.post("/staff/<uuid:staff_id>/release")
@may("admin")
def release(staff_id: uuid.UUID) -> ResponseReturnValue:
    """What somebody who is away holds waits for others; they may still sign in."""
    with transaction() as session:
        staff = found(session.get(Staff, staff_id))
        count = staffing.give_up_all(session, staff, "staff_away", now())
        staffing.record(session, me(), "staff_release", now(), "staff", staff.id, str(count))
    return done(url_for("staff.show_one", staff_id=staff_id), words.RELEASED.format(count=count))


@blueprint.post("/staff/<uuid:staff_id>/activate")
@may("admin")
def activate(staff_id: uuid.UUID) -> ResponseReturnValue:
    """Let somebody in again."""
    with transaction() as session:
        staff = accounts.set_active(session, staff_id, True)
        staffing.record(session, me(), "staff_activate", now(), "staff", staff.id)
    return done(url_for("staff.show"), words.STAFF_IN.format(name=staff.name))


@blueprint.post("/staff/<uuid:staff_id>/password")
@may("admin")
def reset_password(staff_id: uuid.UUID) -> ResponseReturnValue:
    """A new random password, shown once."""
    with transaction() as session:
        password = accounts.reset_password(session, staff_id)
        person = session.get_one(Staff, staff_id)
        staffing.record(session, me(), "staff_password", now(), "staff", person.id)
    return render_template("staff_password.html", person=person, password=password, fresh=False)
