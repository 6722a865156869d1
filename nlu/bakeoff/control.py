"""The control any user would try: TF-IDF of character 1- to 4-grams and a linear SVM, as they come from scikit-learn.

Runs in Rasa's environment: reads {"training": [[intent, text]], "texts": []} from stdin, prints the intents with the
softmax of the margins, best first (an SVM has no shares of its own), and the seconds it took.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def main() -> None:
    """Train, predict, print."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    asked = json.load(sys.stdin)
    began = time.perf_counter()
    model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4)), LinearSVC(random_state=1))
    model.fit([text for _, text in asked["training"]], [intent for intent, _ in asked["training"]])
    seconds = time.perf_counter() - began
    margins = model.decision_function(asked["texts"])
    shares = np.exp(margins - margins.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    rankings = [[[model.classes_[k], float(row[k])] for k in np.argsort(-row)] for row in shares]
    json.dump({"training_seconds": round(seconds, 1), "rankings": rankings}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
