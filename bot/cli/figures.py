"""``figures``: how the stop queue and the warning orders went."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import click

from bot.cli.common import transaction
from knowledge.sources import FOLDER, load_fraud_types
from stops import figures as figures_of
from storage.clock import china_date, utc_now

USUALLY = timedelta(days=29)
COLUMNS = ("cards", "losses", "complete", "steps", "reported_fen", "stopped_fen", "returned_fen")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day, by China's calendar.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day; today by default.")
def figures(as_json: bool, first: datetime | None, last: datetime | None) -> None:
    """Figures by day, month, fraud type, village and age group; drills excluded. Thirty days by default."""
    now = utc_now()
    to: date = last.date() if last else china_date(now)
    begin: date = first.date() if first else to - USUALLY
    if not timedelta() <= to - begin < timedelta(days=figures_of.MOST_DAYS):
        raise click.ClickException(f"--from must lie before --to, at most {figures_of.MOST_DAYS} days")
    with transaction() as session:
        found = figures_of.report(session, begin, to, now)
    if as_json:
        names = {fraud.code: fraud.name for fraud in load_fraud_types(FOLDER / "fraud_types.yml")}
        click.echo(json.dumps(figures_of.as_json(found, names), ensure_ascii=False, indent=1))
        return
    for line in [*(day for day in found.days if day.cards), *found.months]:
        click.echo(line.key + "".join(f"  {name}={getattr(line, name)}" for name in COLUMNS))
