"""WeChat's API as the hotline calls it. Every answer, an error too, comes under HTTP 200."""

from __future__ import annotations

import hmac
import json
import re
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from sandbox.chats import ChatMessage
from sandbox.hangup import answer
from sandbox.media import Media
from sandbox.passive import MAX_TEXT_BYTES
from sandbox.state import World, world
from sandbox.wechat_errors import body

blueprint = Blueprint("wechat_api", __name__, url_prefix="/wechat-api")
CUSTOM_KINDS = frozenset({"text", "image", "voice", "video", "news", "mpnews", "msgmenu", "miniprogrampage"})
# WeChat shows \u4f60 as it stands: a caller must send characters, not escapes (json.dumps: ensure_ascii=False)
ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u(?!00[0-7])")


@blueprint.route("/cgi-bin/stable_token", methods=["GET", "POST"])
def stable_token() -> Response:
    """``{"access_token", "expires_in"}`` for ``{"grant_type", "appid", "secret", "force_refresh"}``."""
    here = world()
    fault = here.faults.token.take()
    if fault.revoke:
        here.tokens.revoke()
    if fault.errcode:
        return answer(fault, jsonify(body(fault.errcode)))
    return answer(fault, jsonify(_token(here)))


def _token(here: World) -> dict[str, object]:
    if request.method != "POST":
        return body(43002)
    asked = request.get_json(force=True, silent=True)
    if not isinstance(asked, dict):
        return body(47001)
    settings = here.settings
    if asked.get("grant_type") != "client_credential":
        return body(40002)
    if asked.get("appid") != settings.wechat_app_id:
        return body(40013)
    if not hmac.compare_digest(str(asked.get("secret", "")).encode(), settings.wechat_app_secret.encode()):
        return body(40125)
    issued = here.tokens.issue(force=asked.get("force_refresh") is True)
    if issued is None:
        return body(45009)
    return {"access_token": issued[0], "expires_in": issued[1]}


@blueprint.post("/cgi-bin/message/custom/send")
def custom_send() -> Response:
    """One customer-service message. The work is done before a delay: it arrives even if the caller dies meanwhile."""
    here = world()
    fault = here.faults.custom_send.take()
    errcode = here.tokens.check(request.args.get("access_token", ""))
    if not errcode:
        errcode = _send(here, request.get_data()) if fault.delivers else fault.errcode
    return answer(fault, jsonify(body(errcode or fault.errcode)))


def _send(here: World, raw: bytes) -> int:
    try:
        message = json.loads(ESCAPE.sub(rb"\1\\\\u", raw))
        openid, kind = str(message["touser"]), str(message["msgtype"])
        content = _content(kind, message[kind]) if kind in CUSTOM_KINDS else ""
    except (ValueError, KeyError, TypeError):
        return 47001
    errcode = _fault_of(kind, content) or here.chats.spend(openid)
    if errcode in (45015, 45047, 45002, 43004):
        here.chats.record(openid, ChatMessage(0, here.now(), "refused", kind, str(errcode)))
    elif not errcode:
        media_id = "" if kind == "text" else str(message[kind].get("media_id", ""))
        here.chats.record(openid, ChatMessage(0, here.now(), "custom", kind, content, media_id))
    return errcode


def _content(kind: str, part: dict[str, Any]) -> str:
    return str(part["content"]) if kind == "text" else str(part.get("title", ""))


def _fault_of(kind: str, content: str) -> int:
    if kind not in CUSTOM_KINDS:
        return 40008
    if kind == "text" and not content:
        return 44004
    return 45002 if len(content.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES else 0


@blueprint.get("/cgi-bin/media/get")
def media_get() -> Response:
    """The file's bytes; an error as JSON."""
    here = world()
    fault = here.faults.media.take()
    errcode = here.tokens.check(request.args.get("access_token", "")) or fault.errcode
    media = here.media.get(request.args.get("media_id", ""))
    if not errcode and media is None:
        errcode = 40007
    if errcode or media is None:
        return answer(fault, jsonify(body(errcode)))
    if media.kind == "video" and fault.video_url:
        address = url_for("wechat_api.video", media_id=media.id, _external=True)
        return answer(fault, jsonify({"video_url": address}))
    return answer(fault, _file(media))


@blueprint.get("/video/<media_id>")
def video(media_id: str) -> Response:
    """Where ``video_url`` points."""
    media = world().media.get(media_id)
    return jsonify(body(40007)) if media is None else _file(media)


def _file(media: Media) -> Response:
    response = Response(media.content, content_type=media.content_type or "application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{media.filename}"'
    return response
