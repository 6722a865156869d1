"""``learning``: what residents said that the bot was unsure of or got wrong, labels, and training data made of them."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

import click

from bot.cli.common import show, transaction
from conversations import labels, staffing, training
from conversations.labels import Reviewed, Wanted
from nlu.types import Intent
from storage.clock import utc_now

UNUSABLE = "unusable"


@click.group()
def learning() -> None:
    """Learning from what residents write."""


@learning.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--which", type=click.Choice([wanted.value for wanted in Wanted]), default=Wanted.UNSURE.value)
@click.option("--limit", default=1000, show_default=True, help="At most so many, the newest.")
def listing(as_json: bool, which: str, limit: int) -> None:
    """List messages, personal values hidden."""
    with transaction() as session:
        rows = [_row(row) for row in labels.review(session, Wanted(which), limit)]
    show(rows, as_json=as_json)


@learning.command()
@click.argument("message", type=click.UUID)
@click.argument("intent", type=click.Choice([*(intent.value for intent in Intent), UNUSABLE]))
def label(message: uuid.UUID, intent: str) -> None:
    """Say what a message really meant; `unusable` keeps it out of the training data."""
    meant = labels.UNUSABLE if intent == UNUSABLE else intent
    try:
        with transaction() as session:
            labels.give(session, message, meant, None, utc_now())
    except staffing.StaffingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{message}: {intent}")


@learning.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the labelled messages to FILE.yml (Rasa) and beside it FILE.jsonl (`nlu.evaluate`)."""
    if file.suffix != ".yml":
        raise click.BadParameter("the file has to end in .yml", param_hint="FILE")
    beside = file.with_suffix(".jsonl")
    there = [str(path) for path in (file, beside) if path.exists()]
    if there:
        raise click.ClickException(f"{' and '.join(there)} exist already: choose another name")
    with transaction() as session:
        rows = training.usable(session)
        staffing.record(session, None, "learning_export", utc_now(), detail=f"{len(rows)} texts")
    _write(file, training.as_yaml(rows))
    _write(beside, training.as_jsonl(rows))
    click.echo(f"{len(rows)} texts: {file}, {beside}")


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def _row(row: Reviewed) -> dict[str, Any]:
    return {
        "id": row.id,
        "conversation": row.conversation_id,
        "channel": row.channel,
        "at": row.at,
        "text": row.text,
        "guess": row.guess,
        "confidence": row.confidence,
        "unsure": row.unsure,
        "decided_by": row.decided_by,
        "model": row.model,
        "alternatives": [{"intent": intent, "confidence": share} for intent, share in row.alternatives],
        "label": UNUSABLE if row.label == labels.UNUSABLE else row.label or "",
        "labelled_by": row.labelled_by,
        "labelled_at": row.labelled_at,
        "suggested": row.suggested,
    }
