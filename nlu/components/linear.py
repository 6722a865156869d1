"""A linear intent classifier: n-grams, pairs, the rules' words and the meaning of the pieces; a second look where unsure.

The quick head sees n-grams, pairs of characters, words and the mean vector of the text's pieces. It decides where its
best share reaches ``second_look``; below it, the full head judges all but the pieces, and the sentence embedding.
Without embeddings (``second_look: 0``, no AVX2, no package) the quick head decides alone. Stored as plain arrays and
JSON: loading executes nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.head import Head
from nlu.components.pieces import Pieces, pieces
from nlu.components.sentences import Kept, embedding, engine
from nlu.components.vectors import Counted, Vectoriser
from nlu.train import fingerprint

KEPT = Path(__file__).resolve().parent.parent / "data" / "embeddings.npz"


def placed(vector: np.ndarray, mean: np.ndarray, weight: float) -> np.ndarray:
    """A vector beside the mean of all, ``weight`` long: its direction is what tells texts apart."""
    away = vector - mean
    return away * (weight / max(float(np.linalg.norm(away)), 1e-9))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent):
    """See the module."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """longest: n of the longest n-gram; rarest: texts an n-gram must occur in; pairs: weight of the pairs of
        characters; weight: of the rules' words; pieces: of the mean of the pieces, 0 none; c: of the SVM; second_look:
        share below which the embedding is asked for, 0 never; embedding: its weight."""
        return {
            "longest": 3, "rarest": 2, "pairs": 0.4, "weight": 0.15, "pieces": 0.5, "c": 2.0, "second_look": 0.0,
            "embedding": 0.5,
        }  # fmt: skip

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """What Rasa's cache cannot see: the rules and the code this component reads."""
        return fingerprint()

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LinearIntentClassifier":
        return cls(config, model_storage, resource)

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        self._vectoriser: Vectoriser = Vectoriser.fit(Counted([], 1), 1, (0.0, 0.0), 1)
        self._intents: List[str] = []
        self._quick: Optional[Head] = None
        self._full: Optional[Head] = None
        self._mean = self._centre = np.zeros(0, dtype=np.float32)
        self._pieces: Optional[Pieces] = None
        self._engine: Optional[Any] = None

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the examples that have text and intent."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        wanted = [example.get(INTENT) for example in examples]
        config = self._config
        self._intents = sorted(set(wanted))
        labels = np.asarray([self._intents.index(intent) for intent in wanted])
        counted = Counted(texts, config["longest"])
        self._vectoriser = Vectoriser.fit(
            counted, config["longest"], (config["pairs"], config["weight"]), config["rarest"]
        )
        matrix = self._vectoriser.matrix(counted)
        self._pieces = pieces() if config["pieces"] else None
        means = np.stack([self._pieces.mean(text) for text in texts]) if self._pieces is not None else None
        self._quick, self._centre = self._fitted(matrix, means, labels, config["pieces"])
        vectors = Kept(KEPT).of(texts) if config["second_look"] else None
        if vectors is not None:
            self._full, self._mean = self._fitted(matrix, vectors, labels, config["embedding"])
        self._persist()
        return self._resource

    def _fitted(
        self, matrix: Any, vectors: Optional[np.ndarray], labels: np.ndarray, weight: float
    ) -> Tuple[Head, np.ndarray]:
        """A head on the matrix and the vectors beside it, if any, and the vectors' mean."""
        if vectors is None:
            return Head.fit(matrix, labels, self._config["c"]), np.zeros(0, dtype=np.float32)
        from scipy.sparse import csr_matrix, hstack

        mean = vectors.mean(axis=0)
        beside = csr_matrix(np.stack([placed(vector, mean, weight) for vector in vectors]))
        return Head.fit(hstack([matrix, beside]).tocsr(), labels, self._config["c"]), mean

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and ranking on every message."""
        for message in messages:
            ranking = self._ranking(message.get(TEXT) or "")
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, text: str) -> List[Dict[str, Any]]:
        if self._quick is None:
            return []
        places, values = self._vectoriser.vector(text)
        known = self._vectoriser.size
        margins = values @ self._quick.weights[places]
        if self._pieces is not None and len(self._centre):
            meaning = placed(self._pieces.mean(text), self._centre, self._config["pieces"])
            margins = margins + meaning @ self._quick.weights[known:]
        shares = self._quick.shares(margins)
        if self._full is not None and self._engine is not None and shares.max() < self._config["second_look"]:
            seen = placed(embedding(self._engine, text), self._mean, self._config["embedding"])
            shares = self._full.shares(values @ self._full.weights[places] + seen @ self._full.weights[known:])
        order = np.argsort(-shares, kind="stable")
        return [{"name": self._intents[place], "confidence": float(shares[place])} for place in order]

    def _persist(self) -> None:
        arrays = {"idf": self._vectoriser.idf, "mean": self._mean, "centre": self._centre}
        for name, head in (("quick", self._quick), ("full", self._full)):
            arrays.update(head.arrays(name) if head is not None else {})
        facts = {"intents": self._intents, "vectoriser": self._vectoriser.facts()}
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / "model.npz", **arrays)
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
                loaded._vectoriser = Vectoriser.read(facts["vectoriser"], arrays["idf"])
                loaded._quick = Head.read(arrays, "quick")
                loaded._mean, loaded._centre = arrays["mean"], arrays["centre"]
                loaded._full = Head.read(arrays, "full") if "full_weights" in arrays else None
        loaded._intents = facts["intents"]
        loaded._pieces = pieces() if len(loaded._centre) else None
        loaded._engine = engine() if loaded._full is not None else None
        return loaded
