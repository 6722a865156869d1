"""A linear intent classifier on character n-grams and the rules' words, with calibrated confidence.

A one-against-rest linear SVM gives one margin per intent; the confidence is the softmax of the margins divided by a
temperature, which is fitted on margins of texts the SVM was not trained on (5 folds). Stored as plain arrays and JSON:
loading executes nothing and takes milliseconds.
"""

from __future__ import annotations

import json
import math
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.features import grams, lexicon, prepared

FOLDS = 5


class Vectoriser:
    """Text to sparse vector: sublinear TF-IDF of n-grams, normed to 1, beside the rules' words at a fixed weight."""

    def __init__(self, longest: int, weight: float, vocabulary: Dict[str, int], idf: np.ndarray) -> None:
        self.longest, self.weight, self.vocabulary, self.idf = longest, weight, vocabulary, idf

    @classmethod
    def fit(cls, texts: List[str], longest: int, weight: float, rarest: int) -> "Vectoriser":
        """Learn vocabulary and document frequencies."""
        frequency: Dict[str, int] = {}
        words: Dict[str, int] = {}
        for text in texts:
            for gram in grams(prepared(text), longest):
                frequency[gram] = frequency.get(gram, 0) + 1
            for name in lexicon(text):
                words[name] = words.get(name, 0) + 1
        kept = sorted(gram for gram, count in frequency.items() if count >= rarest)
        names = sorted(words)
        vocabulary = {gram: place for place, gram in enumerate(kept)}
        vocabulary.update({"\0" + name: len(kept) + place for place, name in enumerate(names)})
        idf = [math.log((1 + len(texts)) / (1 + frequency[gram])) + 1 for gram in kept] + [weight] * len(names)
        return cls(longest, weight, vocabulary, np.asarray(idf, dtype=np.float32))

    def vector(self, text: str) -> "tuple[np.ndarray, np.ndarray]":
        """Places and values of what is not zero."""
        places, values = [], []
        for gram, count in grams(prepared(text), self.longest).items():
            place = self.vocabulary.get(gram)
            if place is not None:
                places.append(place)
                values.append((1 + math.log(count)) * self.idf[place])
        array = np.asarray(values, dtype=np.float32)
        norm = float(np.linalg.norm(array))
        array = array / norm if norm else array
        extra = [place for name in lexicon(text) if (place := self.vocabulary.get("\0" + name)) is not None]
        return (
            np.asarray(places + extra, dtype=np.int64),
            np.concatenate([array, np.full(len(extra), self.weight, dtype=np.float32)]),
        )


def softmax(margins: np.ndarray, temperature: float) -> np.ndarray:
    """Shares that sum to 1 along the last axis."""
    scaled = margins / temperature
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def fitted_temperature(margins: np.ndarray, labels: np.ndarray) -> float:
    """The temperature under which the right labels are likeliest."""

    def loss(temperature: float) -> float:
        right = softmax(margins, temperature)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(right, 1e-12)).mean())

    return min((round(0.05 * step, 2) for step in range(2, 41)), key=loss)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent):
    """See the module."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """longest: n of the longest n-gram; rarest: texts an n-gram must occur in; weight: of the rules' words; c: of the SVM."""
        return {"longest": 3, "rarest": 2, "weight": 0.15, "c": 1.0}

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LinearIntentClassifier":
        return cls(config, model_storage, resource)

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        self._vectoriser: Vectoriser = Vectoriser(1, 0.0, {}, np.zeros(0, dtype=np.float32))
        self._intents: List[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._intercepts = np.zeros(0, dtype=np.float32)
        self._temperature = 1.0

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the examples that have text and intent."""
        from scipy.sparse import csr_matrix
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
        from sklearn.svm import LinearSVC

        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        wanted = [example.get(INTENT) for example in examples]
        config = self._config
        self._vectoriser = Vectoriser.fit(texts, config["longest"], config["weight"], config["rarest"])
        rows = [self._vectoriser.vector(text) for text in texts]
        indptr = np.cumsum([0] + [len(places) for places, _ in rows])
        matrix = csr_matrix(
            (np.concatenate([values for _, values in rows]), np.concatenate([places for places, _ in rows]), indptr),
            shape=(len(rows), len(self._vectoriser.vocabulary)),
        )
        self._intents = sorted(set(wanted))
        labels = np.asarray([self._intents.index(intent) for intent in wanted])
        svm = LinearSVC(C=config["c"], class_weight="balanced", random_state=1)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
        margins = cross_val_predict(svm, matrix, labels, cv=folds, method="decision_function")
        self._temperature = fitted_temperature(margins, labels)
        svm.fit(matrix, labels)
        self._weights = np.ascontiguousarray(svm.coef_.T, dtype=np.float32)
        self._intercepts = svm.intercept_.astype(np.float32)
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and ranking on every message."""
        for message in messages:
            ranking = self._ranking(message.get(TEXT) or "")
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, text: str) -> List[Dict[str, Any]]:
        if not self._intents:
            return []
        places, values = self._vectoriser.vector(text)
        shares = softmax(values @ self._weights[places] + self._intercepts, self._temperature)
        order = np.argsort(-shares, kind="stable")
        return [{"name": self._intents[place], "confidence": float(shares[place])} for place in order]

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / "model.npz", weights=self._weights, intercepts=self._intercepts, idf=self._vectoriser.idf
            )
            facts = {
                "intents": self._intents,
                "temperature": self._temperature,
                "longest": self._vectoriser.longest,
                "weight": self._vectoriser.weight,
                "vocabulary": sorted(self._vectoriser.vocabulary, key=self._vectoriser.vocabulary.__getitem__),
            }
            (folder / "model.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        """From what ``train`` stored."""
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(folder / "model.npz", allow_pickle=False) as arrays:
                loaded._weights, loaded._intercepts, idf = arrays["weights"], arrays["intercepts"], arrays["idf"]
        vocabulary = {gram: place for place, gram in enumerate(facts["vocabulary"])}
        loaded._vectoriser = Vectoriser(facts["longest"], facts["weight"], vocabulary, idf)
        loaded._intents, loaded._temperature = facts["intents"], facts["temperature"]
        return loaded
