"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import session, words
from console.limits import FAILED
from console.policy import may
from console.services import services
from console.web import now, transaction
from conversations import accounts
from conversations.staffing import record

blueprint = Blueprint("signin", __name__)


@blueprint.get("/sign-in")
@may.anyone
def form() -> ResponseReturnValue:
    """The form; who is signed in already goes on."""
    if session.me_or_none() is not None:
        return redirect(session.safe_path(request.args.get("next")))
    return render_template("sign_in.html", error="", login="")


@blueprint.post("/sign-in")
@may.anyone
def submit() -> ResponseReturnValue:
    """Check login and password. One message for everything that may be wrong."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    staff = accounts.authenticate(services().database, login, password)
    with transaction() as rows:
        if staff is None:
            record(rows, accounts.find(rows, login), "sign_in_failed", now())
        else:
            record(rows, staff, "sign_in", now())
    if staff is None:
        return render_template("sign_in.html", error=words.WRONG_SIGN_IN, login=login[:64]), FAILED
    session.start(staff)
    return redirect(session.safe_path(request.args.get("next")), 303)


@blueprint.post("/sign-out")
@may.signed_in
def leave() -> ResponseReturnValue:
    """Sign out on this device."""
    with transaction() as rows:
        record(rows, session.me(), "sign_out", now())
    session.end()
    return redirect(url_for("signin.form"), 303)
