"""The three servers under load: how a message is posted to each, and what makes an answer of each a valid one."""

from __future__ import annotations

import json
import secrets
import time
from typing import Protocol
from urllib.parse import quote, urlencode

from bench.crowd import Post
from bench.job import Account, Where
from sandbox import passive
from sandbox.crypto import Envelope
from sandbox.messages import ACCOUNT, ResidentMessage, cdata, to_xml


class InvalidAnswerError(Exception):
    """The answer is not one the sender would accept; the text is a short reason."""


class Target(Protocol):
    """``limit``: seconds until the sender hangs up; ``deliveries``: how often it tries."""

    limit: float
    deliveries: int

    def request(self, post: Post) -> bytes:
        """The complete HTTP request."""
        ...

    def text_of(self, post: Post, body: bytes) -> str:
        """The reply in a 200's body, empty for none. Raises :class:`InvalidAnswerError`."""
        ...


def http_post(path: str, content_type: str, body: bytes) -> bytes:
    """The bytes of one POST on a kept connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class WeChat:
    """Tencent: signs and encrypts, hangs up after 5 s, delivers at most three times, checks the reply's envelope."""

    limit = 5.0
    deliveries = 3

    def __init__(self, account: Account) -> None:
        self._envelope = Envelope(account.token, account.aes_key, account.app_id)
        self._id = 24_000_000_000_000_000 + time.time_ns() // 1000

    def request(self, post: Post) -> bytes:
        """A signed and encrypted delivery of a text."""
        path, body, _ = self.delivery(post)
        return http_post(path, "text/xml", body)

    def delivery(self, post: Post) -> tuple[str, bytes, str]:
        """The same in parts: path with query, body, and what makes the message one of a kind."""
        self._id += 1
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        message = ResidentMessage(kind="text", text=post.text)
        encrypted = self._envelope.encrypt(to_xml(message, post.resident, self._id, int(timestamp)).encode())
        query = {
            "signature": self._envelope.signature(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": post.resident,
            "encrypt_type": "aes",
            "msg_signature": self._envelope.signature(timestamp, nonce, encrypted),
        }
        body = f"<xml><ToUserName>{cdata(ACCOUNT)}</ToUserName><Encrypt>{cdata(encrypted)}</Encrypt></xml>"
        return (
            "/wechat?" + urlencode(query),
            body.encode(),
            "\0".join(("message", post.resident, str(self._id), timestamp)),
        )

    def text_of(self, post: Post, body: bytes) -> str:
        """Signature, encryption and addressee of the passive reply are checked."""
        try:
            return passive.read(body, self._envelope, post.resident).text
        except passive.InvalidReplyError as error:
            raise InvalidAnswerError(str(error)) from error


class Rest:
    """Rasa's REST channel."""

    limit = 60.0
    deliveries = 1

    def request(self, post: Post) -> bytes:
        """A message as JSON."""
        body = json.dumps({"sender": post.resident, "message": post.text}, ensure_ascii=False).encode()
        return http_post("/webhooks/rest/webhook", "application/json", body)

    def text_of(self, post: Post, body: bytes) -> str:
        """A list of messages, all for this sender."""
        try:
            messages = json.loads(body)
            if all(message["recipient_id"] == post.resident for message in messages):
                return "\n".join(message["text"] for message in messages)
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidAnswerError("not Rasa's list of messages") from error
        raise InvalidAnswerError("a reply for somebody else")


class Parse:
    """The NLU server alone."""

    limit = 60.0
    deliveries = 1

    def __init__(self, token: str) -> None:
        self._path = f"/model/parse?token={quote(token)}"

    def request(self, post: Post) -> bytes:
        """A text to understand."""
        return http_post(self._path, "application/json", json.dumps({"text": post.text}).encode())

    def text_of(self, post: Post, body: bytes) -> str:
        """The name of the intent."""
        try:
            return str(json.loads(body)["intent"]["name"])
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidAnswerError("not an NLU answer") from error


def target(where: Where) -> Target:
    """The target of a job."""
    match where.kind:
        case "wechat":
            assert where.account is not None
            return WeChat(where.account)
        case "rest":
            return Rest()
        case "parse":
            return Parse(where.token)
    raise ValueError(f"no such target: {where.kind}")
