"""The officers' runbook names nothing that is not on their screens, and stays two pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console import duty_words, order_words, words
from stops import words as stop_words
from stops.states import NEXT

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.zh.md").read_text(encoding="utf-8")
LINES = 68  # two pages of A4
SPOKEN = re.compile(r"说“|第一句：“|是误会|没事了|不用管了|不等于")  # what people say stands in quotation marks, too


def screen() -> str:
    """Every text a screen of the console may show."""
    found = [
        str(value)
        for module in (words, duty_words, order_words, stop_words)
        for name, value in vars(module).items()
        if name.isupper()
    ]
    found += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "console" / "templates").rglob("*.html"))]
    return "\n".join(found)


def quoted() -> list[str]:
    """What the runbook puts into quotation marks as the name of something on the screen."""
    marks = re.finditer(r"(?P<before>.{0,4})“(?P<text>[^”]+)”", RUNBOOK.replace("\n", ""))
    return sorted({found["text"] for found in marks if not SPOKEN.search(found["before"] + "“" + found["text"])})


def rows() -> list[list[str]]:
    """The table of states."""
    lines = [line.strip("|").split("|") for line in RUNBOOK.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines[1:]]


@pytest.mark.parametrize("text", quoted())
def test_what_is_quoted_is_on_the_screen(text: str) -> None:
    assert text in screen()


def test_every_state_has_its_row_with_the_buttons_that_follow() -> None:
    told = {state: press for states, _, press, _ in rows() for state in states.split("、")}
    assert set(told) == set(words.CARD_STATES.values())
    names = "|".join(sorted(map(re.escape, words.CARD_STEPS.values()), key=len, reverse=True))
    for state, following in NEXT.items():
        named = set(re.findall(names, told[words.CARD_STATES[state]]))
        assert named == {words.CARD_STEPS[next_] for next_ in following}, state


def test_it_stays_two_pages() -> None:
    assert len(RUNBOOK.splitlines()) <= LINES
