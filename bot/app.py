"""The public app: webhooks and health, nothing else."""

from __future__ import annotations

import logging

from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from bot import metrics
from bot.parts import Parts, assemble, parts
from bot.web import health, policy, sms, wechat
from storage.logs import configure, fault
from storage.settings import Settings, current

MAX_BODY = 64 * 1024  # bytes; nothing a platform posts is larger
log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None, built: Parts | None = None) -> Flask:
    """The app of one process."""
    settings = settings or current()
    configure(settings.log_level)
    app = Flask("bot", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["parts"] = built or assemble(settings, pool_size=settings.intake_threads)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    parts(app).spool.watch()  # what a killed process left
    app.before_request(policy.guard)
    for blueprint in (wechat.blueprint, sms.blueprint, health.blueprint):
        app.register_blueprint(blueprint)
    app.register_error_handler(SQLAlchemyError, _database_down)
    app.register_error_handler(Exception, _unexpected)
    return app


def _database_down(error: SQLAlchemyError) -> Response:
    """Not stored, so not acknowledged: the platform delivers it again."""
    metrics.faults.labels("database").inc()
    log.error("not stored, the sender will try again", extra={"reason": type(error).__name__})
    return Response("", 503, mimetype="text/plain")


def _unexpected(error: Exception) -> Response:
    if isinstance(error, HTTPException):
        if isinstance(error, RequestEntityTooLarge):
            log.warning("request refused", extra={"reason": "oversized"})
        return Response("", error.code or 500, mimetype="text/plain")
    metrics.faults.labels("unexpected").inc()
    log.error("unexpected fault", extra=fault(error))
    return Response("", 500, mimetype="text/plain")
