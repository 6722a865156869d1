"""What machines ask: is the process alive, can it work, how is it doing."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import ValueClass
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.parts import parts
from bot.web.policy import Policy, allow

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow(Policy.ANYONE)
def alive() -> Response:
    """The process answers."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
@allow(Policy.ANYONE)
def ready() -> tuple[Response, int]:
    """Messages can be stored. A missing model or Redis does not stop them, so neither makes this fail."""
    try:
        with parts(current_app).database.transaction() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(ready=False), 503
    return jsonify(ready=True), 200


@blueprint.get("/metrics")
@allow(Policy.LOOPBACK)
def metrics() -> Response:
    """Prometheus' text format, summed over the processes of this machine."""
    registry: CollectorRegistry = REGISTRY
    if ValueClass.__name__ == "MmapedValue":
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
