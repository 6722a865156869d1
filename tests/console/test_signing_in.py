"""Sign-in, its limits and its end."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from console import words
from console.app import create_app
from conversations import accounts
from conversations.accounts import AccountError
from conversations.models import AuditEntry, Staff
from storage import live
from storage.clock import utc_now
from storage.engine import Database
from storage.settings import Settings
from tests.console.conftest import Clock, Desk, signed_in
from tests.console.residents import PASSWORD

Everybody = dict[str, Staff]


def actions(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)))


def test_the_cookie(desk: Desk, people: Everybody) -> None:
    cookie = desk.sign_in("agent").headers["Set-Cookie"]
    assert cookie.startswith("hotline_console=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_the_cookie_by_https(settings: Settings, another_pool: Database, people: Everybody) -> None:
    settings.console_https = True
    client = create_app(settings, another_pool).test_client()
    response = client.get("/sign-in", base_url="https://console.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hotline_console=")
    assert "Secure" in cookie
    assert "Strict-Transport-Security" in response.headers


def test_what_may_be_wrong_is_not_told(desk: Desk, people: Everybody, database: Database) -> None:
    with database.transaction() as session:
        accounts.set_active(session, people["second"].id, False)
    for login, password in (("agent", "wrong-password"), ("nobody", PASSWORD), ("second", PASSWORD), ("", "")):
        response = desk.sign_in(login, password)
        assert response.status_code == 422
        assert words.WRONG_SIGN_IN in response.text
    assert actions(database) == ["sign_in_failed"] * 4
    assert desk.get("/inbox").status_code == 302


def test_an_unknown_login_costs_a_hash_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []
    real = accounts.verify_password

    def spy(stored: str | None, password: str) -> bool:
        checked.append(stored)
        return real(stored, password)

    monkeypatch.setattr(accounts, "verify_password", spy)
    assert accounts.authenticate(database, "nobody", PASSWORD) is None
    assert checked == [None]


def test_case_and_spaces_in_the_login_do_not_matter(desk: Desk, people: Everybody, database: Database) -> None:
    assert desk.sign_in(" Agent ").status_code == 303
    assert actions(database) == ["sign_in"]


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/cards?tab=all", "/cards?tab=all"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/%09/evil.example", "/%09/evil.example"),
        ("javascript:1", "/"),
    ],
)
def test_where_it_goes_after_signing_in(desk: Desk, people: Everybody, target: str, location: str) -> None:
    token = desk.token("/sign-in")
    data = {"csrf_token": token, "login": "officer", "password": PASSWORD}
    response = desk.client.post("/sign-in", query_string={"next": target}, data=data)
    assert response.location == location


def test_guessing_is_limited_by_login(app: Flask, people: Everybody) -> None:
    desk = Desk(app)
    codes = [desk.sign_in("agent", "wrong-password").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert desk.sign_in("agent").status_code == 429
    assert desk.sign_in("officer").status_code == 303, "others are not locked out by it"


def test_guessing_is_limited_by_address(app: Flask, people: Everybody) -> None:
    desk = Desk(app)
    for number in range(40):
        assert desk.sign_in(f"someone{number}", "").status_code == 422
    assert desk.sign_in("agent").status_code == 429
    elsewhere = app.test_client()
    assert elsewhere.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_signing_in_often_is_not_guessing(app: Flask, people: Everybody) -> None:
    for _ in range(12):
        assert Desk(app).sign_in("agent").status_code == 303


def test_a_dead_redis_neither_locks_out_nor_lets_guess(
    settings: Settings, another_pool: Database, people: Everybody
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    dead = live.connect(f"redis://127.0.0.1:{port}/0")
    app = create_app(settings, another_pool, dead)
    assert Desk(app).sign_in("agent").status_code == 303
    desk = Desk(app)
    codes = [desk.sign_in("agent", "wrong-password").status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert signed_in(app, "officer").get("/inbox").status_code == 200
    dead.close()


def test_a_silent_redis_does_not_hold_up(settings: Settings, another_pool: Database, people: Everybody) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mute = live.connect(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        app = create_app(settings, another_pool, mute)
        assert signed_in(app, "agent").get("/inbox").status_code == 200
        mute.close()


def test_a_session_ends_after_twelve_idle_hours(agent: Desk, clock: Clock) -> None:
    clock.ahead = timedelta(hours=11)
    assert agent.get("/inbox").status_code == 200
    clock.ahead = timedelta(hours=22)
    assert agent.get("/inbox").status_code == 200, "what a person does keeps the session"
    for hour in range(23, 34):
        clock.ahead = timedelta(hours=hour)
        assert agent.get("/fragments/inbox").status_code == 200
    clock.ahead = timedelta(hours=34, minutes=1)
    assert agent.get("/fragments/inbox").status_code == 401, "a page that refreshes itself does not"
    assert agent.get("/inbox").status_code == 302


def test_signing_out(agent: Desk, database: Database) -> None:
    assert agent.post("/sign-out").location == "/sign-in"
    assert agent.get("/inbox").status_code == 302
    assert actions(database)[-1] == "sign_out"


def test_changing_the_password_ends_the_other_sessions(app: Flask, agent: Desk, database: Database) -> None:
    elsewhere = signed_in(app, "agent")
    changed = agent.post("/account", old=PASSWORD, new="another-horse-7", again="another-horse-7")
    assert changed.status_code == 303
    assert agent.get("/inbox").status_code == 200
    assert elsewhere.get("/inbox").status_code == 302
    assert Desk(app).sign_in("agent").status_code == 422
    assert Desk(app).sign_in("agent", "another-horse-7").status_code == 303
    assert "change_password" in actions(database)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong-password", "another-horse-7", "another-horse-7"),
        (PASSWORD, "another-horse-7", "another-horse-8"),
        (PASSWORD, "short", "short"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "my-agent-password", "my-agent-password"),
    ],
)
def test_bad_password_changes(app: Flask, agent: Desk, old: str, new: str, again: str) -> None:
    assert agent.post("/account", old=old, new=new, again=again).status_code == 422
    assert Desk(app).sign_in("agent").status_code == 303


def test_the_first_login_is_made_once(database: Database) -> None:
    with database.transaction() as session:
        first = accounts.first_admin(session, "", utc_now())
    assert first is not None
    login, password = first
    staff = accounts.authenticate(database, login, password)
    assert staff is not None
    assert staff.role_set == {"admin", "officer", "agent"}
    with database.transaction() as session:
        assert accounts.first_admin(session, "", utc_now()) is None


@pytest.mark.parametrize(
    ("login", "name", "password", "roles"),
    [
        ("Ü", "甲", PASSWORD, ["agent"]),
        ("new", "", PASSWORD, ["agent"]),
        ("new", "甲", "short", ["agent"]),
        ("new", "甲", PASSWORD, []),
        ("new", "甲", PASSWORD, ["king"]),
        ("AGENT", "甲", PASSWORD, ["agent"]),
    ],
)
def test_bad_accounts(
    database: Database, people: Everybody, login: str, name: str, password: str, roles: list[str]
) -> None:
    with database.transaction() as session, pytest.raises(AccountError):
        accounts.create_staff(session, login, name, password, roles, utc_now())
