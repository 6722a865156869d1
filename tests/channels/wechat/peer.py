"""A small real HTTP server that plays WeChat's API: each path answers from its own script, and calls are recorded."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What to say. ``behaviour``: ``hang`` never answers, ``reset`` cuts the connection, ``short`` promises more."""

    content: bytes = b""
    content_type: str = JSON
    status: int = 200
    behaviour: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    path: str
    query: dict[str, str]
    raw: bytes
    payload: dict[str, object]


def code(number: object, **more: object) -> Answer:
    return Answer(json.dumps({"errcode": number, "errmsg": "x", **more}).encode())


class Peer:
    """``scripts[path]``: answers in order, the last one for ever; or a function of the call."""

    def __init__(self) -> None:
        self.scripts: dict[str, list[Answer] | Callable[[Call], Answer]] = {}
        self.calls: list[Call] = []
        self.release = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def _next(self, call: Call) -> Answer:
        with self._lock:
            self.calls.append(call)
            script = self.scripts[call.path]
            if callable(script):
                return script(call)
            return script.pop(0) if len(script) > 1 else script[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def log_message(self, *_: object) -> None:
                return

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = urlsplit(self.path)
                payload = json.loads(raw) if raw else {}
                answer = peer._next(Call(parts.path, dict(parse_qsl(parts.query)), raw, payload))
                self.close_connection = True
                if answer.behaviour == "hang":
                    peer.release.wait(10)
                    return
                if answer.behaviour == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                missing = 10 if answer.behaviour == "short" else 0
                if answer.behaviour != "unannounced":
                    self.send_header("Content-Length", str(len(answer.content) + missing))
                self.send_header("Connection", "close")
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(ConnectionError):  # the other side may hang up on a body that is too long
                    self.wfile.write(answer.content)

        return Handler


class Tokens:
    """``/cgi-bin/stable_token`` as WeChat means it: the same token for everyone until one forces a new one."""

    def __init__(self) -> None:
        self.number = 1
        self.forced = 0

    def __call__(self, call: Call) -> Answer:
        if call.payload["force_refresh"]:
            self.forced += 1
            self.number += 1
        return Answer(json.dumps({"access_token": f"T{self.number}", "expires_in": 7200}).encode())
