from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from console import words
from console.app import create_app
from console.services import KEY
from conversations.models import Staff
from storage.engine import Database
from storage.settings import Settings, SettingsError
from tests.console.conftest import Desk, signed_in


def test_alive_and_ready(app: Flask) -> None:
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/readyz").status_code == 200


def test_the_database_away(settings: Settings) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    client = create_app(settings, away).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    desk = Desk(client.application)
    response = desk.sign_in("agent")
    assert response.status_code == 503
    assert words.ERRORS[503][1] in response.text
    away.dispose()


def test_the_database_goes_away_from_somebody_signed_in(app: Flask, agent: Desk) -> None:
    """Given an open console, when the database goes away, then the page says so, and nobody is signed out."""
    here = app.extensions[KEY]
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    app.extensions[KEY] = replace(here, database=away)
    response = agent.get("/inbox")
    app.extensions[KEY] = here
    assert response.status_code == 503
    assert words.ERRORS[503][1] in response.text
    assert agent.get("/inbox").status_code == 200
    away.dispose()


def test_a_fault_of_ours_is_answered_calmly(new_app: Flask, people: dict[str, Staff]) -> None:
    def broken() -> str:
        raise RuntimeError("17000000001")

    agent = signed_in(new_app, "agent")
    new_app.view_functions["inbox.show"] = broken
    broken.policy = new_app.view_functions["cards.show_list"].policy  # type: ignore[attr-defined]
    assert agent.get("/inbox").status_code == 403
    broken.policy = new_app.view_functions["home.start"].policy  # type: ignore[attr-defined]
    response = agent.get("/inbox")
    assert response.status_code == 500
    assert "17000000001" not in response.text
    assert words.ERRORS[500][1] in response.text


@pytest.mark.parametrize("name", ["secret_key", "database_url"])
def test_it_does_not_start_without(settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    with pytest.raises(SettingsError, match=f"HOTLINE_{name.upper()}"):
        create_app(settings)
