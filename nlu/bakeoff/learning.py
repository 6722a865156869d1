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
from nlu.components.vectors import Vectoriser
from nlu.leak_check import training_texts

ROOM = Path(__file__).resolve().parent.parent
SHARES = (25, 50, 75, 100)
CONFUSIONS = 15


def main() -> int:
    """Train and judge four times."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.metrics import f1_score

    config = LinearIntentClassifier.get_default_config()
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
    wanted = [intent for intent, _ in tests]
    intents = sorted({intent for intent, _ in rows})
    means = {text: cutter.mean(text) for _, text in (*rows, *tests)}
    print("| share | texts | accuracy | macro-F1 |\n|---|---|---|---|")
    given: list[str] = []
    for share in SHARES:
        count = len(rows) * share // 100
        texts = [text for _, text in rows[:count]]
        vectoriser = Vectoriser.fit(texts, config["longest"], (config["pairs"], config["weight"]), config["rarest"])
        centre = np.mean([means[text] for text in texts], axis=0)

        def seen(
            of: list[str], vectoriser: Vectoriser = vectoriser, centre: np.ndarray = centre
        ) -> Any:  # bound to this round
            beside = csr_matrix(np.stack([placed(means[text], centre, config["pieces"]) for text in of]))
            return hstack([vectoriser.matrix(of), beside]).tocsr()

        labels = np.asarray([intents.index(intent) for intent, _ in rows[:count]])
        head = Head.fit(seen(texts), labels, config["c"], folds=0)
        margins = seen([text for _, text in tests]) @ head.weights + head.intercepts
        given = [intents[place] for place in margins.argmax(axis=1)]
        right = sum(one == other for one, other in zip(given, wanted, strict=True)) / len(wanted)
        print(f"| {share} % | {count} | {right:.3f} | {f1_score(wanted, given, average='macro'):.3f} |", flush=True)
    confused = Counter((one, other) for one, other in zip(wanted, given, strict=True) if one != other)
    for (one, other), many in confused.most_common(CONFUSIONS):
        print(f"{one} taken for {other}: {many}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
