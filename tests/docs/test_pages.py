"""What the pages point at exists: files of the repository, tests, other pages, make targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOPS = (
    "bench|bot|console|conversations|deploy|docs|handlers|knowledge|monthly|nlu|"
    "rewards|sandbox|stops|storage|tests|tips"
)
PATH = re.compile(rf"(?<![\w/.~-])(?:{TOPS})/[\w./*-]*\.(?:py|md|yml|sh|service|example|txt|in)(?![\w/])")
LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#]+)\)")
TARGET = re.compile(r"`make (?P<name>[a-z-]+)`")


def name_of(page: Path) -> str:
    """A page's place under docs/, for the test's name."""
    return page.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_points_at_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = {found.group() for found in PATH.finditer(text)}
    missing = sorted(path for path in paths if not any(ROOT.glob(path)))
    missing += sorted(link for link in LINK.findall(text) if not (page.parent / link).exists())
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(TARGET.findall(page.read_text(encoding="utf-8"))) <= targets


def test_every_decision_is_listed() -> None:
    listed = set(LINK.findall((DOCS / "adr" / "README.md").read_text(encoding="utf-8")))
    assert listed == {page.name for page in (DOCS / "adr").glob("[0-9]*.md")}
