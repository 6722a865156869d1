"""One place that turns what went wrong into an answer."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from console import words
from console.session import asks_in_background, fetched, safe_path
from conversations.accounts import AccountError
from conversations.staffing import StaffingError
from linkage.verdicts import VerdictError
from monthly.making import MonthError
from rewards.claims import ClaimError
from rewards.ledger import LedgerError
from stops.cards import CardError
from stops.duty.desk import DutyError
from stops.orders.register import OrderError
from stops.orders.table import TableError
from tips.record import TipError

EXPLAINED = (
    StaffingError,
    CardError,
    DutyError,
    OrderError,
    TableError,
    TipError,
    VerdictError,
    ClaimError,
    LedgerError,
    MonthError,
    AccountError,
)
AWAY = (OperationalError, InterfaceError, PoolTimeout)
log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Hook the handlers on the app."""
    for explained in EXPLAINED:
        app.register_error_handler(explained, _explained)
    for away in AWAY:
        app.register_error_handler(away, _database_away)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _fault)


def _explained(error: Exception) -> ResponseReturnValue:
    """Somebody tried what is not possible now: tell them, on the page they came from."""
    if fetched():
        return jsonify(message=str(error), **getattr(error, "extra", {})), 409
    flash(str(error), "bad")
    came_from = urlsplit(request.referrer or "")
    return redirect(safe_path(came_from.path if came_from.netloc == request.host else "/"), 303)


def _refused(error: HTTPException) -> ResponseReturnValue:
    return _answer(error.code or 500, error)


def _database_away(error: Exception) -> ResponseReturnValue:
    log.error("the database is away", extra={"reason": type(error).__name__})
    return _answer(503)


def _fault(error: Exception) -> ResponseReturnValue:
    # The message of an exception may quote a resident; the lines of ours that it went through do not.
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    log.error("a request failed", extra={"reason": type(error).__name__, "where": " ".join(where)})
    return _answer(500)


def _answer(status: int, error: HTTPException | None = None) -> ResponseReturnValue:
    if error is not None and status < 400:
        return error.get_response()  # a redirect of the router's
    title, text = words.ERRORS.get(status, words.ERRORS[500] if status >= 500 else words.ERRORS[400])
    if fetched() or asks_in_background():
        return jsonify(message=text), status
    return render_template("error.html", title=title, text=text), status
