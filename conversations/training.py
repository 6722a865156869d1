"""Labelled messages as training data: Rasa YAML for the model, JSON lines for ``nlu.evaluate``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from conversations.labels import Reviewed, Wanted, review
from nlu.types import Intent

EVERYTHING = 1_000_000  # messages; what is labelled by hand stays far below
_BRACKETS = str.maketrans("[]", "【】")  # Rasa reads entities between square ones


def usable(session: Session) -> list[Reviewed]:
    """The labelled messages fit for training, oldest first; of one text the newest label counts."""
    by_text = {row.text: row for row in reversed(review(session, Wanted.LABELLED, EVERYTHING)) if row.text}
    return [row for row in by_text.values() if row.label]


def as_yaml(rows: Sequence[Reviewed]) -> str:
    """A file for ``nlu/data/``; which models erred stands above the texts."""
    lines = [*_account(rows), 'version: "3.1"', "nlu:"]
    for intent in Intent:
        texts = [row.text for row in rows if row.label == intent]
        if texts:
            lines += [f"- intent: {intent.value}", "  examples: |", *(f"    - {_plain(text)}" for text in texts)]
    return "\n".join(lines) + "\n"


def as_jsonl(rows: Iterable[Reviewed]) -> str:
    """A line for each text, with the guess, its confidence and the model that made it."""
    return "".join(
        json.dumps(
            {
                "text": row.text,
                "intent": row.label,
                "guess": row.guess,
                "confidence": row.confidence,
                "decided_by": row.decided_by,
                "model": row.model,
            },
            ensure_ascii=False,
        )
        + "\n"
        for row in rows
    )


def _account(rows: Sequence[Reviewed]) -> list[str]:
    lines = [f"# {len(rows)} labelled messages without personal values; read them before they go into nlu/data/."]
    for model in sorted({row.model for row in rows}):
        mine = [row for row in rows if row.model == model]
        wrong = sum(row.erred for row in mine)
        lines.append(f"# {model or 'no model, plain rules'}: {len(mine)}, of these {wrong} misunderstood")
    return lines


def _plain(text: str) -> str:
    return text.translate(_BRACKETS)
