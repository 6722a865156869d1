"""Stop cards."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.audit import viewed
from console.pages import board, ladder, typed
from console.pages import cards as pages
from console.pages.history import people
from console.policy import may
from console.services import services
from console.session import me
from console.views.conversation import MAX_REPLY
from console.views.inbox import alert_after
from console.web import done, found, now, page, transaction
from conversations.staffing import record
from stops import amending, cards, holding, same_loss, tasks
from stops.acts import Act
from stops.models import CardState

blueprint = Blueprint("cards", __name__)
MAX_NOTE = 2000


@blueprint.get("/fragments/cards")
@blueprint.get("/cards")
@may("officer")
def show_list() -> ResponseReturnValue:
    """The board: one page of a tab."""
    tab = request.args.get("tab", "running")
    if tab not in board.TABS:
        abort(404)
    with transaction() as session:
        shown = board.load(session, tab, me(), now(), request.args.get("after", ""))
    return page("cards", "card order", board=shown)


@blueprint.get("/fragments/cards/<uuid:record_id>")
@blueprint.get("/cards/<uuid:record_id>")
@may("officer")
def show(record_id: uuid.UUID) -> ResponseReturnValue:
    """One card with nothing hidden, and its conversation."""
    with transaction() as session:
        shown = found(pages.load(session, record_id, me(), now(), services().fraud_names, alert_after()))
        reached = ladder.load(session, record_id, now())
        viewed(session, me(), "card", record_id, now())
        viewed(session, me(), "conversation", shown.conversation_id, now())
    watch = f"card:{record_id} conversation:{shown.conversation_id}"
    return page("card", watch, card=shown, ladder=reached, form_key=uuid.uuid4().hex, max_reply=MAX_REPLY)


@blueprint.post("/cards/take-next")
@may("officer")
def take_next() -> ResponseReturnValue:
    """Take the most pressing card that nobody has."""
    with transaction() as session:
        card = holding.take_next(session, me(), now())
        record(session, me(), "cards_take", now(), "card", card.id)
    return done(url_for("cards.show", record_id=card.id), words.CARD_TAKEN.format(number=card.number))


@blueprint.post("/cards/<uuid:record_id>/take")
@may("officer")
def take(record_id: uuid.UUID) -> ResponseReturnValue:
    """Take it; who comes second is told who has it."""
    with transaction() as session:
        card = holding.take(session, record_id, me(), now())
    return done(url_for("cards.show", record_id=record_id), words.CARD_TAKEN.format(number=card.number))


@blueprint.post("/cards/<uuid:record_id>/take-over")
@may("officer")
def take_over(record_id: uuid.UUID) -> ResponseReturnValue:
    """Take it out of another's hand, with a reason."""
    with transaction() as session:
        card = holding.take_over(session, record_id, me(), _note(), now())
    return done(url_for("cards.show", record_id=record_id), words.CARD_TAKEN.format(number=card.number))


@blueprint.post("/cards/<uuid:record_id>/release")
@may("officer")
def release(record_id: uuid.UUID) -> ResponseReturnValue:
    """Back into the queue."""
    with transaction() as session:
        card = holding.release(session, record_id, me(), now())
    return done(url_for("cards.show_list"), words.CARD_RELEASED.format(number=card.number))


@blueprint.post("/cards/here")
@may("officer")
def here() -> ResponseReturnValue:
    """A sign of life: somebody touched mouse, keys or screen."""
    with transaction() as session:
        holding.beat(session, me())
    return done(url_for("cards.show_list"))


@blueprint.post("/cards/<uuid:record_id>/amend")
@may("officer")
def amend(record_id: uuid.UUID) -> ResponseReturnValue:
    """Fields typed off a picture or corrected. Over somebody else's change nothing is written; it is shown instead."""
    try:
        form = typed.read(request.form)
    except (KeyError, ValueError):
        abort(400)
    with transaction() as session:
        values = typed.values(found(cards.load(session, record_id)), form)
        saved = amending.amend(session, record_id, me(), form.version, values, now())
        viewed(session, me(), "card", record_id, now())
        names = people(session, [item.by for item in saved.meanwhile])
        holding.beat(session, me())
    told = typed.told(saved.meanwhile, names, now())
    if not saved.saved:
        raise typed.Stale(words.STALE.format(changes=told), saved.card, form.ordinal)
    message = words.CARD_AMENDED if saved.changes else words.CARD_UNCHANGED
    return done(url_for("cards.show", record_id=record_id), message + told)


@blueprint.post("/cards/<uuid:record_id>/state")
@may("officer")
def set_state(record_id: uuid.UUID) -> ResponseReturnValue:
    """An officer's word on what has become of it."""
    wanted = request.form.get("state", "")
    if wanted not in words.CARD_STEPS:
        abort(400)
    if wanted == CardState.ACCEPTED:
        return take(record_id)
    with transaction() as session:
        cards.set_state(session, record_id, CardState(wanted), me(), now(), act=_act())
        holding.beat(session, me())
    message = words.STATE_SET.format(state=words.CARD_STATES[wanted])
    return done(url_for("cards.show", record_id=record_id), message)


@blueprint.post("/cards/<uuid:record_id>/merge")
@may("officer")
def merge(record_id: uuid.UUID) -> ResponseReturnValue:
    """Another card of the same loss goes into this one: a person's decision."""
    try:
        other = uuid.UUID(request.form.get("other", ""))
    except ValueError:
        abort(400)
    with transaction() as session:
        same_loss.merge(session, record_id, other, me(), now())
        holding.beat(session, me())
    return done(url_for("cards.show", record_id=record_id), words.CARD_MERGED)


@blueprint.post("/cards/<uuid:record_id>/tasks/<uuid:task_id>")
@may("officer")
def task_done(record_id: uuid.UUID, task_id: uuid.UUID) -> ResponseReturnValue:
    """Something that was to be done by hand has been done, with what result."""
    with transaction() as session:
        tasks.done(session, task_id, me(), request.form.get("outcome", "")[:MAX_NOTE], now())
        holding.beat(session, me())
    return done(url_for("cards.show", record_id=record_id), words.DONE)


def _act() -> Act:
    form = request.form
    happened, amount = typed.moment(form.get("happened_at", "")), typed.fen(form.get("amount", ""))
    return Act(_note(), form.get("reference", "")[:64], happened, amount)


def _note() -> str:
    return request.form.get("note", "")[:MAX_NOTE]
