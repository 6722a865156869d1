"""``scheme``: reward schemes, checked, and what they make of a tip."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from bot.cli.common import transaction
from rewards import claims
from rewards.assess import assess
from rewards.facts import Facts, Finding
from rewards.scheme import Schemes
from rewards.schemes.model import Kind, Scheme
from rewards.schemes.reading import SchemeError, load_scheme
from rewards.telling import plain_words
from storage.clock import china_date
from storage.settings import current
from tips.models import Tip


@click.group()
def scheme() -> None:
    """Reward schemes."""


@scheme.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check a scheme file and tell its rules; what is wrong is named with file, line and rule, exit code 1."""
    try:
        found = load_scheme(file)
    except SchemeError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file.name}: in order, {len(found.rules)} rules, {found.kind.value}")
    if found.kind is Kind.EXAMPLE:
        click.echo("an example of another place: it cannot be put in force")
    click.echo(plain_words(found, amounts=True))


@scheme.command()
@click.argument("tip_number")
def explain(tip_number: str) -> None:
    """What the scheme makes of a tip (XS…): as proposed, or what is still to be found out."""
    settings = current()
    schemes = Schemes.load(settings.reward_scheme, sandbox=settings.sandbox)
    with transaction() as session:
        tip = session.scalar(select(Tip).where(Tip.number == tip_number.strip().upper()))
        if tip is None:
            raise click.ClickException(f"no tip {tip_number}")
        day = china_date(tip.registered_at)
        claim = claims.of_tip(session, tip.id)
        proposal = claims.latest_proposal(session, claim.id) if claim else None
        click.echo(f"{tip.number}  registered={day}  state={tip.state}")
        if claim is not None:
            click.echo(f"{claim.number}  state={claim.state}" + (f"  amount={claim.amount}" if claim.amount else ""))
        if proposal is not None:
            click.echo(proposal.lines)
            return
    in_force = schemes.in_force(day)
    click.echo(schemes.status(day) if in_force is None else "\n".join(_open(in_force)))


def _open(found: Scheme) -> list[str]:
    """Nothing is verified yet: every rule may fit, and everything is a question."""
    return list(assess(found, Facts(findings=tuple(Finding(rule.code, met=None) for rule in found.rules))).lines)
