"""The sandbox's own JSON interface: the page and the tests play residents through it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, abort, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox import outgoing
from sandbox.faults import FaultPlan
from sandbox.messages import ResidentMessage
from sandbox.operator import Part
from sandbox.splitting import split
from sandbox.state import world

blueprint = Blueprint("api", __name__, url_prefix="/api")
OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
NUMBER = re.compile(r"\+?[0-9]{3,20}")
INLINE_FAMILIES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "video/mp4"})


class SendWechat(ResidentMessage):
    """``wait``: answer when the exchange has ended."""

    wait: bool = True


class PartOf(BaseModel):
    """``index`` counts from 1."""

    model_config = ConfigDict(extra="forbid")

    reference: int
    total: Annotated[int, Field(ge=1, le=255)]
    index: Annotated[int, Field(ge=1, le=255)]


class SendSms(BaseModel):
    """``parts``: this text is one part of a long one. ``split``: cut the text into parts as a handset does."""

    model_config = ConfigDict(extra="forbid")

    text: str
    id: str = Field(default="", max_length=100)
    parts: PartOf | None = None
    split: bool = False


class Raw(BaseModel):
    """A post to the intake's WeChat address exactly as given."""

    model_config = ConfigDict(extra="forbid")

    query: dict[str, str] = {}
    body: str = ""
    content_type: str = "text/xml"


class NewResident(BaseModel):
    """A made-up resident on one channel."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["wechat", "sms"]


@blueprint.errorhandler(ValidationError)
def invalid(error: ValidationError) -> tuple[Response, int]:
    """400 with what is wrong, field by field."""
    problems = [{"field": ".".join(map(str, item["loc"])), "problem": item["msg"]} for item in error.errors()]
    return jsonify({"error": "invalid", "problems": problems}), 400


@blueprint.get("/residents")
def residents() -> Response:
    """Everybody who exists, per channel."""
    here = world()
    return jsonify({"wechat": here.chats.listing(), "sms": here.phones.listing()})


@blueprint.post("/residents")
def new_resident() -> Response:
    """``{"channel": "wechat"|"sms"}`` → ``{"id": OpenID or number}``."""
    here = world()
    wanted = NewResident.model_validate(_json())
    return jsonify({"id": here.new_chat() if wanted.channel == "wechat" else here.new_phone()})


@blueprint.post("/wechat/<openid>/send")
def wechat_send(openid: str) -> Response:
    """Deliver one message of a resident; ``{"message", "deliveries", "reply", "outage", "finished"}``."""
    message = SendWechat.model_validate(_json())
    bubble, exchange = world().tencent.send(_known(OPENID, openid), message, wait=message.wait)
    return jsonify({"message": bubble, **asdict(exchange)})


@blueprint.get("/wechat/<openid>")
def wechat_chat(openid: str) -> Response | tuple[str, int]:
    """The chat; 204 when ``?revision=`` is still the newest, 404 when there is none."""
    chats = world().chats
    if request.args.get("revision") == str(chats.revision(openid)):
        return "", 204
    return jsonify(chats.view(openid) or abort(404))


@blueprint.post("/wechat/raw")
def wechat_raw() -> Response:
    """Post query and body to the intake as given; ``{"status", "body", "seconds"}``, status 0: no answer."""
    raw = Raw.model_validate(_json())
    try:
        answer = world().tencent.raw(raw.query, raw.body.encode(), raw.content_type)
    except (outgoing.UnreachableError, outgoing.CutOffError) as error:
        return jsonify({"status": 0, "body": "", "seconds": 0, "problem": str(error)})
    return jsonify({"status": answer.status, "body": answer.body.decode("utf-8", "replace"), "seconds": answer.seconds})


@blueprint.post("/wechat/handshake")
def handshake() -> Response:
    """Check the server configuration as WeChat does when it is saved: ``{"ok"}``."""
    return jsonify({"ok": world().tencent.handshake()})


@blueprint.post("/sms/<number>/send")
def sms_send(number: str) -> Response:
    """Carry a text to the hotline: ``{"texts": [{"id", "status", "accepted", "seconds", "tries"}, …]}``."""
    here = world()
    wanted = SendSms.model_validate(_json())
    number = _known(NUMBER, number)
    if wanted.split and len(pieces := split(wanted.text)) > 1:
        reference = secrets.randbelow(65536)
        outcomes = [
            here.operator.send(
                number, piece, f"{wanted.id}-{index}" if wanted.id else "", Part(reference, len(pieces), index)
            )
            for index, piece in enumerate(pieces, 1)
        ]
    else:
        part = Part(**wanted.parts.model_dump()) if wanted.parts else None
        outcomes = [here.operator.send(number, wanted.text, wanted.id, part)]
    return jsonify({"texts": [asdict(outcome) for outcome in outcomes]})


@blueprint.get("/sms/<number>")
def sms_phone(number: str) -> Response | tuple[str, int]:
    """The phone; 204 when ``?revision=`` is still the newest, 404 when there is none."""
    phones = world().phones
    if request.args.get("revision") == str(phones.revision(number)):
        return "", 204
    return jsonify(phones.view(number) or abort(404))


@blueprint.get("/robots")
def robots() -> Response:
    """What the staff groups' robots posted, oldest first: ``{"wecom": [...], "dingtalk": [...]}``."""
    return jsonify(world().robots.view())


@blueprint.post("/media")
def upload() -> tuple[Response, int]:
    """Keep the form field ``file`` for a message: ``{"media_id", "kind", "content_type", "size"}``."""
    file = request.files.get("file")
    content = file.read() if file else b""
    if not file or not content:
        return jsonify({"error": "empty"}), 400
    media = world().media.add(content, file.content_type or "")
    facts = {"media_id": media.id, "kind": media.kind, "content_type": media.content_type, "size": len(content)}
    return jsonify(facts), 201


@blueprint.get("/media/<media_id>")
def show(media_id: str) -> Response:
    """The file for the page; what a browser might run is only offered as a download."""
    media = world().media.get(media_id) or abort(404)
    inline = media.content_type in INLINE_FAMILIES or media.kind == "voice"
    response = Response(media.content, content_type=media.content_type if inline else "application/octet-stream")
    response.headers["Content-Disposition"] = "inline" if inline else "attachment"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@blueprint.get("/misbehave")
def misbehaviour() -> Response:
    """The faults in force; ``{}`` when all is well."""
    return jsonify(world().faults.active())


@blueprint.post("/misbehave")
def misbehave() -> Response:
    """Put the given sections in force; the answer is everything in force."""
    faults = world().faults
    faults.apply(FaultPlan.model_validate(_json()))
    return jsonify(faults.active())


@blueprint.delete("/misbehave")
def behave() -> tuple[str, int]:
    """Behave again."""
    world().faults.clear()
    return "", 204


@blueprint.delete("/state")
def reset() -> tuple[str, int]:
    """Forget residents, media and faults."""
    world().reset()
    return "", 204


def _json() -> Mapping[str, Any]:
    found = request.get_json()
    if not isinstance(found, dict):
        abort(400)
    return found


def _known(pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(name):
        abort(404)
    return name
