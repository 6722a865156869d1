"""``report``: a month's report as .docx and .xlsx."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.cli.common import transaction
from knowledge.sources import FOLDER, load_fraud_types
from monthly import figures, making, papers, words
from storage.clock import utc_now


@click.command()
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Where the two files go.",
)
@click.option("--again", is_flag=True, help="Work the figures out anew though the report was made before.")
def report(month: datetime, folder: Path, again: bool) -> None:
    """Write the report of MONTH (2026-10): as it was made, in the console or here; else, or --again, make it."""
    names = {fraud.code: fraud.name for fraud in load_fraud_types(FOLDER / "fraud_types.yml")}
    try:
        with transaction() as session:
            before = making.made_for(session, month.date())
            made = before[0] if before and not again else making.make(session, month.date(), None, utc_now())
            said = making.signature(session, made)
            found = figures.from_json(made.figures)
    except making.MonthError as error:
        raise click.ClickException(str(error)) from error
    for ending, write in (("docx", papers.docx), ("xlsx", papers.xlsx)):
        file = folder / words.FILE.format(month=f"{month:%Y-%m}", ending=ending)
        file.write_bytes(write(found, names, said))
        click.echo(str(file))
    click.echo(said)
