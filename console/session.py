"""Who is signed in, until when.

The cookie holds the person's id, the count of their password changes (``epoch``) and the moment of their last own
action. Pages that refresh themselves do not count as action, so a console left alone signs out.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import flask_login
from flask import Flask, Response, redirect, request, session, url_for

from console.services import services
from conversations.models import Staff

IDLE = timedelta(hours=12)
REFRESH = timedelta(minutes=1)  # the cookie is not written anew more often than this
BACKGROUND = ("/fragments/", "/events", "/media/")
FETCHED = "X-Hotline-Fetch"  # header of requests our own script makes


class SignedIn:
    """A member of staff as flask-login wants to see them."""

    is_authenticated = True
    is_anonymous = False

    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    @property
    def is_active(self) -> bool:
        """Whether they may still sign in."""
        return self.staff.active

    def get_id(self) -> str:
        """What the cookie holds."""
        return str(self.staff.id)


def install(app: Flask) -> None:
    """Hook flask-login on the app."""
    # Templates ask for "me": a look at the database of its own would make the page fail that says it is away.
    manager = flask_login.LoginManager(app, add_context_processor=False)
    manager.session_protection = None  # phones change their address all day
    manager.user_loader(_load)


def _load(staff_id: str) -> SignedIn | None:
    now = services().clock()
    active_at = session.get("active_at")
    if not isinstance(active_at, int) or now - timedelta(seconds=active_at) > _epoch(now) + IDLE:
        return None
    with services().database.transaction() as rows:
        staff = rows.get(Staff, uuid.UUID(staff_id))
    if staff is None or not staff.active or staff.session_epoch != session.get("epoch"):
        return None
    if not asks_in_background() and int(now.timestamp()) - active_at > REFRESH.total_seconds():
        session["active_at"] = int(now.timestamp())
    return SignedIn(staff)


def _epoch(now: datetime) -> datetime:
    return datetime.fromtimestamp(0, now.tzinfo)


def asks_in_background() -> bool:
    """Whether the page asks by itself, without a person doing anything."""
    return request.path.startswith(BACKGROUND)


def fetched() -> bool:
    """Whether our script made the request and reads a JSON answer."""
    return FETCHED in request.headers


def start(staff: Staff) -> None:
    """Sign somebody in, with nothing left of the session before."""
    session.clear()
    session.permanent = True
    session["epoch"] = staff.session_epoch
    session["active_at"] = int(services().clock().timestamp())
    flask_login.login_user(SignedIn(staff))


def renew(staff: Staff) -> None:
    """Keep this session after its owner changed the password."""
    session["epoch"] = staff.session_epoch


def end() -> None:
    """Sign out."""
    flask_login.logout_user()
    session.clear()


def me_or_none() -> Staff | None:
    """Who is signed in."""
    user: Any = flask_login.current_user
    return user.staff if isinstance(getattr(user, "staff", None), Staff) else None


def me() -> Staff:
    """Who is signed in, where the policy has made sure that somebody is."""
    staff = me_or_none()
    if staff is None:
        raise RuntimeError("a view that needs somebody is open to anyone")
    return staff


def sign_in_first() -> Response:
    """Send to the sign-in page and, from there, back."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    answer = redirect(url_for("signin.form", next=back if back != "/" else None))
    assert isinstance(answer, Response)
    return answer


def safe_path(target: str | None) -> str:
    """A path of ours to go to; anything that could lead elsewhere becomes the start page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or any(c < " " for c in target):
        return "/"
    return target
