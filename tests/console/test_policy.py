"""Every route says who may pass, and it is kept."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from console.policy import Policy, policy_of
from storage.engine import Database
from tests.console.conftest import Desk, signed_in
from tests.console.residents import add_staff

ANYONE = {"static", "signin.form", "signin.submit", "health.alive", "health.ready"}
NARROWER = {  # than the rest of their room
    "home.find": "find",
    "conversation.take_over": "take over",
    "drills.start": "lead",
    "drills.end": "lead",
    "claims.open_for": "propose",
    "claims.propose": "propose",
    "claims.submit": "propose",
    "claims.step": "step",
    "claims.extend": "extend",
    "claims.pay": "pay",
    "claims.payee": "payee",
    "claims.task_done": "by hand",
    "ledger.add_budget": "budget",
    "month.make": "make month",
}
CASES = {
    "inbox",
    "conversation",
    "cards",
    "cards_print",
    "papers",
    "orders",
    "tips",
    "tip_acts",
    "tip_new",
    "linked",
    "media",
    "events",
}
REWARDS = {"claims", "ledger", "propose", "step", "extend", "pay", "payee", "by hand", "budget"}


def paths(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and a path that matches, for every route."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: "css/base.css" if name == "filename" else uuid.uuid4() for name in rule.arguments}
        _, path = rule.build(values, append_unknown=False) or ("", "")
        found += [(rule.endpoint, method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


def test_every_route_has_a_policy(app: Flask) -> None:
    without = [rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None]
    assert without == []


def test_only_these_are_open(app: Flask) -> None:
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) == Policy(open=True)}
    assert opened == ANYONE


def test_a_route_without_a_policy_is_refused(new_app: Flask) -> None:
    new_app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert new_app.test_client().get("/forgotten").status_code == 403


def test_nobody_passes_without_signing_in(app: Flask) -> None:
    for endpoint, method, path in paths(app):
        if endpoint in ANYONE:
            continue
        response = app.test_client().open(path, method=method)
        background = path.startswith(("/fragments/", "/events", "/media/"))
        assert response.status_code == (401 if background else 302), (method, path)
        if not background:
            assert response.location.startswith("/sign-in")


def refused(app: Flask, desk: Desk) -> set[str]:
    token = desk.token()
    endpoints = set()
    for endpoint, method, path in paths(app):
        if endpoint in ("signin.leave", "events.show", "static"):
            continue
        response = desk.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        if response.status_code == 403:
            endpoints.add(NARROWER.get(endpoint, endpoint.split(".")[0]))
    return endpoints


def test_admins_see_no_cases(app: Flask, admin: Desk) -> None:
    assert refused(app, admin) == (CASES | REWARDS | {"find", "take over", "audit", "make month"}) - {"events"}
    assert admin.get("/events").status_code == 403


def test_agents_see_conversations_only(app: Flask, agent: Desk) -> None:
    assert refused(app, agent) == REWARDS | {
        "audit",
        "month",
        "make month",
        "cards",
        "cards_print",
        "papers",
        "orders",
        "tips",
        "tip_acts",
        "tip_new",
        "linked",
        "staff",
        "find",
        "take over",
        "duty_edit",
        "drills",
        "lead",
        "figures",
    }


def test_officers_do_not_manage_staff(app: Flask, officer: Desk) -> None:
    assert refused(app, officer) == {
        "audit",
        "staff",
        "lead",
        "extend",
        "pay",
        "payee",
        "budget",
    }  # nobody leads a shift: there is no roster


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("verifier", {"step"}),
        ("approver", {"step", "extend", "payee"}),
        ("finance", {"step", "pay", "payee", "by hand", "budget"}),
        ("auditor", {"audit", "month"}),
    ],
)
def test_each_hand_of_a_reward_has_its_own_routes(app: Flask, database: Database, role: str, may: set[str]) -> None:
    with database.transaction() as session:
        add_staff(session, role, "某人", role)
    desk = signed_in(app, role)
    cases = (
        CASES
        | REWARDS
        | {
            "find",
            "take over",
            "staff",
            "duty_edit",
            "learning",
            "drills",
            "lead",
            "figures",
            "audit",
            "month",
            "make month",
        }
    )
    assert refused(app, desk) == cases - {"claims", "ledger", "events"} - may
    assert desk.get("/").location == ("/audit" if role == "auditor" else "/claims")


@pytest.mark.parametrize(
    "path", ["/conversations/{}/take", "/cards/{}/state", "/staff/{}/deactivate", "/staff", "/account", "/sign-out"]
)
def test_posting_needs_the_token_of_the_page(app: Flask, path: str, officer: Desk, admin: Desk) -> None:
    for desk in (officer, admin):
        response = desk.client.post(path.format(uuid.uuid4()), data={"login": "x", "csrf_token": "wrong"})
        assert response.status_code in (400, 403)
    assert officer.get("/inbox").status_code == 200  # not signed out by it


def test_headers(app: Flask, agent: Desk) -> None:
    for path in ("/sign-in", "/inbox", "/nowhere", "/static/css/base.css"):
        headers = agent.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert agent.get("/inbox").headers["Cache-Control"] == "no-store"
    page = agent.get("/inbox").text
    assert "<style" not in page
    assert " style=" not in page
    assert "onclick" not in page
