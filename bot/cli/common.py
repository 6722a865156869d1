"""What every command needs: the settings, the running database, and a way to print."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from sqlalchemy.orm import Session

from bot.run import state
from conversations import audit
from storage.clock import utc_now
from storage.engine import Database
from storage.sealing import Sealer, install
from storage.settings import Settings, current


def settings_with_database() -> Settings:
    """The settings; without a given database, that of the hotline running on the data folder."""
    settings = current()
    if settings.database_url:
        return settings
    running = state.read(settings.data_dir)
    url = running.embedded.get("postgres", "") if running else ""
    if not url:
        raise click.ClickException(
            "no database: HOTLINE_DATABASE_URL is empty and no hotline runs on this data folder (start it: make run)"
        )
    settings.database_url = url
    settings.redis_url = settings.redis_url or (running.embedded.get("redis", "") if running else "")
    return settings


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction on the running database, personal data readable."""
    settings = settings_with_database()
    install(Sealer(settings.data_key))
    database = Database(settings.database_url, pool_size=1)
    audit.watch(database.sessions)
    try:
        with database.transaction() as session:
            session.info[audit.ORIGIN] = f"cli {_user()}"[:64]
            yield session
            if audit.unnoted(session):
                audit.record(session, None, f"cli_{_command()}"[:48], utc_now())
    finally:
        database.dispose()


def _user() -> str:
    """The operator's login on this machine; a command has no other name for who gives it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _command() -> str:
    """The command that runs, whatever the program is called: ``staff_add``."""
    names: list[str] = []
    context = click.get_current_context()
    while context.parent is not None:
        names.insert(0, context.info_name or "")
        context = context.parent
    return "_".join(names)


def show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """One JSON array, or a line each."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=_plain, indent=1))
        return
    for row in rows:
        click.echo("  ".join(f"{key}={_plain(value)}" for key, value in row.items() if value not in (None, "", [])))
    click.echo(f"{len(rows)} rows", err=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, int | float | bool) else str(value)


HIDDEN = "***"


def hide(value: str, *, reveal: bool, keep: int = 0) -> str:
    """A personal value: as it is with ``--reveal``, else only its last characters."""
    if reveal or not value:
        return value
    return HIDDEN + (value[-keep:] if keep and len(value) > keep else "")
