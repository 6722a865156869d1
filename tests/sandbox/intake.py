"""A pretend hotline for the sandbox's tests: a real HTTP server that checks every signature with other code."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import xmltodict
from wechatpy.crypto import WeChatCrypto

from storage.settings import Settings

ACCOUNT = "gh_sandbox0000"


@dataclass
class Delivery:
    """One authenticated WeChat post."""

    query: dict[str, str]
    message: dict[str, Any]
    plaintext: str


@dataclass
class Intake:
    """``answer(delivery, intake)`` gives status and body; the SMS side answers ``sms_status``."""

    settings: Settings
    answer: Callable[[Delivery, Intake], tuple[int, bytes]] = lambda delivery, intake: (200, b"success")
    sms_status: int = 200
    deliveries: list[Delivery] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)

    @property
    def crypto(self) -> WeChatCrypto:
        return WeChatCrypto(self.settings.wechat_token, self.settings.wechat_aes_key, self.settings.wechat_app_id)

    def seal(self, xml: str) -> bytes:
        sealed: str = self.crypto.encrypt_message(xml, "nonce", str(int(time.time())))
        return sealed.encode()

    def reply(self, delivery: Delivery, text: str, **changes: str) -> bytes:
        """A well-formed encrypted passive reply; ``changes`` replaces or (empty) drops elements."""
        fields = {
            "ToUserName": delivery.message["FromUserName"],
            "FromUserName": delivery.message["ToUserName"],
            "CreateTime": str(int(time.time())),
            "MsgType": "text",
            "Content": f"<![CDATA[{text}]]>",
            **changes,
        }
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
        return self.seal(f"<xml>{inner}</xml>")


class Handler(BaseHTTPRequestHandler):
    """Subclassed per server with its ``intake``."""

    protocol_version = "HTTP/1.1"
    intake: Intake

    def do_GET(self) -> None:
        query = dict(parse_qsl(urlsplit(self.path).query))
        parts = sorted([self.intake.settings.wechat_token, query["timestamp"], query["nonce"]])
        good = hashlib.sha1("".join(parts).encode()).hexdigest() == query["signature"]  # noqa: S324  (WeChat's)
        self._answer(200 if good else 403, query["echostr"].encode() if good else b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if path == "/wechat":
            self._wechat(body)
        else:
            self._sms(path, body)

    def _wechat(self, body: bytes) -> None:
        query = dict(parse_qsl(urlsplit(self.path).query))
        try:
            plaintext = self.intake.crypto.decrypt_message(
                body, query["msg_signature"], query["timestamp"], query["nonce"]
            )
        except Exception as error:  # noqa: BLE001  (wechatpy raises anything for a forged body)
            self.intake.forged.append(repr(error))
            self._answer(403, b"")
            return
        try:
            message = xmltodict.parse(plaintext)["xml"]
        except Exception:  # noqa: BLE001  (tests send rubbish)
            message = {}
        delivery = Delivery(query, message, plaintext)
        self.intake.deliveries.append(delivery)
        self._answer(*self.intake.answer(delivery, self.intake))

    def _sms(self, path: str, body: bytes) -> None:
        signed = self.headers["X-Hotline-Timestamp"].encode() + b"." + body
        digest = hmac.new(self.intake.settings.sms_generic_secret.encode(), signed, hashlib.sha256).hexdigest()
        if self.headers["X-Hotline-Signature"] != "sha256=" + digest:
            self.intake.forged.append(path)
            self._answer(403, b"")
            return
        {"/sms/generic": self.intake.texts, "/sms/generic/report": self.intake.reports}[path].append(json.loads(body))
        self._answer(self.intake.sms_status, b'{"accepted": true}')

    def _answer(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            pass  # the sandbox cut us off, as it should

    def log_message(self, *args: object) -> None:
        pass


class Server:
    """The pretend hotline on a free loopback port, as a context."""

    def __init__(self) -> None:
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def serve(self, intake: Intake) -> None:
        self.http.RequestHandlerClass = type("Bound", (Handler,), {"intake": intake})

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
