"""Dense features from n-grams (TF-IDF, then a truncated SVD), since SklearnIntentClassifier takes nothing sparse.

Only for the bake-off; runs in Rasa's environment. The fitted objects are pickled: never used in service.
"""

from __future__ import annotations

import pickle
from typing import Any, Dict, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class DenseGramFeaturizer(DenseFeaturizer, GraphComponent):
    """One vector a sentence."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "analyzer": "char", "longest": 4, "size": 200}

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Every value is ours (candidates.yml)."""

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, name: str) -> None:
        super().__init__(name, config)
        self._config, self._storage, self._resource = config, storage, resource
        self._steps: Any = None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "DenseGramFeaturizer":
        return cls(config, model_storage, resource, execution_context.node_name)

    def _spaced(self, message: Message) -> str:
        if self._config["analyzer"] == "char":
            return message.get(TEXT) or ""
        return " ".join(token.text for token in message.get(TEXT_TOKENS) or ())

    def train(self, training_data: TrainingData) -> Resource:
        """Fit TF-IDF and SVD."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline

        grams = TfidfVectorizer(
            analyzer=self._config["analyzer"],
            ngram_range=(1, self._config["longest"]),
            token_pattern=r"\S+",
            sublinear_tf=True,
            min_df=2,
        )
        self._steps = make_pipeline(grams, TruncatedSVD(self._config["size"], random_state=1))
        self._steps.fit([self._spaced(message) for message in training_data.intent_examples if message.get(TEXT)])
        with self._storage.write_to(self._resource) as folder:
            (folder / "steps.pickle").write_bytes(pickle.dumps(self._steps))
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Features of every example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Features of every message."""
        texts = [message for message in messages if message.get(TEXT)]
        if texts:
            vectors = self._steps.transform([self._spaced(message) for message in texts]).astype(np.float32)
            for message, vector in zip(texts, vectors):
                row = vector[np.newaxis]
                for kind in (FEATURE_TYPE_SEQUENCE, FEATURE_TYPE_SENTENCE):
                    message.add_features(Features(row, kind, TEXT, self._identifier))
        return messages

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "DenseGramFeaturizer":
        """From what ``train`` stored in this bake-off."""
        loaded = cls(config, model_storage, resource, execution_context.node_name)
        with model_storage.read_from(resource) as folder:
            loaded._steps = pickle.loads((folder / "steps.pickle").read_bytes())  # noqa: S301 - our own, minutes old
        return loaded
