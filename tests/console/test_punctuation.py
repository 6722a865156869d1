"""Chinese text on staff's screens and papers is punctuated as Chinese: ，：；（）！？, never their half-width forms."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("console", "stops")
FILES = sorted(
    path for room in ROOMS for ending in ("*.py", "*.html") for path in (ROOT / room).rglob(ending) if path.is_file()
)
FILES.append(ROOT / "stops" / "state_words.yml")
CHINESE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”"
HALF = re.compile(rf"(?<=[{CHINESE}])[,:;()!?]|[,:;()!?](?=[{CHINESE}])")
BETWEEN_VALUES = re.compile(rf"[,:]\{{(?=.*[{CHINESE}])|\}}[,:](?=[{CHINESE}])")
YAML = ("键: 值",)  # how a file is to be written


def texts(path: Path) -> list[tuple[int, str]]:
    """Line and text of everything that may reach a screen; comments and patterns do not."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        kinds = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
        return [
            (token.start[0], token.string)
            for token in tokens
            if token.type in kinds and not token.string.startswith(('r"', '"""'))
        ]
    shown = re.sub(r"\{#.*?#\}", lambda note: "\n" * note[0].count("\n"), source, flags=re.S)
    return [(number, line) for number, line in enumerate(shown.splitlines(), 1) if not line.startswith("#")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_half_width_mark_beside_chinese(path: Path) -> None:
    found = []
    for number, text in texts(path):
        for allowed in YAML:
            text = text.replace(allowed, "")
        if HALF.search(text) or (path.suffix == ".py" and BETWEEN_VALUES.search(text)):
            found.append(f"{number}: {text}")
    assert found == []
