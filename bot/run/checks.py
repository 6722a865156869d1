"""Questions to the network: is a port free, does a server answer."""

from __future__ import annotations

import http.client
import json
import socket
from urllib.parse import quote, urlsplit

TIMEOUT = 3.0


def port_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def reachable_host(bind: str) -> str:
    """The host part of a URL by which this machine reaches a server bound to ``bind``."""
    if bind in ("0.0.0.0", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    if bind == "::":
        return "[::1]"
    return f"[{bind}]" if ":" in bind else bind


def answers(url: str) -> bool:
    """Whether a GET is answered with 200."""
    return _status(url, "GET", None) == http.client.OK


def model_answers(url: str, token: str) -> bool:
    """Whether an NLU server parses a text; the first parse also warms the model up."""
    path = f"{url.rstrip('/')}/model/parse?token={quote(token)}"
    return _status(path, "POST", json.dumps({"text": "你好"}).encode()) == http.client.OK


def model_is_missing(url: str, token: str) -> bool:
    """Whether an NLU server runs but could not load its model."""
    return _status(f"{url.rstrip('/')}/status?token={quote(token)}", "GET", None) == http.client.CONFLICT


def _status(url: str, method: str, body: bytes | None) -> int:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target, body, {"Content-Type": "application/json"} if body else {})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
