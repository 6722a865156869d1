"""Papers of a card to take away: the application for a stop, a summary, the evidence."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import IO

from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from console import masking
from console.pages.history import people
from console.policy import may
from console.services import services
from console.session import me
from console.web import found, now, transaction
from conversations.staffing import record
from stops import cards, stop_orders
from stops.models import StopCard
from stops.papers.application import application
from stops.papers.bundle import bundle, evidence_of, messages_of
from stops.papers.facts import titled
from stops.papers.summary import summary
from stops.words import Paper

blueprint = Blueprint("papers", __name__)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/cards/<uuid:record_id>/papers/application.docx")
@may("officer")
def show_application(record_id: uuid.UUID) -> ResponseReturnValue:
    """紧急止付申请表."""
    with transaction() as session:
        card = _taken(session, record_id, "application")
        counts = {transfer.ordinal: stop_orders.count_on(session, transfer) for transfer in card.transfers}
    content = application(card, now(), services().fraud_names, counts)
    return _file(BytesIO(content), _name(card, Paper.application, "docx"), DOCX)


@blueprint.get("/cards/<uuid:record_id>/papers/summary.docx")
@may("officer")
def show_summary(record_id: uuid.UUID) -> ResponseReturnValue:
    """案件情况摘要."""
    with transaction() as session:
        card = _taken(session, record_id, "summary")
        events = cards.history(session, card.id)
        evidence = evidence_of(session, card)
        names = people(session, [card.officer_id, *(event.staff_id for event in events)])
    content = summary(card, events, evidence, names, services().fraud_names, now())
    return _file(BytesIO(content), _name(card, Paper.summary, "docx"), DOCX)


@blueprint.get("/cards/<uuid:record_id>/papers/evidence.zip")
@may("officer")
def show_evidence(record_id: uuid.UUID) -> ResponseReturnValue:
    """The evidence, with a list of SHA-256 sums. Put together outside the transaction."""
    with transaction() as session:
        card = _taken(session, record_id, "evidence")
        evidence, said = evidence_of(session, card), messages_of(session, card)
    packed = bundle(card, evidence, said, services().settings.data_dir, now(), masking.query_code)
    return _file(packed, _name(card, Paper.evidence, "zip"), "application/zip")


def _taken(session: Session, record_id: uuid.UUID, paper: str) -> StopCard:
    """The card, and a line in the audit log that its paper was made."""
    card = found(cards.load(session, record_id))
    record(session, me(), "card_paper", now(), "card", card.id, detail=paper)
    return card


def _name(card: StopCard, paper: str, ending: str) -> str:
    return f"{titled(card, paper)}-{card.number}.{ending}"


def _file(content: IO[bytes], name: str, kind: str) -> Response:
    answer = send_file(content, mimetype=kind, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
