"""Which known question a short Chinese text resembles most: character n-gram TF-IDF, no model, no I/O.

A query is compared with every sample question by cosine, and with everything an entry says (samples and
keywords) by the share of the query's weight found there. Grams nobody uses weigh most, so text about
something else scores low however many everyday words it shares.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_NOT_WORD = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_CLAUSE_END = re.compile(r"[\s,，.。!！?？;；、~…:：]+")

_PIECE = re.compile(r"[0-9]+|[a-z]+|[\u3400-\u9fff]")

# Shares of the score. Tuned on tests/knowledge/wordings.yml, none of which is a sample question.
COSINE, COVERAGE, TOPIC = 0.5, 0.3, 0.2
NO_TOPIC = 0.5  # a text that names no keyword of the entry keeps this part of its score, more where a sample is close
KEYWORD = 0.6  # what one keyword that only this entry has adds to its topic
UNIGRAM_WEIGHT = 0.35  # single characters keep dialect word order from hurting, and must not decide
GENERAL_WEIGHT = 0.3  # "how do I", "what is": every question has them
CLAUSE_PENALTY = 0.9  # a clause may answer for a long text, a little less surely than the whole
MIN_CLAUSE = 5  # characters
MAX_QUERY = 300  # characters looked at


class Wording:
    """The wording texts are compared in: one spelling for typos and dialect, without words that carry no topic."""

    def __init__(
        self,
        replace: Mapping[str, str],
        drop: Iterable[str],
        general: Iterable[str] = (),
        traditional: str = "",
        simplified: str = "",
    ) -> None:
        self._replace = dict(replace)
        self._spellings = _any_of(self._replace)
        self._empty = _any_of(drop)
        self._characters = str.maketrans(traditional, simplified)
        self._general = frozenset(gram for phrase in general for gram in grams(self.normal(phrase)))

    def normal(self, text: str) -> str:
        """Lower-case letters, digits and Chinese characters only, in the common wording."""
        text = unicodedata.normalize("NFKC", text).lower().translate(self._characters)
        text = self._spellings.sub(lambda found: self._replace[found[0]], text)
        return _NOT_WORD.sub("", self._empty.sub("", text))

    def general(self, gram: str) -> bool:
        """Whether every question may have this gram, whatever it is about."""
        return gram in self._general

    def clauses(self, text: str) -> list[str]:
        """The parts between punctuation, in the common wording; short ones left out."""
        parts = [self.normal(part) for part in _CLAUSE_END.split(text)]
        return [part for part in parts if len(part) >= MIN_CLAUSE]


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words, the longest that fits; without words, nothing."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


@dataclass(frozen=True, slots=True)
class Document:
    """What one entry is recognised by. ``keywords`` name its topic; a text with none of them is hardly about it."""

    key: str
    questions: Sequence[str]
    keywords: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate; ``score`` is between 0 and 1."""

    key: str
    score: float


def grams(text: str) -> Counter[str]:
    """Single characters and pairs of a normalised text; a number or Latin word is one piece."""
    pieces = _PIECE.findall(text)
    return Counter([*pieces, *(first + second for first, second in pairwise(pieces))])


class Matcher:
    """An index built once; :meth:`rank` is deterministic and touches only entries that share a gram."""

    def __init__(self, documents: Iterable[Document], wording: Wording) -> None:
        self._wording = wording
        documents = list(documents)
        self._vocabulary = {doc.key: self._all_grams(doc) for doc in documents}
        frequency = Counter(gram for vocabulary in self._vocabulary.values() for gram in vocabulary)
        self._idf = {gram: math.log(1 + len(documents) / count) for gram, count in frequency.items()}
        self._unseen = math.log(1 + 2 * max(len(documents), 1))
        self._owners: list[str] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._topics: dict[str, set[str]] = defaultdict(set)
        for doc in documents:
            for keyword in doc.keywords:
                self._topics[wording.normal(keyword)].add(doc.key)
            for question in doc.questions:
                self._add(doc.key, question)

    def rank(self, text: str) -> list[Ranked]:
        """Entries that resemble the text, best first; ties in the order of their keys."""
        text = text[:MAX_QUERY]
        best = self._score(self._wording.normal(text))
        clauses = self._wording.clauses(text)
        for clause in clauses if len(clauses) > 1 else ():
            for key, score in self._score(clause).items():
                best[key] = max(best.get(key, 0.0), score * CLAUSE_PENALTY)
        return sorted((Ranked(key, score) for key, score in best.items()), key=lambda it: (-it.score, it.key))

    def _all_grams(self, doc: Document) -> frozenset[str]:
        return frozenset(gram for text in (*doc.questions, *doc.keywords) for gram in grams(self._wording.normal(text)))

    def _weights(self, text: str) -> dict[str, float]:
        return {gram: math.sqrt(count) * self._weight(gram) for gram, count in grams(text).items()}

    def _weight(self, gram: str) -> float:
        idf = self._idf.get(gram, self._unseen)
        if self._wording.general(gram):
            return idf * GENERAL_WEIGHT
        return idf * (UNIGRAM_WEIGHT if len(gram) == 1 else 1.0)

    def _add(self, key: str, question: str) -> None:
        weights = self._weights(self._wording.normal(question))
        length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
        for gram, value in weights.items():
            self._postings[gram].append((len(self._owners), value / length))
        self._owners.append(key)

    def _score(self, query: str) -> dict[str, float]:
        weights = self._weights(query)
        total = sum(weights.values())
        topics = self._topics_in(query)
        return {
            key: (COSINE * cosine + COVERAGE * self._covered(key, weights) / total + TOPIC * topics.get(key, 0.0))
            * (1.0 if key in topics else max(NO_TOPIC, cosine))
            for key, cosine in self._cosines(weights).items()
        }

    def _cosines(self, weights: Mapping[str, float]) -> dict[str, float]:
        """The best sample question of each entry."""
        length = math.sqrt(sum(value * value for value in weights.values()))
        sums: dict[int, float] = defaultdict(float)
        for gram, value in weights.items():
            for sample, part in self._postings.get(gram, ()):
                sums[sample] += value * part / length
        best: dict[str, float] = {}
        for sample, cosine in sums.items():
            best[self._owners[sample]] = max(best.get(self._owners[sample], 0.0), cosine)
        return best

    def _covered(self, key: str, weights: Mapping[str, float]) -> float:
        known = self._vocabulary[key]
        return sum(value for gram, value in weights.items() if gram in known)

    def _topics_in(self, query: str) -> dict[str, float]:
        """How much of each entry's topic is named, 0 to 1; a keyword of few entries says more."""
        found: dict[str, float] = defaultdict(float)
        for keyword, keys in self._topics.items():
            if keyword in query:
                for key in keys:
                    found[key] = min(1.0, found[key] + KEYWORD / len(keys))
        return found
