"""``orders``: early-warning orders from above, listed and imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.cli.common import hide, show, transaction
from conversations import staffing
from stops.orders.deadlines import Deadlines
from stops.orders.importing import Imported, import_file
from stops.orders.models import WarningOrder
from stops.orders.register import list_orders
from stops.orders.table import MAX_BYTES, TableError
from storage.clock import utc_now
from storage.settings import current


@click.group()
def orders() -> None:
    """Early-warning orders from above."""


@orders.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--reveal", is_flag=True, help="Show personal data in full.")
@click.option("--limit", default=1000, show_default=True, help="At most so many, the newest.")
def listing(as_json: bool, reveal: bool, limit: int) -> None:
    """List the orders."""
    with transaction() as session:
        if reveal:
            staffing.record(session, None, "cli_reveal", utc_now(), detail="orders")
        rows = [_order(order, reveal) for order in list_orders(session, limit=limit)]
    show(rows, as_json=as_json)


@orders.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Import a list, CSV or XLSX. Bad rows are named and left out; then the exit status is 1."""
    if file.stat().st_size > MAX_BYTES:
        raise click.ClickException(f"{file.name}: larger than {MAX_BYTES} bytes")
    settings = current()
    deadlines = Deadlines.load(settings.order_deadlines, sandbox=settings.sandbox)
    try:
        with transaction() as session:
            result = import_file(session, file.name, file.read_bytes(), deadlines, None, utc_now())
    except TableError as error:
        raise click.ClickException(str(error)) from error
    _tell(result)


def _tell(result: Imported) -> None:
    for error in result.errors:
        click.echo(str(error), err=True)
    known = len(result.known) + len(result.differing)
    click.echo(f"new={len(result.new)}  known={known}  differing={len(result.differing)}  bad={result.bad_rows}")
    if result.errors:
        raise SystemExit(1)


def _order(order: WarningOrder, reveal: bool) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": order.number,
        "state": order.state,
        "received_at": order.received_at,
        "issued_at": order.issued_at,
        "due_at": order.due_at,
        "level": order.level,
        "fraud": order.fraud,
        "village": order.village,
        "name": hide(order.name, reveal=reveal),
        "phone": hide(order.phone, reveal=reveal, keep=4),
        "address": hide(order.address, reveal=reveal),
        "content": hide(order.content, reveal=reveal),
        "outcome": order.outcome,
        "rating": order.rating,
        "answered_at": order.answered_at,
        "card": order.card_id or "",
        "steps": {step.step: {"due_at": step.due_at, "done_at": step.done_at} for step in order.steps},
    }
