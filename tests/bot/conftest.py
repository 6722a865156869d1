"""The bot's parts on a real database, with a clock that only moves when told to."""

from __future__ import annotations

import base64
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from werkzeug.serving import make_server

from bot import parts as bot_parts
from bot.channels.sms.registry import build, sending
from bot.channels.wechat.api import CustomerService
from bot.channels.wechat.tokens import TokenProvider
from bot.channels.wechat.transport import Transport
from bot.delivery import Courier
from bot.parts import Parts
from bot.run.checks import free_port
from sandbox.app import create_app
from storage.engine import Database
from storage.settings import Settings
from tests.bot.standins import Run, make_project, until, using
from tests.bot.world import World
from tests.handlers.conftest import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def built(database: Database, database_url: str, redis_url: str, settings: Settings, clock: Clock) -> Iterator[Parts]:
    """Everything a process of the bot has; no model, so plain rules understand."""
    settings.database_url = database_url
    settings.redis_url = redis_url
    parts = bot_parts.assemble(settings, clock=clock)
    yield replace(parts)
    parts.database.dispose()


@pytest.fixture
def environment(database: Database, settings: Settings) -> dict[str, str]:
    """What a command is told of the test's database."""
    key = base64.b64encode(b"k" * 32).decode()
    return {"HOTLINE_DATABASE_URL": database.url, "HOTLINE_DATA_KEY": key, "HOTLINE_SANDBOX": "1"}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not under pytest's own folder: each pytest that starts closes that one to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The supervisor with stand-ins."""
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def start(project: Path, open_folder: Path) -> Iterator[Callable[..., Run]]:
    """Starts the hotline on ``data`` in the open folder; nothing of it is left after the test."""
    started: list[Run] = []

    def run(**env: str) -> Run:
        started.append(Run(project, open_folder / "data", **env))
        return started[-1]

    yield run
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
    assert until(lambda: not using(open_folder / "data"))


@pytest.fixture
def world(database: Database, settings: Settings, clock: Clock) -> Iterator[World]:
    settings.intake_port = free_port()  # nobody's: what runs on this machine is not written to
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    settings.sms_generic_send_url = f"{url}/sms-operator/send"
    transport = Transport(f"{url}/wechat-api")
    tokens = TokenProvider(settings.wechat_app_id, settings.wechat_app_secret, transport, None)
    courier = Courier(database, CustomerService(transport, tokens), sending(settings, build(settings)), clock)
    for open_id in ("o1", "o2"):
        # The intake is not there; what counts is that the platform knows the resident.
        requests.post(f"{url}/api/wechat/{open_id}/send", json={"kind": "text", "text": "你好"}, timeout=60)
    yield World(url, courier, database, clock)
    server.shutdown()
    thread.join()
    server.server_close()
