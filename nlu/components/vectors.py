"""Text to sparse numbers: character n-grams, pairs of characters that stand apart, and the words the rules know."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np

from nlu.features import grams, lexicon, pairs, prepared, spelt

Sparse = Tuple[np.ndarray, np.ndarray]  # places (int64) and values (float32) of what is not zero
_KINDS = ("grams", "pairs", "words")
_RAREST_PAIR = 5  # texts a pair must occur in


class Counted:
    """What occurs in some texts, looked for once. By kind: ``names`` (number by name) and ``found``, three arrays with
    an entry an occurrence: the text's place, the name's number, how often."""

    def __init__(self, texts: Sequence[str], longest: int) -> None:
        self.size = len(texts)
        self.names: List[Dict[str, int]] = [{} for _ in _KINDS]
        numbers: List[List[np.ndarray]] = [[] for _ in _KINDS]
        counts: List[List[np.ndarray]] = [[] for _ in _KINDS]
        for text in texts:
            for kind, occurring in enumerate(_occurring(text, longest)):
                book = self.names[kind]
                named = (book.setdefault(name, len(book)) for name in occurring)
                numbers[kind].append(np.fromiter(named, dtype=np.int32, count=len(occurring)))
                counts[kind].append(np.fromiter(occurring.values(), dtype=np.int32, count=len(occurring)))
        self.found = [self._joined(numbers[kind], counts[kind]) for kind in range(len(_KINDS))]

    def _joined(self, numbers: List[np.ndarray], counts: List[np.ndarray]) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        none = np.zeros(0, dtype=np.int32)
        places = np.repeat(np.arange(self.size), [len(row) for row in numbers]) if numbers else none
        return places, np.concatenate([none, *numbers]), np.concatenate([none, *counts])


def _occurring(text: str, longest: int) -> Tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]:
    """By kind, what occurs in a text and how often."""
    text = spelt(text)
    masked = prepared(text)
    return grams(masked, longest), pairs(masked), dict.fromkeys(lexicon(text), 1)


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
    def fit(cls, texts: Counted, longest: int, weights: Tuple[float, float], rarest: int) -> "Vectoriser":
        """Learn what occurs in how many texts; ``rarest``: texts an n-gram must occur in."""
        known, idf = {}, []
        for place, (kind, least) in enumerate(zip(_KINDS, (rarest, _RAREST_PAIR, 1))):
            names = texts.names[place]
            frequency = np.bincount(texts.found[place][1], minlength=len(names))
            known[kind] = sorted(name for name, number in names.items() if frequency[number] >= least)
            if kind != "words":
                idf += [math.log((1 + texts.size) / (1 + frequency[names[name]])) + 1 for name in known[kind]]
        return cls(longest, weights, known, np.asarray(idf, dtype=np.float32))

    def vector(self, text: str) -> Sparse:
        """Places and values of one text."""
        of_grams, of_pairs, of_words = self._places
        in_grams, in_pairs, in_words = _occurring(text, self.longest)
        first, first_values = self._weighed(in_grams, of_grams, 1.0)
        second, second_values = self._weighed(in_pairs, of_pairs, self.weights[0])
        third = [place for name in in_words if (place := of_words.get(name)) is not None]
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

    def matrix(self, texts: Counted) -> Any:
        """A scipy CSR matrix, a row a text: what :meth:`vector` says of each."""
        from scipy.sparse import csr_matrix

        rows, columns, values = [], [], []
        for kind, known in enumerate(self._places):
            place_of = np.asarray([known.get(name, -1) for name in texts.names[kind]], dtype=np.int64)
            row, number, count = texts.found[kind]
            place = place_of[number] if len(place_of) else number
            row, place, count = row[place >= 0], place[place >= 0], count[place >= 0]
            if _KINDS[kind] == "words":
                value = np.full(len(row), self.weights[1])
            else:
                value = (1 + np.log(count)) * self.idf[place]
                norm = np.sqrt(np.bincount(row, value * value, minlength=texts.size))
                value = value / norm[row] * (1.0 if kind == 0 else self.weights[0])
            rows.append(row)
            columns.append(place)
            values.append(value.astype(np.float32))
        at = (np.concatenate(rows), np.concatenate(columns))
        return csr_matrix((np.concatenate(values), at), shape=(texts.size, self.size))

    def facts(self) -> Dict[str, Any]:
        """What JSON can hold; ``idf`` is stored beside it."""
        return {"longest": self.longest, "weights": self.weights, "known": self.known}

    @classmethod
    def read(cls, facts: Dict[str, Any], idf: np.ndarray) -> "Vectoriser":
        """From ``facts`` and ``idf``."""
        return cls(facts["longest"], tuple(facts["weights"]), facts["known"], idf)
