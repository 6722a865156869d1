"""Small things every view does: open a transaction, render a page or its fragment, answer an action."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from flask import abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import audit
from console.services import services
from console.session import fetched
from conversations.audit import ORIGIN

T = TypeVar("T")


def now() -> datetime:
    """This moment, aware."""
    return services().clock()


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction of this request; whatever it changes leaves a line in the audit log."""
    with services().database.transaction() as session:
        session.info[ORIGIN] = audit.origin()
        yield session
        audit.cover(session)


def found(value: T | None) -> T:
    """The value, or the page that says there is none."""
    if value is None:
        abort(404)
    return value


def page(name: str, watch: str, **context: Any) -> str:
    """A page; asked for under ``/fragments/`` only the part of it that refreshes itself.

    ``watch``: which changes concern it, kinds, ``kind:id`` or ``kind/news``, separated by spaces.
    """
    part = f"fragments/{name}.html"
    if request.path.startswith("/fragments/"):
        return render_template(part, **context)
    refresh = f"/fragments{request.full_path.rstrip('?')}"
    return render_template("page.html", part=part, watch=watch, refresh=refresh, **context)


def done(to: str, message: str = "", **extra: str) -> ResponseReturnValue:
    """An action succeeded: on to ``to``. Our script gets the same as JSON, with ``extra``."""
    if fetched():
        return jsonify(to=to, message=message, **extra)
    if message:
        flash(message, "good")
    return redirect(to, 303)
