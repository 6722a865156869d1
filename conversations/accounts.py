"""Who may sign in to the console, and as what."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from conversations.models import Staff
from conversations.passwords import LONGEST, SHORTEST, hash_password, new_password, verify_password
from storage.engine import Database

ROLES = ("agent", "officer", "verifier", "approver", "finance", "auditor", "admin")
FIRST_LOGIN = "admin"
FIRST_NAME = "管理员"
# A small office starts with one person; the roles can be spread over several later.
FIRST_ROLES = ("admin", "officer", "agent")
LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")
MAX_NAME = 20
_LOCK = 7_305_118_002  # any constant: one first login, whoever starts it


class AccountError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


def normal_login(login: str) -> str:
    """A login as it is stored: small letters, no spaces around it."""
    return login.strip().lower()


def create_staff(session: Session, login: str, name: str, password: str, roles: Iterable[str], now: datetime) -> Staff:
    """Add somebody. Raises :class:`AccountError`."""
    login, name = normal_login(login), name.strip()
    if not LOGIN.fullmatch(login):
        raise AccountError("登录名用小写字母开头,可以有数字、点和横线,2 到 32 个字符。")
    if not 1 <= len(name) <= MAX_NAME:
        raise AccountError(f"请填写姓名,不超过 {MAX_NAME} 个字。")
    if find(session, login) is not None:
        raise AccountError("这个登录名已经有人用了。")
    _check(password, login)
    staff = Staff(
        login=login,
        name=name,
        password_hash=hash_password(password),
        roles=_joined(roles),
        active=True,
        session_epoch=0,
        created_at=now,
    )
    session.add(staff)
    session.flush()
    return staff


def first_admin(session: Session, password: str, now: datetime) -> tuple[str, str] | None:
    """The first login and its password (made up if empty), where nobody exists yet; None where somebody does."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if session.scalar(select(func.count()).select_from(Staff)):
        return None
    password = password or new_password()
    create_staff(session, FIRST_LOGIN, FIRST_NAME, password, FIRST_ROLES, now)
    return FIRST_LOGIN, password


def find(session: Session, login: str) -> Staff | None:
    """Somebody by login."""
    return session.scalar(select(Staff).where(Staff.login == normal_login(login)))


def everybody(session: Session) -> list[Staff]:
    """All staff: who is active first, then by name."""
    return list(session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.name, Staff.login)))


def authenticate(database: Database, login: str, password: str) -> Staff | None:
    """Who signs in with this login and password; None for a wrong one, an unknown login and who was deactivated.

    All three take the same time. No connection is held while the password is checked.
    """
    with database.transaction() as session:
        staff = find(session, login)
    right = verify_password(staff.password_hash if staff else None, password)
    return staff if right and staff is not None and staff.active else None


def change_password(database: Database, staff_id: uuid.UUID, old: str, new: str) -> Staff:
    """Set one's own password; every session but the caller's ends. Raises :class:`AccountError`."""
    with database.transaction() as session:
        staff = session.get_one(Staff, staff_id)
    _check(new, staff.login)
    if not verify_password(staff.password_hash, old):
        raise AccountError("现在的密码不对。")
    if old == new:
        raise AccountError("新密码和现在的一样。")
    hashed = hash_password(new)
    with database.transaction() as session:
        staff = _locked(session, staff_id)
        staff.password_hash = hashed
        staff.session_epoch += 1
    return staff


def reset_password(session: Session, staff_id: uuid.UUID) -> str:
    """Give somebody a random password, which is returned and stored nowhere; their sessions end."""
    staff = _locked(session, staff_id)
    password = new_password()
    staff.password_hash = hash_password(password)
    staff.session_epoch += 1
    return password


def set_roles(session: Session, staff_id: uuid.UUID, roles: Iterable[str]) -> Staff:
    """What somebody may do. Raises :class:`AccountError` when nobody would be left to manage staff."""
    admins = _lock_admins(session)
    staff = _locked(session, staff_id)
    joined = _joined(roles)
    if "admin" not in joined.split(","):
        _keep_one(admins, staff)
    staff.roles = joined
    return staff


def set_active(session: Session, staff_id: uuid.UUID, active: bool) -> Staff:
    """Let somebody in or keep them out; out ends their sessions. Raises :class:`AccountError` for the last admin."""
    admins = _lock_admins(session)
    staff = _locked(session, staff_id)
    if not active:
        _keep_one(admins, staff)
        staff.session_epoch += 1
    staff.active = active
    return staff


def _locked(session: Session, staff_id: uuid.UUID) -> Staff:
    staff = session.scalar(
        select(Staff)
        .where(Staff.id == staff_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if staff is None:
        raise AccountError("没有这个人。")
    return staff


def _lock_admins(session: Session) -> list[Staff]:
    active = session.scalars(
        select(Staff)
        .where(Staff.active.is_(True))
        .order_by(Staff.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return [staff for staff in active if "admin" in staff.role_set]


def _keep_one(admins: list[Staff], leaving: Staff) -> None:
    if admins and all(admin.id == leaving.id for admin in admins):
        raise AccountError("至少要留一位能管理人员的管理员。")


def _joined(roles: Iterable[str]) -> str:
    chosen = set(roles)
    if not chosen or not chosen <= set(ROLES):
        raise AccountError("请至少选一个角色。")
    return ",".join(role for role in ROLES if role in chosen)


def _check(password: str, login: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(f"密码至少 {SHORTEST} 个字符。")
    if login in password.lower():
        raise AccountError("密码里不要包含登录名。")
