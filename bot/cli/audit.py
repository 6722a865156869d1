"""``audit``: whether the log of who saw and did what is whole."""

from __future__ import annotations

import click

from bot.cli.common import transaction
from conversations import audit as log
from storage.chain import Break
from storage.clock import utc_now

SHORTEST = 16  # characters of a hash that is no accident
SAID = {
    Break.GAP: "line {position} is missing",
    Break.TORN: "line {position} does not follow the one before it",
    Break.CHANGED: "line {position} was changed",
    None: "{position} lines stand outside the chain",
}


class Anchor(click.ParamType[tuple[int, str]]):
    """``POSITION:HASH``, as ``audit verify`` printed it before."""

    name = "position:hash"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        """The two parts."""
        position, _, found = value.partition(":")
        if not position.isdecimal() or len(found) < SHORTEST:
            self.fail("write it as it was printed: POSITION:HASH", param, ctx)
        return int(position), found


@click.group()
def audit() -> None:
    """The audit log: who saw and did what."""


@audit.command()
@click.option("--anchor", type=Anchor(), help="What an earlier run printed: shows a log that was cut or written anew.")
def verify(anchor: tuple[int, str] | None) -> None:
    """Follow the whole chain; exit code 1 where something is wrong. Keep what it prints away from this machine."""
    with transaction() as session:
        found = log.verify(session, anchor)
        log.record(session, None, "audit_verify", utc_now(), detail=f"{found.links} {len(found.faults)}")
    for fault in found.faults:
        click.echo(SAID[fault.what].format(position=fault.position), err=True)
    if found.faults:
        raise SystemExit(1)
    click.echo(f"the audit log is whole: {found.links} lines\n{found.last}:{found.newest}")
