"""``model``: which intent model is in service, and putting another one in service while residents write."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path

import click

from bot.run import model as service
from bot.run import state
from storage.servers.guarded import runs
from storage.settings import current

PATIENCE = 400.0  # seconds until a hand-over is given up on; the supervisor gives up sooner
TICK = 0.2


@click.group()
def model() -> None:
    """The intent model."""


@model.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(as_json: bool) -> None:
    """Say which model is in service and which one the present data and configuration make."""
    from nlu import train

    running = _running(current().data_dir)
    wanted = train.model_path()
    known = {
        "in_service": running.model if running else "",
        "of_present_sources": service.name_of(wanted),
        "trained": wanted.is_file(),
        "last_request": running.handover.says if running and running.handover else "",
    }
    click.echo(json.dumps(known, ensure_ascii=False) if as_json else "\n".join(f"{k}: {v}" for k, v in known.items()))


@model.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def serve(file: Path | None) -> None:
    """Put a model in service with no message lost: that of the present sources, trained if need be, or FILE.

    A second server is started and tried out, messages go to it, the first one ends. The next start of the hotline takes
    the model of its sources again.
    """
    from nlu import train

    data_dir = current().data_dir
    if current().nlu_urls:
        raise click.ClickException(service.ELSEWHERE)
    running = _running(data_dir)
    if running is None:
        raise click.ClickException("no hotline runs on this data folder; its start takes the model of the sources")
    if running.handover and running.handover.state == "going":
        raise click.ClickException("another model is being put in service: wait until that is done")
    try:
        chosen = (file or train.train()).resolve()
    except train.TrainingFailed as failed:
        raise click.ClickException(str(failed)) from failed
    request = secrets.token_hex(8)
    service.ask(data_dir, request, chosen)
    outcome = _await(data_dir, request)
    if outcome.state != "done":
        raise click.ClickException(outcome.says)
    click.echo(outcome.says)


def _running(data_dir: Path) -> state.RunState | None:
    found = state.read(data_dir)
    return found if found is not None and runs(found.pid) else None


def _await(data_dir: Path, request: str) -> state.Handover:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        running = _running(data_dir)
        if running is None:
            raise click.ClickException("the hotline ended meanwhile")
        if running.handover and running.handover.request == request and running.handover.state != "going":
            return running.handover
        time.sleep(TICK)
    raise click.ClickException("the running hotline does not answer: look at its terminal or journal")
