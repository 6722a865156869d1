"""The learning curve: the head of the profile "fast" on 25, 50, 75 and 100 % of the training texts.

Runs in Rasa's environment (``nlu/.venv/bin/python -m nlu.bakeoff.learning``); prints a Markdown table, and below it the
commonest confusions with all texts. The head is judged alone, without rules and thresholds.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from nlu.components.head import Head
from nlu.components.linear import LinearIntentClassifier, placed
from nlu.components.pieces import pieces
from nlu.components.vectors import Counted, Vectoriser
from nlu.leak_check import training_texts

ROOM = Path(__file__).resolve().parent.parent
SHARES = (25, 50, 75, 100)
CONFUSIONS = 15


class Taught:
    """The head on some texts, fitted as the component fits it. ``means``: of the pieces, by text."""

    def __init__(self, rows: list[tuple[str, str]], means: dict[str, np.ndarray]) -> None:
        self._config = config = LinearIntentClassifier.get_default_config()
        texts = [text for _, text in rows]
        self._means = means
        self._intents = sorted({intent for intent, _ in rows})
        counted = Counted(texts, config["longest"])
        self._vectoriser = Vectoriser.fit(
            counted, config["longest"], (config["pairs"], config["weight"]), config["rarest"]
        )
        self._centre = np.mean([means[text] for text in texts], axis=0)
        labels = np.asarray([self._intents.index(intent) for intent, _ in rows])
        self._head = Head.fit(self._seen(texts, counted), labels, config["c"], folds=0)

    def _seen(self, texts: list[str], counted: Counted | None = None) -> Any:
        from scipy.sparse import csr_matrix, hstack

        beside = np.stack([placed(self._means[text], self._centre, self._config["pieces"]) for text in texts])
        matrix = self._vectoriser.matrix(counted or Counted(texts, self._config["longest"]))
        return hstack([matrix, csr_matrix(beside)]).tocsr()

    def intents(self, texts: list[str]) -> list[str]:
        """The likeliest intent of each text."""
        margins = self._seen(texts) @ self._head.weights + self._head.intercepts
        return [self._intents[place] for place in margins.argmax(axis=1)]


def main() -> int:
    """Train and judge four times."""
    from sklearn.metrics import accuracy_score, f1_score

    rows = list(dict.fromkeys(training_texts()))
    random.Random(1).shuffle(rows)
    tests: list[tuple[str, str]] = []
    for path in sorted((ROOM / "test").glob("*.jsonl")):
        lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        tests += [(line["intent"], line["text"]) for line in lines if line.get("intent")]
    cutter = pieces()
    if cutter is None:
        print("no piece vectors here, so no curve", file=sys.stderr)
        return 1
    means = {text: cutter.mean(text) for _, text in (*rows, *tests)}
    wanted, asked = [intent for intent, _ in tests], [text for _, text in tests]
    given: list[str] = []
    print("| share | texts | accuracy | macro-F1 |\n|---|---|---|---|")
    for share in SHARES:
        count = len(rows) * share // 100
        given = Taught(rows[:count], means).intents(asked)
        right, balanced = accuracy_score(wanted, given), f1_score(wanted, given, average="macro")
        print(f"| {share} % | {count} | {right:.3f} | {balanced:.3f} |", flush=True)
    confused = Counter((one, other) for one, other in zip(wanted, given, strict=True) if one != other)
    for (one, other), many in confused.most_common(CONFUSIONS):
        print(f"{one} taken for {other}: {many}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
