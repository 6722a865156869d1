"""Early-warning orders: entering, importing and working them."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import order_words
from console.audit import viewed
from console.pages import orders as pages
from console.policy import may
from console.services import services
from console.session import me
from console.uploads import takes_a_file
from console.web import done, found, now, page, transaction
from conversations import staffing
from stops.orders import amending, texting, work
from stops.orders.importing import import_file
from stops.orders.models import Outcome, Rating, Way
from stops.orders.reading import Problem, read_row
from stops.orders.register import OrderError, enter
from stops.orders.table import MAX_BYTES
from stops.orders.words import COLUMNS, RATING_NEEDED
from stops.orders.work import Attempt
from storage.clock import CHINA

blueprint = Blueprint("orders", __name__)
MAX_NOTE = 2000


@blueprint.get("/fragments/orders")
@blueprint.get("/orders")
@may("officer")
def show_list() -> ResponseReturnValue:
    """The open orders by deadline; all of them on request."""
    open_only = request.args.get("tab") != "all"
    with transaction() as session:
        rows = pages.load_list(session, now(), open_only=open_only)
    return page("orders", "order", rows=rows, open_only=open_only, sample=services().order_deadlines.sample)


@blueprint.get("/fragments/orders/<uuid:order_id>")
@blueprint.get("/orders/<uuid:order_id>")
@may("officer")
def show(order_id: uuid.UUID) -> ResponseReturnValue:
    """One order with nothing hidden."""
    here = services()
    with transaction() as session:
        shown = found(pages.show(session, order_id, now(), here.settings.hotline_name, here.fraud_names))
        viewed(session, me(), "order", order_id, now())
    watch = f"order:{order_id} card conversation"
    return page("order", watch, order=shown, form_key=uuid.uuid4().hex, longest_sms=texting.LONGEST)


@blueprint.get("/orders/new")
@may("officer")
def new() -> ResponseReturnValue:
    """Where orders are typed in or imported."""
    return render_template("order_new.html", columns=COLUMNS)


@blueprint.post("/orders/new")
@may("officer")
def add() -> ResponseReturnValue:
    """Enter one by hand."""
    draft = read_row({key: request.form.get(key, "") for key in COLUMNS}, now(), numbered=False)
    if isinstance(draft, list):
        raise OrderError("；".join(_named(problem) for problem in draft) + "。")
    with transaction() as session:
        entered = enter(session, draft, services().order_deadlines, me(), now())
        staffing.record(session, me(), "order_enter", now(), "order", entered.id)
    said = order_words.ENTERED if entered.new else order_words.KNOWN.format(number=entered.number)
    flash(said, "good" if entered.new else "bad")
    return done(url_for("orders.show", order_id=entered.id))


def _named(problem: Problem) -> str:
    field = order_words.FIELDS[problem.column].split("（")[0] if problem.column else order_words.EITHER
    return order_words.WRONG_FIELD.format(field=field, problem=problem.text)


@blueprint.post("/orders/import")
@may("officer")
@takes_a_file(MAX_BYTES)
def import_list() -> ResponseReturnValue:
    """Enter a list; the page that answers says what became of every row."""
    file = request.files.get("file")
    if file is None or not file.filename:
        flash(order_words.NO_FILE, "bad")
        return redirect(url_for("orders.new"), 303)
    content = file.stream.read()
    with transaction() as session:
        result = import_file(session, file.filename, content, services().order_deadlines, me(), now())
    return render_template("order_imported.html", result=result)


@blueprint.get("/orders/template.csv")
@may("officer")
def template() -> ResponseReturnValue:
    """An empty list to fill in."""
    out = io.StringIO()
    csv.writer(out).writerow(names[0] for names in COLUMNS.values())
    answer = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=order_words.TEMPLATE_FILE)
    return answer


@blueprint.post("/orders/<uuid:order_id>/amend")
@may("officer")
def amend(order_id: uuid.UUID) -> ResponseReturnValue:
    """A number or address that turned out to be wrong."""
    version = request.form.get("version", "")
    if not version.isdecimal():
        raise OrderError(order_words.RELOAD)
    typed = {name: request.form[name] for name in amending.FIELDS if name in request.form}
    with transaction() as session:
        changes = amending.amend(session, order_id, me(), int(version), typed, _note(), now())
    return _back(order_id, order_words.AMENDED if changes else order_words.UNCHANGED)


@blueprint.post("/orders/<uuid:order_id>/sign")
@may("officer")
def sign(order_id: uuid.UUID) -> ResponseReturnValue:
    """签收."""
    with transaction() as session:
        work.sign(session, order_id, me(), now())
    return _back(order_id, order_words.SIGNED)


@blueprint.post("/orders/<uuid:order_id>/attempt")
@may("officer")
def attempt(order_id: uuid.UUID) -> ResponseReturnValue:
    """劝阻: what came of a try."""
    way, outcome = request.form.get("way", ""), request.form.get("outcome", "")
    if way not in order_words.WAYS or outcome not in order_words.OUTCOMES:
        raise OrderError(order_words.CHOOSE_OUTCOME)
    tried = Attempt(Way(way), Outcome(outcome), _note(), _happened_at())
    with transaction() as session:
        card = work.attempt(session, order_id, me(), tried, now())
    if tried.outcome is not Outcome.PAID:
        return _back(order_id, order_words.ATTEMPT_NOTED)
    said = order_words.CARD_OPENED.format(number=card.number) if card else order_words.CARD_NOT_OPENED
    return _back(order_id, said)


@blueprint.post("/orders/<uuid:order_id>/text")
@may("officer")
def send_text(order_id: uuid.UUID) -> ResponseReturnValue:
    """A text to the person."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        key = f"{me().id.hex}:{uuid.UUID(request.form.get('form_key', '')).hex}"
    except ValueError:
        raise OrderError(order_words.RELOAD) from None
    with transaction() as session:
        texting.text_to(session, order_id, me(), text, key, now(), services().settings.hotline_number)
    return done(url_for("orders.show", order_id=order_id), form_key=uuid.uuid4().hex)


@blueprint.post("/orders/<uuid:order_id>/feedback")
@may("officer")
def feed_back(order_id: uuid.UUID) -> ResponseReturnValue:
    """反馈."""
    with transaction() as session:
        work.feed_back(session, order_id, me(), _note(), now())
    return _back(order_id, order_words.FED_BACK)


@blueprint.post("/orders/<uuid:order_id>/review")
@may("officer")
def review(order_id: uuid.UUID) -> ResponseReturnValue:
    """评价."""
    rating = request.form.get("rating", "")
    if rating not in order_words.RATINGS:
        raise OrderError(RATING_NEEDED)
    with transaction() as session:
        work.review(session, order_id, me(), Rating(rating), _note(), now())
    return _back(order_id, order_words.REVIEWED)


def _note() -> str:
    return request.form.get("note", "").replace("\r\n", "\n")[:MAX_NOTE]


def _happened_at() -> datetime | None:
    """The time typed in, on China's clock; None where none was."""
    typed = request.form.get("time", "").strip()
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=CHINA)
    except ValueError:
        raise OrderError(order_words.BAD_TIME) from None


def _back(order_id: uuid.UUID, said: str) -> ResponseReturnValue:
    return done(url_for("orders.show", order_id=order_id), said)
