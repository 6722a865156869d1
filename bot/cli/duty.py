"""``duty``: who is on duty, and the files that say so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from bot.cli.common import show, transaction
from conversations import staffing
from stops.duty import plans, roster
from stops.duty.reading import PlanError, read
from storage.clock import CHINA, utc_now

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def duty() -> None:
    """Who is on duty, and whom an unaccepted card reaches."""


@duty.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--at", "moment", default="", help="A moment of China's clock, 2026-12-05T03:00; empty: now.")
def show_duty(as_json: bool, moment: str) -> None:
    """Who is on duty, in the order in which they are reached."""
    try:
        now = datetime.fromisoformat(moment).replace(tzinfo=CHINA) if moment else utc_now()
    except ValueError as error:
        raise click.BadParameter("write it as 2026-12-05T03:00", param_hint="--at") from error
    with transaction() as session:
        show([_row(session, now)], as_json=as_json)


def _row(session: Session, now: datetime) -> dict[str, Any]:
    found = roster.on_duty(session, now)
    return {
        "at": now,
        "state": "on_duty" if found.people else "nobody" if found.has_roster else "no_roster",
        "day": found.kind.value,
        "shifts": ",".join(found.shifts),
        "people": ",".join(staff.login for staff in found.people),
        "leaders": ",".join(staff.login for staff in found.leaders),
        "until": found.until or "",
    }


@duty.command()
@FILE
@click.option("--people/--no-people", default=True, help="Also check the logins, for which the database must run.")
def check(file: Path, people: bool) -> None:
    """Check a roster or ladder; what is wrong is named with file, line and rule, exit code 1."""
    text = _text(file)
    try:
        if people:
            with transaction() as session:
                plan = plans.check(session, text, file.name)
        else:
            plan = read(text, file.name)
    except PlanError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file.name}: a {plan.what} in order, in force from {plan.effective_from}")


@duty.command()
@FILE
def load(file: Path) -> None:
    """Check a roster or ladder and keep it as the newest version."""
    text = _text(file)
    try:
        with transaction() as session:
            row = plans.load(session, text, file.name, None, utc_now())
            staffing.record(session, None, "duty_plan", utc_now(), "duty_plan", row.id, row.what)
    except PlanError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{row.what} {row.name} is loaded, in force from {row.effective_from}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8 text") from error
