"""One's own password."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import session, words
from console.limits import FAILED
from console.policy import may
from console.services import services
from console.web import done, now, transaction
from conversations import accounts
from conversations.accounts import AccountError
from conversations.staffing import record

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@may.signed_in
def show() -> ResponseReturnValue:
    """The form."""
    return render_template("account.html", error="")


@blueprint.post("/account")
@may.signed_in
def change() -> ResponseReturnValue:
    """Change it; other devices are signed out."""
    try:
        staff = accounts.change_password(
            services().database, session.me().id, request.form.get("old", ""), _typed_twice()
        )
    except AccountError as error:
        return render_template("account.html", error=str(error)), FAILED
    session.renew(staff)
    with transaction() as rows:
        record(rows, staff, "change_password", now(), "staff", staff.id)
    return done(url_for("account.show"), words.CHANGED_OWN)


def _typed_twice() -> str:
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise AccountError(words.TYPED_TWICE_DIFFERENTLY)
    return new
