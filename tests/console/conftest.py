from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import redis as redis_library
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.test import TestResponse

from console.app import create_app
from console.live import Hub
from console.services import KEY, services
from conversations.models import Staff
from storage.clock import utc_now
from storage.engine import Database
from storage.settings import Settings
from tests.conftest import plain_settings
from tests.console.browsing import OpenAs, browser, serving
from tests.console.browsing import sign_in as sign_in_at
from tests.console.residents import PASSWORD, Resident, add_staff


class Clock:
    """Real time, and movable."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class Desk:
    """A browser at the console, in few words."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, buffered=True)

    def token(self, path: str = "/account") -> str:
        found = re.search(r'name="csrf-?_?token" (?:content|value)="([^"]+)"', self.client.get(path).text)
        assert found
        return found.group(1)

    def post(self, path: str, fetched: bool = False, came_from: str = "", **fields: object) -> TestResponse:
        headers = {"X-Hotline-Fetch": "1"} if fetched else {"Referer": f"http://localhost{came_from or path}"}
        data = {"csrf_token": self.token(), **fields}
        return self.client.post(path, data=data, headers=headers)

    def sign_in(self, login: str, password: str = PASSWORD, **fields: object) -> TestResponse:
        data = {"csrf_token": self.token("/sign-in"), "login": login, "password": password, **fields}
        return self.client.post("/sign-in", data=data)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def _built(database_url: str, redis_url: str, server_dir: Path) -> Iterator[Flask]:
    """The console, put together once: its routes and queries are compiled for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        settings = plain_settings(patch, server_dir / "console")
    database, redis = Database(database_url), redis_library.Redis.from_url(redis_url)
    app = create_app(settings, database, redis)
    app.testing = False  # errors are answered, as they are in the field
    yield app
    redis.close()
    database.dispose()


@pytest.fixture
def app(
    _built: Flask, settings: Settings, database: Database, redis: redis_library.Redis, clock: Clock
) -> Iterator[Flask]:
    """The console on the empty database and Redis, with what a test may change: its settings and its clock."""
    with _built.app_context():
        kept = services()
    hub = Hub(redis)
    _built.extensions[KEY] = replace(kept, settings=settings, hub=hub, clock=clock)
    yield _built
    hub.stop()
    _built.extensions[KEY] = kept


@pytest.fixture
def new_app(settings: Settings, another_pool: Database, redis: redis_library.Redis) -> Flask:
    """A console of a test's own, whose routes it changes."""
    return create_app(settings, another_pool, redis)


@pytest.fixture
def console_database(app: Flask) -> Database:
    """The console's own pool, on which it hooks its publisher."""
    with app.app_context():
        return services().database


@pytest.fixture
def another_pool(database: Database) -> Iterator[Database]:
    """For a console of a test's own."""
    own = Database(database.url)
    yield own
    own.dispose()


@pytest.fixture
def desk(app: Flask) -> Desk:
    """Nobody signed in."""
    return Desk(app)


@pytest.fixture
def people(database: Database) -> dict[str, Staff]:
    """One of each role, and a second agent."""
    with database.transaction() as session:
        return {
            "agent": add_staff(session, "agent", "小李", "agent"),
            "second": add_staff(session, "second", "小赵", "agent"),
            "officer": add_staff(session, "officer", "王警官", "officer"),
            "admin": add_staff(session, "boss", "管理员", "admin"),
        }


@pytest.fixture
def agent(app: Flask, people: dict[str, Staff]) -> Desk:
    return signed_in(app, "agent")


@pytest.fixture
def second(app: Flask, people: dict[str, Staff]) -> Desk:
    return signed_in(app, "second")


@pytest.fixture
def officer(app: Flask, people: dict[str, Staff]) -> Desk:
    return signed_in(app, "officer")


@pytest.fixture
def admin(app: Flask, people: dict[str, Staff]) -> Desk:
    return signed_in(app, "boss")


def signed_in(app: Flask, login: str) -> Desk:
    desk = Desk(app)
    assert desk.sign_in(login).status_code == 303
    return desk


@pytest.fixture
def resident(console_database: Database, settings: Settings) -> Resident:
    return Resident(console_database, settings)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def url(app: Flask, people: dict[str, Staff]) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    made: list[BrowserContext] = []
    yield made
    for context in made:
        context.close()


@pytest.fixture
def faults() -> list[str]:
    """Errors of scripts, and what the content security policy refused."""
    return []


@pytest.fixture
def open_as(chromium: Browser, url: str, contexts: list[BrowserContext], faults: list[str]) -> OpenAs:
    """A browser of somebody's own, signed in; ``script`` runs before each page's, ``permissions`` are granted."""

    def open_page(login: str, width: int = 1280, *, script: str = "", permissions: tuple[str, ...] = ()) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        context.grant_permissions(list(permissions), origin=url)
        if script:
            context.add_init_script(script)
        page = sign_in_at(context, url, login)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        return page

    return open_page
