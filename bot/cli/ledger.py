"""``ledger``: the book of the reward budget."""

from __future__ import annotations

import click

from bot.cli.common import show, transaction
from conversations import staffing
from rewards import ledger as book
from rewards.schemes.bands import yuan
from storage.clock import utc_now


@click.group()
def ledger() -> None:
    """The book of the reward budget; no money moves by it."""


@ledger.command()
def verify() -> None:
    """Check the chain, the sum and where each claim's amount lies; exit code 1 where something is wrong."""
    with transaction() as session:
        faults = book.verify(session)
    for fault in faults:
        click.echo(f"entry {fault.position}: {fault.said}" if fault.position else fault.said, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("the ledger is whole, its sum is zero")


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def balances(as_json: bool) -> None:
    """What lies in each account, in yuan."""
    with transaction() as session:
        found = book.balances(session)
    show([{"account": account.value, "yuan": f"{amount:.2f}"} for account, amount in found.items()], as_json=as_json)


@ledger.command()
@click.argument("amount")
@click.option("--reference", required=True, help="The number of the document that grants it.")
@click.option("--back", is_flag=True, help="Take it back instead.")
def budget(amount: str, reference: str, back: bool) -> None:
    """Enter a budget in yuan."""
    try:
        value = yuan(amount)
        with transaction() as session:
            book.add_budget(session, -value if back else value, None, reference, utc_now())
            staffing.record(session, None, "ledger_budget", utc_now(), detail=f"{-value if back else value}")
    except (book.LedgerError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'taken back' if back else 'entered'}: {value:.2f} yuan, {reference}")
