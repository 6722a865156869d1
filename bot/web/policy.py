"""Who may pass each route of the public app. A route that does not say is closed."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request

View = TypeVar("View", bound=Callable[..., Any])


class Policy(StrEnum):
    """``signed``: the view itself verifies a signature or a path secret. ``loopback``: this machine only."""

    SIGNED = "signed"
    LOOPBACK = "loopback"
    ANYONE = "anyone"


def allow(policy: Policy) -> Callable[[View], View]:
    """Declare a view's policy."""

    def mark(view: View) -> View:
        view.__dict__["policy"] = policy
        return view

    return mark


def policy_of(app: Flask, endpoint: str | None) -> Policy | None:
    """The policy an endpoint declares, None where it declares none."""
    view = app.view_functions.get(endpoint or "")
    return getattr(view, "policy", None)


def guard() -> None:
    """Before every request: no policy, no entry."""
    if request.endpoint is None:
        return  # no such route: Flask answers 404 itself
    policy = policy_of(current_app, request.endpoint)
    if policy is None:
        abort(403)
    # A request a proxy passed on is not from this machine, whoever the peer is.
    if policy is Policy.LOOPBACK and ("X-Forwarded-For" in request.headers or not _is_loopback(request.remote_addr)):
        abort(403)


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False
