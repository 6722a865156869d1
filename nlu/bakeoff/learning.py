"""The learning curve: both heads of our component on 25, 50, 75 and 100 % of the training texts.

Runs in Rasa's environment (``nlu/.venv/bin/python -m nlu.bakeoff.learning``); prints a Markdown table. The heads are
judged alone, without rules and thresholds.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

from nlu.components.head import Head
from nlu.components.sentences import Kept, embedding, engine
from nlu.components.vectors import Vectoriser
from nlu.leak_check import training_texts

ROOM = Path(__file__).resolve().parent.parent
SHARES = (25, 50, 75, 100)
WEIGHT, C, LONGEST, RAREST, EMBEDDING = 0.15, 1.0, 3, 2, 0.5


def placed(vectors: Any, mean: Any) -> Any:
    """As the component does."""
    away = vectors - mean
    return away * (EMBEDDING / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9))


def main() -> int:
    """Train and judge four times."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.metrics import f1_score

    rows = list(dict.fromkeys(training_texts()))
    random.Random(1).shuffle(rows)
    vectors = Kept(ROOM / "data" / "embeddings.npz").of([text for _, text in rows])
    tests: list[tuple[str, str]] = []
    for path in sorted((ROOM / "test").glob("*.jsonl")):
        lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        tests += [(line["intent"], line["text"]) for line in lines if line.get("intent")]
    loaded = engine()
    if vectors is None or loaded is None:
        print("no embeddings here, so no curve", file=sys.stderr)
        return 1
    seen = np.stack([embedding(loaded, text) for _, text in tests])
    wanted = [intent for intent, _ in tests]
    intents = sorted(set(wanted))
    print("| share | texts | quick: accuracy | macro-F1 | full: accuracy | macro-F1 |\n|---|---|---|---|---|---|")
    for share in SHARES:
        count = len(rows) * share // 100
        texts = [text for _, text in rows[:count]]
        labels = np.asarray([intents.index(intent) for intent, _ in rows[:count]])
        vectoriser = Vectoriser.fit(texts, LONGEST, WEIGHT, RAREST)
        known, asked = vectoriser.matrix(texts), vectoriser.matrix([text for _, text in tests])
        mean = vectors[:count].mean(axis=0)
        cells = []
        for train, test in (
            (known, asked),
            (
                hstack([known, csr_matrix(placed(vectors[:count], mean))]).tocsr(),
                hstack([asked, csr_matrix(placed(seen, mean))]).tocsr(),
            ),
        ):
            head = Head.fit(train, labels, C, folds=0)
            given = [intents[place] for place in (test @ head.weights + head.intercepts).argmax(axis=1)]
            right = sum(one == other for one, other in zip(given, wanted, strict=True)) / len(wanted)
            cells += [f"{right:.3f}", f"{f1_score(wanted, given, average='macro'):.3f}"]
        print(f"| {share} % | {count} | " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
