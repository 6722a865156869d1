"""The sandbox: the other side of the hotline, for trying it out. Loopback only, never in production."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, abort, request

from sandbox import api, operator_api, page, robots_api, wechat_api
from sandbox.media import MAX_FILE
from sandbox.state import World
from storage.settings import Settings, SettingsError, current

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LOCAL_NAMES = ["127.0.0.1", "localhost", "[::1]"]  # another name means another site points its name at us


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] = _utc_now) -> Flask:
    """The app with a fresh world; raises :class:`SettingsError` in production mode."""
    settings = settings or current()
    if not settings.sandbox:
        raise SettingsError("the sandbox does not run in production mode (HOTLINE_MODE)")
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=MAX_FILE + 65536, TRUSTED_HOSTS=LOCAL_NAMES)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["sandbox"] = World(settings, clock)
    app.before_request(_only_loopback)
    app.after_request(_harden)
    for module in (page, api, wechat_api, operator_api, robots_api):
        app.register_blueprint(module.blueprint)
    return app


def _only_loopback() -> None:
    """Refuse other machines, and pages of other sites open in the same browser."""
    peer = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104  (stands for "unknown": refused)
    if not peer.is_loopback:
        abort(403)
    origin = request.headers.get("Origin")
    if origin and origin != request.host_url.rstrip("/"):
        abort(403)


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
