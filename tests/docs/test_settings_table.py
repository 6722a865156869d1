"""docs/settings.md and the settings class say the same, both ways."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from storage.settings import REQUIRED_BY_PROVIDER, REQUIRED_IN_PRODUCTION, Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
ROW = re.compile(
    r"^\| `(?P<name>HOTLINE_[A-Z0-9_]+)` \| (?P<default>[^|]+) \| (?P<meaning>[^|]+) \| (?P<needed>[^|]+) \|$", re.M
)
EMPTY = "—"


def rows() -> list[tuple[str, str, str]]:
    """Name, default and "must be set" of every row."""
    return [(row["name"], row["default"], row["needed"]) for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))]


def default_of(key: str) -> str:
    """A field's default as the page writes it."""
    default = Settings.model_fields[key].default
    if default in (None, "", ()):
        return EMPTY
    if isinstance(default, bool):
        return str(default).lower()
    return f"`{default.value if isinstance(default, Enum) else default}`"


def needed_of(key: str) -> str:
    """When production demands a field, as the page writes it."""
    if key in REQUIRED_IN_PRODUCTION:
        return "always"
    providers = [f"`{provider}`" for provider, keys in REQUIRED_BY_PROVIDER.items() if key in keys]
    return "provider " + ", ".join(providers) if providers else EMPTY


def test_the_tables_and_the_class_agree() -> None:
    expected = [(f"HOTLINE_{key.upper()}", default_of(key), needed_of(key)) for key in Settings.model_fields]
    assert sorted(rows()) == sorted(expected)


def test_what_production_demands_is_a_setting() -> None:
    demanded = {*REQUIRED_IN_PRODUCTION, *(key for keys in REQUIRED_BY_PROVIDER.values() for key in keys)}
    assert demanded <= set(Settings.model_fields)
