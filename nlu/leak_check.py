"""Finds test and evaluation texts, or near copies, in the training data.

``python -m nlu.leak_check`` lists them and exits with 1 if there are any. Two texts are near copies where their
normalised forms are equal, or share at least :data:`SHARED` of the shorter one's 5-grams.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from nlu.normalise import normal
from nlu.train import ROOM

GRAM = 5
SHARED = 0.8
# A greeting or a "yes" is the same in every hand; only longer texts can be copies.
SHORTEST = 8
_NOISE = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """The normalised text without punctuation and spaces."""
    return _NOISE.sub("", normal(text))


def grams(text: str) -> frozenset[str]:
    """The 5-grams of a bare text."""
    return frozenset(text[at : at + GRAM] for at in range(len(text) - GRAM + 1))


def training_texts(folder: Path = ROOM / "data") -> Iterator[tuple[str, str]]:
    """(intent, utterance) of every training file."""
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                if line.startswith("- "):
                    yield block["intent"], line[2:].strip()


def labelled_texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """(file, text) of every line of evaluation files."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield path.name, json.loads(line)["text"]


def near_copies(training: Iterable[str], held_out: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """(file, held-out text, training text) for each pair that is too close."""
    texts = sorted({text for text in training if len(bare(text)) >= SHORTEST})
    forms = [bare(text) for text in texts]
    index: dict[str, list[int]] = defaultdict(list)
    for place, form in enumerate(forms):
        for gram in grams(form):
            index[gram].append(place)
    for name, text in held_out:
        form = bare(text)
        if len(form) >= SHORTEST:
            close = _closest(form, forms, index)
            if close is not None:
                yield name, text, texts[close]


def _closest(form: str, forms: list[str], index: dict[str, list[int]]) -> int | None:
    own = grams(form)
    shared: dict[int, int] = defaultdict(int)
    for gram in own:
        for place in index.get(gram, ()):
            shared[place] += 1
    for place, count in shared.items():
        shorter = min(len(own), len(grams(forms[place])))
        if count >= SHARED * shorter:
            return place
    return None


def held_out_files() -> list[Path]:
    """Our own test set, and the evaluation texts where they are at hand."""
    from nlu.evaluate import SHARED as EVALUATION

    found = sorted((ROOM / "test").glob("*.jsonl"))
    return found + (sorted(EVALUATION.glob("*.jsonl")) if EVALUATION.is_dir() else [])


def main() -> int:
    """List the copies."""
    training = [text for _, text in training_texts()]
    found = list(near_copies(training, labelled_texts(held_out_files())))
    for name, text, copy in found:
        print(f"{name}\t{text}\t{copy}")
    print(f"{len(found)} near copies in {len(training)} training texts", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
