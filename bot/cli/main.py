"""The commands operators and scripts use."""

from __future__ import annotations

import sys

import click

from bot.cli.audit import audit
from bot.cli.common import settings_with_database
from bot.cli.doctor import doctor
from bot.cli.drill import drill
from bot.cli.duty import duty
from bot.cli.figures import figures
from bot.cli.learning import learning
from bot.cli.ledger import ledger
from bot.cli.lists import claims, conversations, messages, stops, tips
from bot.cli.model import model
from bot.cli.orders import orders
from bot.cli.report import report
from bot.cli.scheme import scheme
from bot.cli.staff import staff
from storage import migrate as migrations
from storage.sealing import Sealer, install
from storage.settings import SettingsError, current


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The anti-fraud hotline."""


@cli.command()
def run() -> None:
    """Start everything and wait until Ctrl-C."""
    from bot.run.__main__ import main as supervise  # the supervisor's parts are not needed by other commands

    sys.exit(supervise())


@cli.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    settings = settings_with_database()
    install(Sealer(settings.data_key))  # some revisions seal values anew
    migrations.upgrade(settings.database_url)
    click.echo(f"database is at revision {migrations.newest()}")


@cli.command()
def worker() -> None:
    """Run the worker in the foreground."""
    from bot import parts, worker  # loads everything a worker needs
    from storage.logs import configure

    settings = current()
    configure(settings.log_level)
    worker.run(parts.assemble(settings))


for command in (
    stops,
    orders,
    figures,
    report,
    tips,
    claims,
    scheme,
    ledger,
    audit,
    conversations,
    messages,
    staff,
    duty,
    drill,
    model,
    learning,
    doctor,
):
    cli.add_command(command)


def main() -> None:
    """Run one command; what is wrong with the set-up is one sentence, not a stack trace."""
    try:
        cli()
    except SettingsError as error:
        click.echo(f"cannot start: {error}", err=True)
        sys.exit(2)
