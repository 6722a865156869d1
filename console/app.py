"""The staff console: a process of its own, with its own cookie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import redis as redis_library
from flask import Flask, Response, current_app
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from console import errors, limits, policy, rendering, session, uploads
from console.live import Hub
from console.policy import may
from console.services import KEY, Services
from console.views import (
    account,
    audit,
    cards,
    cards_print,
    claims,
    conversation,
    drills,
    duty,
    duty_edit,
    events,
    figures,
    health,
    home,
    inbox,
    learning,
    ledger,
    linked,
    media,
    month,
    orders,
    papers,
    signin,
    staff,
    tip_acts,
    tip_new,
    tips,
)
from conversations.audit import watch
from knowledge.sources import FOLDER, load_fraud_types
from rewards.scheme import Schemes
from stops.orders.deadlines import Deadlines
from storage import live, sealing
from storage.clock import utc_now
from storage.engine import Database
from storage.settings import Settings, SettingsError, current
from tips.villages import Villages

VIEWS = (
    signin,
    home,
    inbox,
    conversation,
    cards,
    cards_print,
    papers,
    tips,
    tip_acts,
    tip_new,
    claims,
    ledger,
    linked,
    learning,
    duty,
    duty_edit,
    drills,
    figures,
    month,
    orders,
    audit,
    media,
    staff,
    account,
    events,
    health,
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
MAX_FORM = 64 * 1024  # bytes; routes that take a file say so (`uploads`)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    redis: redis_library.Redis | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Flask:
    """The app. What is not given is made from the settings; raises :class:`SettingsError` where they lack."""
    settings = settings or current()
    if not settings.secret_key:
        raise SettingsError("HOTLINE_SECRET_KEY is empty: it signs the console's cookies")
    if database is None and not settings.database_url:
        raise SettingsError("HOTLINE_DATABASE_URL is empty: start the console with everything else, by `make run`")
    sealing.install(sealing.Sealer(settings.data_key))
    database = database or Database(settings.database_url, ask_first=True)
    if redis is None and settings.redis_url:
        redis = live.connect(settings.redis_url)
    live.Publisher(redis).attach(database.sessions)
    watch(database.sessions)
    app = Flask(__name__)
    _configure(app, settings)
    names = {fraud.code: fraud.name for fraud in load_fraud_types(FOLDER / "fraud_types.yml")}
    app.extensions[KEY] = Services(
        settings,
        database,
        Hub(redis),
        clock,
        names,
        Deadlines.load(settings.order_deadlines, sandbox=settings.sandbox),
        Schemes.load(settings.reward_scheme, sandbox=settings.sandbox),
        Villages.load(settings.villages, settings.data_dir, sandbox=settings.sandbox),
    )
    session.install(app)
    app.before_request(policy.enforce)
    app.before_request(uploads.allow)
    CSRFProtect(app)
    app.after_request(_harden)
    errors.install(app)
    rendering.install(app)
    for view in VIEWS:
        app.register_blueprint(view.blueprint)
    may.anyone(app.view_functions["static"])
    limits.install(app, redis)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    https = settings.console_https
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-hotline_console" if https else "hotline_console",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=session.IDLE,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        MAX_CONTENT_LENGTH=MAX_FORM,
        MAX_FORM_MEMORY_SIZE=MAX_FORM,
        HTTPS=https,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["HTTPS"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
