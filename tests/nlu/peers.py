"""A small real HTTP server that plays an NLU server, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "0123456789abcdef"


def answer(name: str = "greet", confidence: float = 0.9) -> str:
    """What Rasa says for a text."""
    rest = [other for other in ("consult", "urgent_loss", "greet") if other != name]
    ranking = [{"name": name, "confidence": confidence}]
    ranking += [{"name": other, "confidence": (1 - confidence) / 2} for other in rest]
    return json.dumps({"text": "…", "intent": ranking[0], "entities": [], "intent_ranking": ranking})


@dataclass
class Peer:
    """What it says, how slowly, and what it was asked."""

    port: int = 0
    body: str = field(default_factory=answer)
    status: int = 200
    delay: float = 0.0
    texts: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def nlu_peer() -> Iterator[Peer]:
    """A peer on a free port, stopped at the end."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            peer.connections += 1
            super().setup()

        def do_GET(self) -> None:
            self._send(200, json.dumps({"model_file": f"models/{MODEL}.tar.gz", "fingerprint": {}}))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            peer.texts.append(json.loads(self.rfile.read(length))["text"])
            time.sleep(peer.delay)
            self._send(peer.status, peer.body)

        def _send(self, status: int, body: str) -> None:
            content = body.encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:  # the client has given up
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    peer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
