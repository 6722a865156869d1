"""Group robots of WeCom (企业微信) and DingTalk (钉钉): one text to one group.

Both answer errors with HTTP 200 and an ``errcode``. DingTalk signs the moment, not the text: base64 of
HMAC-SHA256(secret, "milliseconds\\nsecret") goes into the address; a moment more than an hour off is refused. The
address itself is a secret and is never logged.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlencode

import requests

from bot.channels.outcome import SendOutcome
from bot.channels.sms.sending import Timeout, from_error, from_status, post
from stops.duty.plan import Way
from storage.settings import Settings

TIMEOUT: Timeout = (3.0, 5.0)
# Busy, or more than 20 messages in a minute: worth another try. Everything else is a matter of set-up.
RETRYABLE = frozenset({-1, 45009, 130101, 410100})

Robot = Callable[[str, bool], SendOutcome]


def robots(settings: Settings, clock: Callable[[], datetime]) -> dict[Way, Robot]:
    """The robots that are set up. Each takes a text and whether it should ring for the whole group."""
    found: dict[Way, Robot] = {}
    if settings.wecom_robot_url:
        found[Way.WECOM] = lambda text, loud: _send(settings.wecom_robot_url, wecom_body(text, loud))
    if settings.dingtalk_robot_url:
        secret = settings.dingtalk_robot_secret
        found[Way.DINGTALK] = lambda text, loud: _send(
            signed(settings.dingtalk_robot_url, secret, clock()), dingtalk_body(text, loud)
        )
    return found


def wecom_body(text: str, loud: bool) -> dict[str, object]:
    """WeCom's ``text`` message (at most 2048 bytes)."""
    return {"msgtype": "text", "text": {"content": text, "mentioned_list": ["@all"] if loud else []}}


def dingtalk_body(text: str, loud: bool) -> dict[str, object]:
    """DingTalk's ``text`` message."""
    return {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": loud}}


def signed(url: str, secret: str, now: datetime) -> str:
    """The address with its signature; without a secret (then DingTalk goes by keyword or address) as it is."""
    if not secret:
        return url
    timestamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    query = urlencode({"timestamp": timestamp, "sign": base64.b64encode(digest).decode()})
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _send(url: str, body: Mapping[str, object]) -> SendOutcome:
    content = json.dumps(body, ensure_ascii=False).encode()
    try:
        answer = post(url, content, {"Content-Type": "application/json; charset=utf-8"}, TIMEOUT)
    except requests.RequestException as error:
        return from_error(error)
    if answer.status != 200:
        return from_status(answer.status) if answer.status >= 300 else SendOutcome("unknown", "unreadable", "")
    return read_answer(answer.body)


def read_answer(body: bytes) -> SendOutcome:
    """What a robot's answer under HTTP 200 means."""
    try:
        said = json.loads(body)
        code = int(said["errcode"])
    except (ValueError, KeyError, TypeError):
        return SendOutcome("unknown", "unreadable", "")
    if code == 0:
        return SendOutcome("sent", "", "")
    return SendOutcome("retry" if code in RETRYABLE else "failed", str(code), str(said.get("errmsg", ""))[:200])
