"""``ledger``: the book of the reward budget."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.common import show, transaction
from conversations import staffing
from rewards import ledger as book
from rewards import reconcile as months
from rewards.facts import ZERO
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


@ledger.command()
@click.argument("month")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--xlsx", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write the file as well.")
def reconcile(month: str, as_json: bool, xlsx: Path | None) -> None:
    """A month (2026-11): each account's opening, movements and closing in yuan, and the receipts beside the book.

    Exit code 1 where receipts and book do not agree.
    """
    try:
        first = months.month_from(month)
    except ValueError as error:
        raise click.BadParameter("a month like 2026-11", param_hint="MONTH") from error
    with transaction() as session:
        rows, papers = months.month_of(session, first), months.receipts(session, first)
        content = months.workbook(session, first) if xlsx else b""
    if xlsx:
        xlsx.write_bytes(content)
    shown = [
        {
            "account": row.account.value,
            "opening": f"{row.opening:.2f}",
            "in": f"{row.into:.2f}",
            "out": f"{row.out_of:.2f}",
            "closing": f"{row.closing:.2f}",
        }
        for row in rows
    ]
    show(shown, as_json=as_json)
    wrong = [line for line in papers if not line.agrees]
    for line in wrong:
        click.echo(
            f"claim {line.claim} receipt {line.receipt or '-'}: paid {line.paid}, booked {line.booked}", err=True
        )
    if not as_json:
        total = sum((line.paid for line in papers if line.paid is not None), ZERO)
        click.echo(f"{len(papers)} receipts, {total:.2f} yuan, {len(wrong)} not as in the book")
    if wrong:
        raise SystemExit(1)
