"""One conversation: seeing it, taking it, answering, handing it back, ending it."""

from __future__ import annotations

import uuid

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.audit import viewed
from console.pages import conversation
from console.policy import may
from console.services import services
from console.session import me
from console.views.inbox import alert_after
from console.web import done, found, now, page, transaction
from conversations import staffing
from conversations.models import Message
from conversations.staffing import StaffingError

blueprint = Blueprint("conversation", __name__)
MAX_REPLY = 600  # characters; WeChat takes 2,048 bytes


@blueprint.get("/fragments/conversations/<uuid:conversation_id>")
@blueprint.get("/conversations/<uuid:conversation_id>")
@may("agent", "officer")
def show(conversation_id: uuid.UUID) -> ResponseReturnValue:
    """The conversation with everything that belongs to it."""
    with transaction() as session:
        shown = found(conversation.load(session, conversation_id, me(), now(), alert_after()))
        viewed(session, me(), "conversation", conversation_id, now())
    watch = f"conversation:{conversation_id} card tip claim"
    return page("conversation", watch, talk=shown, form_key=uuid.uuid4().hex, max_reply=MAX_REPLY)


@blueprint.post("/conversations/<uuid:conversation_id>/take")
@may("agent", "officer")
def take(conversation_id: uuid.UUID) -> ResponseReturnValue:
    """Take it; who comes second is told who has it."""
    with transaction() as session:
        staffing.take(session, conversation_id, me(), now())
    return done(url_for("conversation.show", conversation_id=conversation_id), words.TAKEN)


@blueprint.post("/conversations/<uuid:conversation_id>/take-over")
@may("officer")
def take_over(conversation_id: uuid.UUID) -> ResponseReturnValue:
    """Take it from a colleague who cannot go on, saying why."""
    reason, holder = request.form.get("reason", ""), request.form.get("holder", type=uuid.UUID)
    if reason not in words.TAKE_OVER_REASONS or holder is None:
        raise StaffingError(words.ERRORS[400][1])
    with transaction() as session:
        name = staffing.take_over(session, conversation_id, me(), holder, reason, now())
    return done(url_for("conversation.show", conversation_id=conversation_id), words.TAKEN_OVER.format(name=name))


@blueprint.post("/conversations/<uuid:conversation_id>/reply")
@may("agent", "officer")
def reply(conversation_id: uuid.UUID) -> ResponseReturnValue:
    """Send a reply. The same form sent twice is one message."""
    text, number = _text(), services().settings.hotline_number
    with transaction() as session:
        message_id = staffing.reply(session, conversation_id, me(), text, _form_key(), now(), number)
        stored = session.get_one(Message, message_id).text
    note = "" if stored == text else words.CHANGED_AFTER_SENDING
    to = url_for("conversation.show", conversation_id=conversation_id)
    return done(to, note, form_key=uuid.uuid4().hex)


def _text() -> str:
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        raise StaffingError(words.EMPTY_REPLY)
    if len(text) > MAX_REPLY:
        raise StaffingError(words.LONG_REPLY.format(limit=MAX_REPLY))
    return text


def _form_key() -> str:
    try:
        return f"{me().id.hex}:{uuid.UUID(request.form.get('form_key', '')).hex}"
    except ValueError:
        raise StaffingError(words.ERRORS[400][1]) from None


@blueprint.post("/conversations/<uuid:conversation_id>/hand-back")
@may("agent", "officer")
def hand_back(conversation_id: uuid.UUID) -> ResponseReturnValue:
    """Back to the bot."""
    with transaction() as session:
        staffing.hand_back(session, conversation_id, me(), now())
    return done(url_for("conversation.show", conversation_id=conversation_id), words.HANDED_BACK)


@blueprint.post("/conversations/<uuid:conversation_id>/close")
@may("agent", "officer")
def close(conversation_id: uuid.UUID) -> ResponseReturnValue:
    """End it."""
    with transaction() as session:
        staffing.close(session, conversation_id, me(), now())
    return done(url_for("inbox.show", tab="mine"), words.CONVERSATION_CLOSED)


@blueprint.post("/conversations/<uuid:conversation_id>/seen")
@may("agent", "officer")
def seen(conversation_id: uuid.UUID) -> ResponseReturnValue:
    """It is on the holder's screen."""
    with transaction() as session:
        staffing.seen(session, conversation_id, me())
    return done(url_for("conversation.show", conversation_id=conversation_id))


@blueprint.post("/messages/<uuid:message_id>/resend")
@may("agent", "officer")
def resend(message_id: uuid.UUID) -> ResponseReturnValue:
    """Send again what failed or whose fate is unknown."""
    with transaction() as session:
        staffing.resend(session, message_id, me(), now())
        conversation_id = session.get_one(Message, message_id).conversation_id
    return done(url_for("conversation.show", conversation_id=conversation_id))
