"""Fits the points of ``rules/cues.yml`` on the training texts; run in Rasa's environment (it has scikit-learn).

``nlu/.venv/bin/python -m nlu.fit_cues`` rewrites the points; base and least stay as they were unless given.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from nlu import rulebook
from nlu.leak_check import training_texts
from nlu.normalise import normal
from nlu.scorecard import patterns_by_name

CARD = rulebook.RULES / "cues.yml"


def fitted() -> tuple[dict[str, float], float]:
    """Points by cue, in tenths, and the base."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]

    patterns = patterns_by_name()
    texts = [(intent, normal(text)) for intent, text in training_texts()]
    rows = [[pattern.search(text) is not None for pattern in patterns.values()] for _, text in texts]
    model: Any = LogisticRegression(C=0.3, max_iter=1000)
    model.fit(rows, [intent == "urgent_loss" for intent, _ in texts])
    points = {name: round(float(worth), 1) for name, worth in zip(patterns, model.coef_[0], strict=True)}
    return {name: worth for name, worth in points.items() if worth}, round(float(model.intercept_[0]), 1)


def write(path: Path, points: dict[str, float], base: float) -> None:
    """Replace points and base, keep everything else of the card."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    held = data["held"]
    data["points"] = {**dict(sorted(points.items(), key=lambda item: -item[1])), **held}
    data["base"] = base
    comment = "".join(line for line in path.read_text(encoding="utf-8").splitlines(True) if line.startswith("#"))
    path.write_text(comment + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")


def main() -> int:
    """Fit and write."""
    points, base = fitted()
    write(CARD, points, base)
    print(f"{len(points)} cues, base {base}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
