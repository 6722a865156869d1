"""What officers do with a tip beside moving it on: take, hand over, correct, link."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console.policy import may
from console.services import services
from console.session import me
from console.web import done, now, transaction
from conversations.models import Staff
from conversations.staffing import record
from tips import amending, handling, linking, words
from tips.models import Outcome
from tips.record import TipError, by_number

blueprint = Blueprint("tip_acts", __name__)
Pairing = Callable[[Session, uuid.UUID, uuid.UUID, Staff, str, datetime], object]
Parting = Callable[[Session, uuid.UUID, Staff, str, datetime], object]
PAIRINGS: dict[str, Pairing] = {"duplicate": linking.mark_duplicate, "joint": linking.join}
PARTINGS: dict[str, Parting] = {"unduplicate": linking.unmark_duplicate, "leave": linking.leave}


@blueprint.post("/tips/<uuid:record_id>/take")
@may("officer")
def take(record_id: uuid.UUID) -> ResponseReturnValue:
    """Take one that nobody holds, or, with a reason, one that a colleague cannot go on with."""
    with transaction() as session:
        handling.take_over(session, record_id, me(), _note(), now())
        record(session, me(), "tip_take", now(), "tip", record_id)
    return _back(record_id, words.TAKEN)


@blueprint.post("/tips/<uuid:record_id>/assign")
@may("officer")
def assign(record_id: uuid.UUID) -> ResponseReturnValue:
    """Give one that nobody holds to an officer."""
    with transaction() as session:
        handling.assign(session, record_id, _chosen("to"), me(), _note(), now())
        record(session, me(), "tip_assign", now(), "tip", record_id)
    return _back(record_id, words.ASSIGNED)


@blueprint.post("/tips/<uuid:record_id>/offer")
@may("officer")
def offer(record_id: uuid.UUID) -> ResponseReturnValue:
    """Offer one's own to a colleague or a unit outside."""
    to = _chosen("to") if request.form.get("to") else None
    unit = request.form.get("unit", "")
    with transaction() as session:
        transfer = handling.offer(session, record_id, me(), _note(), now(), to_id=to, unit=unit)
        record(session, me(), "tip_offer", now(), "tip", record_id, str(transfer.id))
    return _back(record_id, words.OFFERED)


@blueprint.post("/tips/<uuid:record_id>/answer/<uuid:transfer_id>")
@may("officer")
def answer(record_id: uuid.UUID, transfer_id: uuid.UUID) -> ResponseReturnValue:
    """Accept, refuse or withdraw what was offered."""
    said = request.form.get("state", "")
    if said not in {Outcome.ACCEPTED, Outcome.REFUSED, Outcome.WITHDRAWN}:
        abort(400)
    with transaction() as session:
        handling.answer(session, transfer_id, Outcome(said), me(), _note(), now())
        record(session, me(), f"tip_{said}", now(), "tip", record_id, str(transfer_id))
    return _back(record_id, words.ANSWERED)


@blueprint.post("/tips/<uuid:record_id>/amend")
@may("officer")
def amend(record_id: uuid.UUID) -> ResponseReturnValue:
    """Correct what was recognised."""
    typed = {name: request.form[name] for name in amending.FIELDS if name in request.form}
    was = {name: request.form.get(f"was.{name}", "") for name in amending.FIELDS}
    with transaction() as session:
        changes = amending.amend(session, record_id, me(), typed, was, services().villages.names, now())
        if changes:
            record(session, me(), "tip_amend", now(), "tip", record_id)
    return _back(record_id, words.AMENDED if changes else words.UNCHANGED)


@blueprint.post("/tips/<uuid:record_id>/links")
@may("officer")
def link(record_id: uuid.UUID) -> ResponseReturnValue:
    """Say with which other tip it belongs together, or that it does not."""
    act = request.form.get("state", "")
    with transaction() as session:
        if act in PAIRINGS:
            other = by_number(session, request.form.get("number", ""))
            PAIRINGS[act](session, record_id, other, me(), _note(), now())
        elif act in PARTINGS:
            PARTINGS[act](session, record_id, me(), _note(), now())
        else:
            abort(400)
        record(session, me(), f"tip_{act}", now(), "tip", record_id)
    return _back(record_id, words.LINKED)


def _note() -> str:
    return request.form.get("note", "").replace("\r\n", "\n")[:2000]


def _chosen(field: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get(field, ""))
    except ValueError as error:
        raise TipError(words.NO_OFFICER) from error


def _back(record_id: uuid.UUID, said: str) -> ResponseReturnValue:
    return done(url_for("tips.show", record_id=record_id), said)
