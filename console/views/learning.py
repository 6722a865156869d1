"""Learning from use: seeing what the bot was unsure of or got wrong, and saying what it meant."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.pages import learning
from console.policy import may
from console.session import me
from console.web import done, now, page, transaction
from conversations import labels
from conversations.labels import UNUSABLE, Wanted

blueprint = Blueprint("learning", __name__)


@blueprint.get("/fragments/learning")
@blueprint.get("/learning")
@may("agent", "officer", "admin")
def show() -> ResponseReturnValue:
    """Messages to learn from, personal values hidden."""
    which = request.args.get("which", Wanted.UNSURE.value)
    if which not in words.LEARNING_TABS:
        abort(404)
    with transaction() as session:
        shown = learning.load(session, Wanted(which), now(), request.args.get("before", type=int))
    return page("learning", "conversation", view=shown)


@blueprint.post("/messages/<uuid:message_id>/label")
@may("agent", "officer", "admin")
def label(message_id: uuid.UUID) -> ResponseReturnValue:
    """Say what a message really meant, with one click."""
    intent = request.form.get("intent")
    if intent is None or (intent != UNUSABLE and intent not in words.INTENTS):
        abort(400)
    with transaction() as session:
        conversation_id = labels.give(session, message_id, intent, me(), now()).conversation_id
    said = words.LABELLED.format(intent=learning.label_word(intent))
    tab = request.form.get("tab", "")
    if tab in words.LEARNING_TABS:
        return done(url_for("learning.show", which=tab), said)
    return done(url_for("conversation.show", conversation_id=conversation_id), said)
