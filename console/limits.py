"""Guessing passwords: failed attempts per login and per address.

Counted in Redis; while it is away, in this process. Successful attempts cost nothing, so an office behind one
address is not locked out by its own people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import redis
from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from console.session import me
from conversations.accounts import normal_login

PER_LOGIN = "10 per 10 minutes"
PER_ADDRESS = "40 per 10 minutes"
FAILED = 422  # status of a wrong password


def install(app: Flask, client: redis.Redis | None) -> None:
    """Limit the routes at which a password can be tried."""
    options: dict[str, Any] = {"connection_pool": client.connection_pool} if client else {}
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri="redis://" if client else "memory://",
        storage_options=options,
        in_memory_fallback_enabled=client is not None,
        swallow_errors=True,
        key_prefix="console",
    )
    _limit(app, limiter, "signin.submit", _typed_login)
    _limit(app, limiter, "account.change", _own_login)


def _limit(app: Flask, limiter: Limiter, endpoint: str, login: Callable[[], str]) -> None:
    view: Any = app.view_functions[endpoint]
    view = limiter.limit(PER_ADDRESS, deduct_when=_failed)(view)
    view = limiter.limit(PER_LOGIN, key_func=login, deduct_when=_failed)(view)
    app.view_functions[endpoint] = view


def _failed(response: Response) -> bool:
    return response.status_code == FAILED


def _typed_login() -> str:
    # Hashed, for people sometimes type their password into the wrong field.
    return hashlib.sha256(normal_login(request.form.get("login", "")).encode()).hexdigest()[:24]


def _own_login() -> str:
    return str(me().id)
