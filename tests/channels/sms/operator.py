"""A real HTTP server in a thread that plays any operator, and the requests of one."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.sms.adapter import Request
from bot.channels.sms.reading import CHINA

NOW = datetime(2026, 3, 4, 12, 0, 0, tzinfo=CHINA)
SECRET = "0123456789abcdef" * 4
SHORT = (0.5, 0.3)  # timeouts of a test that waits for one


@dataclass
class Heard:
    """One request as it reached the operator."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Operator:
    """What to answer, and what was heard. ``silent``: read the request and answer nothing until the test is over."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    location: str = ""
    silent: bool = False
    drops: bool = False
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def operator(tls: ssl.SSLContext | None = None, **answers: object) -> Iterator[Operator]:
    script = Operator(**answers)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            script.heard.append(Heard(parts.path, parse_qs(parts.query), dict(self.headers), body))
            self.close_connection = True
            if script.silent:
                script.over.wait(10)
            if script.silent or script.drops:
                return
            self.send_response(script.status)
            self.send_header("Content-Type", script.content_type)
            self.send_header("Content-Length", str(len(script.body)))
            self.send_header("Connection", "close")
            if script.location:
                self.send_header("Location", script.location)
            self.end_headers()
            self.wfile.write(script.body)

        def handle(self) -> None:
            with suppress(ssl.SSLError):  # the client hung up on our certificate
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    script.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        script.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def own_certificate(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "tls.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


def post(
    body: bytes,
    *,
    secret: str = SECRET,
    headers: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    peer: str = "203.0.113.7",
    now: datetime = NOW,
    method: str = "POST",
) -> Request:
    return Request(method, secret, headers or {}, {}, form or {}, body, peer, now)
