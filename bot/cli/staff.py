"""``staff``: who may sign in to the console."""

from __future__ import annotations

import secrets

import click

from bot.cli.common import settings_with_database, transaction
from conversations import accounts
from storage.clock import utc_now


@click.group()
def staff() -> None:
    """Who may sign in to the console."""


@staff.command()
@click.argument("login")
@click.option("--name", required=True, help="The name others see.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(accounts.ROLES), required=True, help="May be given often."
)
@click.option("--password", default="", help="Empty: one is made up and shown.")
def add(login: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Add a member of staff."""
    chosen = password or secrets.token_urlsafe(9)
    try:
        with transaction() as session:
            accounts.create_staff(session, login, name, chosen, roles, utc_now())
    except accounts.AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{login} may sign in" + ("" if password else f" with the password {chosen}"))


@staff.command()
def first() -> None:
    """Make the first login `admin`, if there is none yet; prints nothing otherwise."""
    settings = settings_with_database()
    password = settings.admin_password or secrets.token_urlsafe(9)
    with transaction() as session:
        made = accounts.first_admin(session, password, utc_now())
    if made is not None:
        click.echo(f"LOGIN {made[0]} PASSWORD {made[1]}")
