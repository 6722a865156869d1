"""Posts to the intake as a stranger, WeChat or an operator would make them, byte by byte."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import requests

from sandbox.crypto import Envelope
from sandbox.messages import ACCOUNT, ResidentMessage, cdata, to_xml
from sandbox.operator import sign
from tests.e2e.stack import Stack

ANSWER = 30.0  # seconds


class Wire:
    """The public side of one hotline."""

    def __init__(self, stack: Stack) -> None:
        known = stack.secrets
        self._intake = stack.url("intake")
        self._sms_secret = known["sms_generic_secret"]
        self.path_secret = known["sms_callback_secret"]
        self.envelope = Envelope(known["wechat_token"], known["wechat_aes_key"], known["wechat_app_id"])
        self.stranger = Envelope("another-token", known["wechat_aes_key"], known["wechat_app_id"])
        self.other_account = Envelope(known["wechat_token"], known["wechat_aes_key"], "wx0000000000000000")

    def post(self, path: str, body: bytes, **more: Any) -> requests.Response:
        """Exactly this; ``more`` as requests takes it."""
        with requests.Session() as http:
            http.trust_env = False
            return http.post(self._intake + path, data=body, timeout=ANSWER, **more)

    def query(self, envelope: Envelope, encrypted: str, age: int = 0) -> dict[str, str]:
        """The query of a delivery that is ``age`` seconds old."""
        timestamp, nonce = str(int(time.time()) - age), secrets.token_hex(5)
        return {
            "signature": envelope.signature(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": envelope.signature(timestamp, nonce, encrypted),
        }

    def deliver(self, xml: str, age: int = 0, envelope: Envelope | None = None) -> requests.Response:
        """A delivery of any plaintext, signed and encrypted."""
        used = envelope or self.envelope
        encrypted = used.encrypt(xml.encode())
        return self.post("/wechat", outer(encrypted), params=self.query(used, encrypted, age))

    def opened(self, answer: requests.Response) -> str:
        """The plaintext XML of a passive reply."""
        assert answer.status_code == 200, answer.status_code
        parts = {name: _between(answer.text, name) for name in ("Encrypt", "TimeStamp", "Nonce", "MsgSignature")}
        return self.envelope.open(parts["Encrypt"], parts["TimeStamp"], parts["Nonce"], parts["MsgSignature"]).decode()

    def report(self, content: Any) -> requests.Response:
        """A receipt by the generic provider."""
        return self.generic(content, path="/sms/generic/report")

    def generic(self, content: Any, secret: str = "", age: int = 0, path: str = "/sms/generic") -> requests.Response:
        """A text by the generic provider."""
        body = json.dumps(content, ensure_ascii=False).encode()
        timestamp = str(int(time.time()) - age)
        headers = {
            "X-Hotline-Timestamp": timestamp,
            "X-Hotline-Signature": sign(secret or self._sms_secret, timestamp, body),
        }
        return self.post(path, body, headers=headers)

    def provider(self, name: str, content: Any, secret: str = "") -> requests.Response:
        """A callback of a provider that signs nothing."""
        body = json.dumps(content, ensure_ascii=False).encode()
        return self.post(f"/sms/{name}/{secret or self.path_secret}", body)


def outer(encrypted: str) -> bytes:
    """What WeChat posts around a ciphertext."""
    return f"<xml><ToUserName>{cdata(ACCOUNT)}</ToUserName><Encrypt>{cdata(encrypted)}</Encrypt></xml>".encode()


def text_xml(sender: str, text: str, msg_id: int, created: int | None = None) -> str:
    """The plaintext of a text message."""
    return to_xml(ResidentMessage(text=text), sender, msg_id, created or int(time.time()))


def open_id() -> str:
    """An OpenID that nobody has."""
    return "o0000" + secrets.token_hex(10)


def number() -> str:
    """A made-up mobile number that nobody has, without country code."""
    return f"170000{secrets.randbelow(90000) + 10000}"


def _between(text: str, name: str) -> str:
    inside = text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
    return inside.removeprefix("<![CDATA[").removesuffix("]]>")
