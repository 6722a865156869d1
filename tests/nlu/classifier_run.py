"""Run by test_classifier.py in Rasa's environment: trains the component on a few texts, says what it makes of one."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components import linear, sentences
from nlu.components.vectors import Counted, Vectoriser
from nlu.rasa_server import know_the_empty_domain

EXAMPLES = {
    "greet": ["你好", "您好呀", "在吗", "早上好", "哈喽", "有人在不", "晚上好", "嗨"],
    "thank_bye": ["谢谢", "多谢你了", "再见", "拜拜", "麻烦你了", "感谢", "走了啊", "辛苦了"],
    "deny": ["不是", "没有", "不对", "不是我", "没得", "错了", "不要", "否"],
}


class Storage:
    """A folder in place of Rasa's model storage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def write_to(self, resource):
        yield self.folder

    read_from = write_to


def alike(texts: list[str]) -> bool:
    """Whether a text's numbers are the same looked for alone and among others, known n-grams and unknown."""
    counted = Counted(texts, 3)
    vectoriser = Vectoriser.fit(counted, 3, (0.4, 0.15), 2)
    asked = [*texts, "", "谢谢你们 没有别的了"]
    rows = vectoriser.matrix(Counted(asked, 3)).toarray()
    for text, row in zip(asked, rows, strict=True):
        places, values = vectoriser.vector(text)
        alone = np.zeros(vectoriser.size, dtype=np.float32)
        alone[places] = values
        if not values.any() or not np.allclose(alone, row, atol=1e-6):
            return False
    return bool(np.allclose(vectoriser.matrix(counted).toarray(), rows[: len(texts)]))


def main() -> None:
    """Train once, load with everything, without the engine and without piece vectors too, print the rankings.

    Also what Rasa, as our server runs it, says of an empty domain and of ours.
    """
    folder = Path(sys.argv[1])
    linear.KEPT = folder / "kept.npz"
    config = {**linear.LinearIntentClassifier.get_default_config(), "second_look": 1.1, "rarest": 1}
    examples = [Message({TEXT: text, INTENT: name}) for name, texts in EXAMPLES.items() for text in texts]
    linear.LinearIntentClassifier(config, Storage(folder), None).train(TrainingData(examples))
    found = {}
    for name in ("with", "without", "bare"):
        if name == "without":
            sentences.fits_this_processor = lambda: False
        elif name == "bare":
            linear.pieces = lambda: None
        loaded = linear.LinearIntentClassifier.load(config, Storage(folder), None, None)
        (message,) = loaded.process([Message({TEXT: "你们好啊"})])
        found[name] = {
            "engine": loaded._engine is not None,
            "pieces": loaded._pieces is not None,
            "ranking": [(entry["name"], entry["confidence"]) for entry in message.get(INTENT_RANKING_KEY)],
        }
    know_the_empty_domain()
    found["empty"] = [domain.is_empty() for domain in (Domain.empty(), Domain.load("nlu/domain.yml"))]
    found["alike"] = alike([text for texts in EXAMPLES.values() for text in texts])
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
