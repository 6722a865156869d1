"""Banks and apps by the names and nicknames of ``names.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

from nlu.types import Entity

# "集中行动", "交行李", "中行驶": the nickname is part of another word.
_NOT_BANK: Final = re.compile(
    r"中行(?=[动驶走人程为业径])|交行(?=李|人|驶)|(?<=[集其途空进当之])中行|农行(?=业)|工行(?=业|程)|邮政(?=编码|局|所|快递|包裹|ems|电话)"
)


@lru_cache(maxsize=1)
def _tables() -> dict[str, tuple[re.Pattern[str], dict[str, str]]]:
    data = yaml.safe_load((Path(__file__).parent / "names.yml").read_text(encoding="utf-8"))
    tables = {}
    for kind, names in data.items():
        canonical = {str(alias).lower(): str(name) for name, aliases in names.items() for alias in aliases}
        ordered = sorted(canonical, key=len, reverse=True)
        tables[kind] = (re.compile("|".join(map(_standing_alone, ordered))), canonical)
    return tables


def _standing_alone(alias: str) -> str:
    before = "(?<![a-z0-9])" if alias[0].isascii() else ""
    after = "(?![a-z0-9])" if alias[-1].isascii() and alias.isdigit() else "(?![a-z])" if alias[-1].isascii() else ""
    return before + re.escape(alias) + after


def names(text: str) -> Iterator[Entity]:
    """Banks and apps named in folded ``text``; the value is the canonical name."""
    for kind, (pattern, canonical) in _tables().items():
        for found in pattern.finditer(text):
            if kind == "bank" and _NOT_BANK.match(text, found.start()):
                continue
            if kind == "app" and text.startswith("客服", found.end()):
                continue  # "抖音客服" is who somebody claims to be, not the app that was used
            yield Entity(kind, found.group(), *found.span(), canonical[found.group()])
