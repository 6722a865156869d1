"""Who may pass: every route says it, and what says nothing is closed.

A view declares ``@may("officer")`` (any of these roles), ``@may.signed_in`` or ``@may.anyone``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, request

from console.session import asks_in_background, me_or_none, sign_in_first

View = TypeVar("View", bound=Callable[..., Any])
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may pass a route. ``roles``: any one of these; empty: everybody who is signed in."""

    open: bool = False
    roles: frozenset[str] = frozenset()


class May:
    """The decorators."""

    def __call__(self, *roles: str) -> Callable[[View], View]:
        """Only for somebody with one of these roles."""
        return lambda view: _declare(view, Policy(roles=frozenset(roles)))

    @staticmethod
    def signed_in(view: View) -> View:
        """For everybody who is signed in."""
        return _declare(view, Policy())

    @staticmethod
    def anyone(view: View) -> View:
        """For the whole world."""
        return _declare(view, Policy(open=True))


may = May()


def _declare(view: View, policy: Policy) -> View:
    view.policy = policy  # type: ignore[attr-defined]
    return view


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """What a route declares; None when nothing."""
    policy = getattr(app.view_functions[endpoint], "policy", None)
    return policy if isinstance(policy, Policy) else None


def enforce() -> Response | None:
    """Before every request: let pass, ask to sign in, or refuse."""
    if request.endpoint is None:
        return None  # no such page; that answer tells nothing
    policy = policy_of(current_app, request.endpoint)
    if policy is None:
        log.error("a route without a policy was refused", extra={"endpoint": request.endpoint})
        abort(403)
    if policy.open:
        return None
    staff = me_or_none()
    if staff is None:
        if asks_in_background():
            abort(401)
        return sign_in_first()
    if policy.roles and not policy.roles & staff.role_set:
        abort(403)
    return None
