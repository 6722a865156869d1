"""Text to sparse numbers: character n-grams and the words the rules know."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Tuple

import numpy as np

from nlu.features import grams, lexicon, prepared, spelt

Sparse = Tuple[np.ndarray, np.ndarray]  # places (int64) and values (float32) of what is not zero


class Vectoriser:
    """Sublinear TF-IDF of n-grams, normed to 1, beside the rules' words at a fixed weight."""

    def __init__(self, longest: int, weight: float, vocabulary: Dict[str, int], idf: np.ndarray) -> None:
        self.longest, self.weight, self.vocabulary, self.idf = longest, weight, vocabulary, idf
        self._idf: List[float] = idf.tolist()  # a list's numbers are read faster than an array's, one by one

    @classmethod
    def fit(cls, texts: List[str], longest: int, weight: float, rarest: int) -> "Vectoriser":
        """Learn vocabulary and document frequencies."""
        frequency: Dict[str, int] = {}
        words: Dict[str, int] = {}
        for text in texts:
            text = spelt(text)
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

    def vector(self, text: str) -> Sparse:
        """Places and values of one text."""
        text = spelt(text)
        places, values = [], []
        known, idf = self.vocabulary, self._idf
        for gram, count in grams(prepared(text), self.longest).items():
            place = known.get(gram)
            if place is not None:
                places.append(place)
                values.append(idf[place] if count == 1 else (1 + math.log(count)) * idf[place])
        array = np.asarray(values, dtype=np.float32)
        norm = math.sqrt(array @ array)
        array = array / norm if norm else array
        extra = [place for name in lexicon(text) if (place := self.vocabulary.get("\0" + name)) is not None]
        return (
            np.asarray(places + extra, dtype=np.int64),
            np.concatenate([array, np.full(len(extra), self.weight, dtype=np.float32)]),
        )

    def matrix(self, texts: List[str]) -> Any:
        """A scipy CSR matrix, a row a text."""
        from scipy.sparse import csr_matrix

        rows = [self.vector(text) for text in texts]
        starts = np.cumsum([0] + [len(places) for places, _ in rows])
        values, places = np.concatenate([row[1] for row in rows]), np.concatenate([row[0] for row in rows])
        return csr_matrix((values, places, starts), shape=(len(rows), len(self.vocabulary)))

    def facts(self) -> Dict[str, Any]:
        """What JSON can hold; ``idf`` is stored beside it."""
        names = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        return {"longest": self.longest, "weight": self.weight, "vocabulary": names}

    @classmethod
    def read(cls, facts: Dict[str, Any], idf: np.ndarray) -> "Vectoriser":
        """From ``facts`` and ``idf``."""
        vocabulary = {name: place for place, name in enumerate(facts["vocabulary"])}
        return cls(facts["longest"], facts["weight"], vocabulary, idf)
