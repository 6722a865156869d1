"""What the hotline knows: answers found by a resident's own wording, and the fraud types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.matcher import Document, Matcher, Wording
from knowledge.sources import FOLDER, Entry, FraudType, KnowledgeError, load_entries, load_fraud_types, read_mapping

# Below this nothing is answered: a wrong answer is worse than none. Tuned on tests/knowledge/wordings.yml.
THRESHOLD = 0.34
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Match:
    """The entry that answers a text; ``score`` is between the threshold and 1."""

    entry: Entry
    score: float


class Knowledge:
    """Answers and fraud types, read once. Immutable and safe to share between threads."""

    def __init__(self, entries: list[Entry], fraud_types: list[FraudType], wording: Wording) -> None:
        self.entries = tuple(entries)
        self.fraud_types = tuple(fraud_types)
        self._by_id = {entry.id: entry for entry in entries}
        self._types = {fraud.code: fraud for fraud in fraud_types}
        self._matcher = Matcher((Document(it.id, it.questions, it.keywords) for it in entries), wording)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Knowledge:
        """Read and check ``answers/*.yml``, ``fraud_types.yml`` and ``wording.yml``.

        Raises :class:`KnowledgeError` naming the file and the entry.
        """
        entries = load_entries(folder / "answers")
        fraud_types = load_fraud_types(folder / "fraud_types.yml")
        wording = _wording(folder / "wording.yml")
        _check_together(entries, fraud_types, wording)
        return cls(entries, fraud_types, wording)

    def answer(self, text: str, on: date | None = None) -> Match | None:
        """The best answer to a text, or None where nothing fits well enough.

        ``on``: leave out entries that take effect after that day.
        """
        for ranked in self._matcher.rank(text):
            if ranked.score < THRESHOLD:
                break
            entry = self._by_id[ranked.key]
            if on is None or entry.effective_from <= on:
                return Match(entry, ranked.score)
        return None

    def by_id(self, entry_id: str) -> Entry | None:
        """One entry, or None."""
        return self._by_id.get(entry_id)

    def fraud_type(self, code: str) -> FraudType | None:
        """One fraud type by its code, or None."""
        return self._types.get(code)


def _wording(path: Path) -> Wording:
    content = read_mapping(path)
    try:
        return Wording(**content)
    except (TypeError, ValueError, AttributeError) as error:
        raise KnowledgeError(f"{path.name}: {error}") from error


def _check_together(entries: list[Entry], fraud_types: list[FraudType], wording: Wording) -> None:
    codes = {fraud.code for fraud in fraud_types}
    if OTHER not in codes:
        raise KnowledgeError(f"fraud_types.yml: entry {OTHER!r} is missing")
    for entry in entries:
        if entry.fraud_type is not None and entry.fraud_type not in codes:
            raise KnowledgeError(f"answers: entry {entry.id!r}: unknown fraud_type {entry.fraud_type!r}")
        for keyword in entry.keywords:
            if len(wording.normal(keyword)) < 2:
                raise KnowledgeError(f"answers: entry {entry.id!r}: keyword {keyword!r} is too general")
