from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from sandbox.app import create_app
from storage.settings import Settings, load
from tests.sandbox.intake import Intake, Server


class Clock:
    """The sandbox's time: real, and movable."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Sandbox:
    """A running sandbox and short words for its interface."""

    def __init__(self, url: str, settings: Settings, clock: Clock) -> None:
        self.url = url
        self.settings = settings
        self.clock = clock
        self.http = requests.Session()
        self.http.trust_env = False

    def post(self, path: str, **body: Any) -> Any:
        response = self.http.post(self.url + path, json=body, timeout=30)
        assert response.ok, response.text
        return response.json()

    def get(self, path: str) -> Any:
        response = self.http.get(self.url + path, timeout=30)
        assert response.ok, response.text
        return response.json()

    def send(self, openid: str, **message: Any) -> Any:
        return self.post(f"/api/wechat/{openid}/send", **message)

    def bubbles(self, openid: str, via: str = "") -> list[dict[str, Any]]:
        messages = self.get(f"/api/wechat/{openid}")["messages"]
        return [message for message in messages if not via or message["via"] == via]

    def token(self, **changes: Any) -> dict[str, Any]:
        body = {
            "grant_type": "client_credential",
            "appid": self.settings.wechat_app_id,
            "secret": self.settings.wechat_app_secret,
            **changes,
        }
        answer: dict[str, Any] = self.post("/wechat-api/cgi-bin/stable_token", **body)
        return answer

    def custom_send(self, openid: str, text: str, token: str = "", timeout: float = 30) -> int:
        message = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        response = self.http.post(
            self.url + "/wechat-api/cgi-bin/message/custom/send",
            params={"access_token": token or self.token()["access_token"]},
            data=json.dumps(message, ensure_ascii=False).encode(),
            timeout=timeout,
        )
        assert response.status_code == 200
        code: int = response.json()["errcode"]
        return code


def until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait for something that comes on another thread."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
    return found


@pytest.fixture
def intake_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def settings(tmp_path: Path, intake_server: Server) -> Settings:
    return load(mode="sandbox", data_dir=tmp_path, intake_port=intake_server.port)


@pytest.fixture
def intake(intake_server: Server, settings: Settings) -> Intake:
    intake = Intake(settings)
    intake_server.serve(intake)
    return intake


@pytest.fixture
def sandbox(settings: Settings, intake: Intake) -> Iterator[Sandbox]:
    clock = Clock()
    server = make_server("127.0.0.1", 0, create_app(settings, clock=clock), threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    running = Sandbox(f"http://127.0.0.1:{server.port}", settings, clock)
    yield running
    running.http.close()
    server.shutdown()
    server.server_close()
