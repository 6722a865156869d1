"""Text to sparse numbers: character n-grams, pairs of characters that stand apart, and the words the rules know."""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, List, Mapping, Tuple

import numpy as np

from nlu.features import grams, lexicon, pairs, prepared, spelt

Sparse = Tuple[np.ndarray, np.ndarray]  # places (int64) and values (float32) of what is not zero
_KINDS = ("grams", "pairs", "words")
_RAREST_PAIR = 5  # texts a pair must occur in


class Vectoriser:
    """Sublinear TF-IDF of n-grams, normed to 1, that of pairs, normed to a weight, and the rules' words at another.

    ``weights``: those of the pairs and of the words. ``known``: by kind, what has a place, in the places' order; the
    kinds follow each other. ``idf``: of n-grams and pairs, by place.
    """

    def __init__(self, longest: int, weights: Tuple[float, float], known: Mapping[str, List[str]], idf: np.ndarray) -> None:
        self.longest, self.weights, self.known, self.idf = longest, weights, known, idf
        self.size = 0
        self._places: List[Dict[str, int]] = []
        for kind in _KINDS:
            self._places.append({name: self.size + place for place, name in enumerate(known[kind])})
            self.size += len(known[kind])
        self._idf: List[float] = idf.tolist()  # a list's numbers are read faster than an array's, one by one

    @classmethod
    def fit(cls, texts: List[str], longest: int, weights: Tuple[float, float], rarest: int) -> "Vectoriser":
        """Learn what occurs in how many texts; ``rarest``: texts an n-gram must occur in."""
        frequency: Dict[str, Dict[str, int]] = {kind: {} for kind in _KINDS}
        for text in texts:
            text = spelt(text)
            masked = prepared(text)
            for kind, found in zip(_KINDS, (grams(masked, longest), pairs(masked), lexicon(text))):
                counts = frequency[kind]
                for name in found:
                    counts[name] = counts.get(name, 0) + 1
        known, idf = {}, []
        for kind, least in zip(_KINDS, (rarest, _RAREST_PAIR, 1)):
            known[kind] = sorted(name for name, count in frequency[kind].items() if count >= least)
            if kind != "words":
                idf += [math.log((1 + len(texts)) / (1 + frequency[kind][name])) + 1 for name in known[kind]]
        return cls(longest, weights, known, np.asarray(idf, dtype=np.float32))

    def vector(self, text: str) -> Sparse:
        """Places and values of one text."""
        text = spelt(text)
        masked = prepared(text)
        of_grams, of_pairs, of_words = self._places
        first, first_values = self._weighed(grams(masked, self.longest), of_grams, 1.0)
        second, second_values = self._weighed(pairs(masked), of_pairs, self.weights[0])
        third = [place for name in lexicon(text) if (place := of_words.get(name)) is not None]
        return (
            np.asarray(first + second + third, dtype=np.int64),
            np.concatenate([first_values, second_values, np.full(len(third), self.weights[1], dtype=np.float32)]),
        )

    def _weighed(self, counts: Mapping[str, int], known: Mapping[str, int], weight: float) -> Tuple[List[int], np.ndarray]:
        places, values = [], []
        idf = self._idf
        for name, count in counts.items():
            place = known.get(name)
            if place is not None:
                places.append(place)
                values.append(idf[place] if count == 1 else (1 + math.log(count)) * idf[place])
        array = np.asarray(values, dtype=np.float32)
        norm = math.sqrt(array @ array)
        return places, array * np.float32(weight / norm) if norm else array

    def matrix(self, texts: Iterable[str]) -> Any:
        """A scipy CSR matrix, a row a text."""
        from scipy.sparse import csr_matrix

        rows = [self.vector(text) for text in texts]
        starts = np.cumsum([0] + [len(places) for places, _ in rows])
        values, places = np.concatenate([row[1] for row in rows]), np.concatenate([row[0] for row in rows])
        return csr_matrix((values, places, starts), shape=(len(rows), self.size))

    def facts(self) -> Dict[str, Any]:
        """What JSON can hold; ``idf`` is stored beside it."""
        return {"longest": self.longest, "weights": self.weights, "known": self.known}

    @classmethod
    def read(cls, facts: Dict[str, Any], idf: np.ndarray) -> "Vectoriser":
        """From ``facts`` and ``idf``."""
        return cls(facts["longest"], tuple(facts["weights"]), facts["known"], idf)
