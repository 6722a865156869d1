from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import redis as redis_library
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.test import TestResponse

from console.app import create_app
from console.services import services
from conversations.models import Staff
from storage.clock import utc_now
from storage.engine import Database
from storage.settings import Settings
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


@pytest.fixture
def console_database(database: Database) -> Iterator[Database]:
    """A pool of the console's own: the app hooks its publisher on it."""
    own = Database(database.url)
    yield own
    own.dispose()


class Compiled(BytecodeCache):
    """Templates are compiled once for all tests, not once for each test's app."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture
def app(settings: Settings, console_database: Database, redis: redis_library.Redis, clock: Clock) -> Iterator[Flask]:
    app = create_app(settings, console_database, redis, clock=clock)
    app.jinja_env.bytecode_cache = COMPILED
    app.testing = False  # errors are answered, as they are in the field
    yield app
    with app.app_context():
        services().hub.stop()


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
