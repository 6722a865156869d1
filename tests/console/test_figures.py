"""The figures on the console: page and file say the same; plots stand on their axes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from console.pages.plots import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, plot
from storage.clock import china_date, utc_now
from storage.engine import Database
from tests.console.conftest import Desk
from tests.console.residents import LOSS, Resident, opens_card


def test_page_and_file_say_the_same(officer: Desk, admin: Desk, database: Database, resident: Resident) -> None:
    opens_card(database, resident.says("我被骗了"), LOSS)
    for desk in (officer, admin):
        plain = desk.get("/figures.json").get_json()
        assert plain["total"]["cards"] == 1
        assert plain["total"]["reported_fen"] == 3_200_000
        assert len(plain["days"]) == 30
        page = desk.get("/figures").text
        assert "32,000 元" in page
        assert "未知" in page
        assert page.count("<figure") == 3
        assert " style=" not in page
    today = china_date(utc_now())
    assert (
        officer.get("/figures.json")
        .headers["Content-Disposition"]
        .endswith(f"figures-{today - timedelta(days=29)}-{today}.json")
    )


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", 30),
        ("?from=x&to=y", 30),
        ("?from=2026-03-01&to=2026-03-01", 1),
        ("?from=2026-03-02&to=2026-03-01", 1),
        ("?from=2001-01-01&to=2026-03-01", 366),
        ("?to=9999-12-31", 30),
    ],
)
def test_any_time_that_is_asked_for(officer: Desk, query: str, days: int) -> None:
    assert len(officer.get(f"/figures.json{query}").get_json()["days"]) == days
    assert officer.get(f"/figures{query}").status_code == 200


def test_bars_stand_on_the_axis_and_below_the_top() -> None:
    found = plot("t", ("a", "b"), ["1", "2", "3"], [(1, 2), (0, 0), (7, 3)], stacked=True)
    assert [bar.series for bar in found.bars] == [1, 2, 1, 2]
    heights = [bar.height for bar in found.bars]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.02)
    assert found.bars[0].y + found.bars[0].height == pytest.approx(HEIGHT - BOTTOM, abs=0.02)
    assert found.bars[1].y + found.bars[1].height == pytest.approx(found.bars[0].y, abs=0.02)
    for bar in found.bars:
        assert bar.y >= TOP - 0.02
        assert LEFT <= bar.x < bar.x + bar.width <= WIDTH
    assert [label for _, label in found.ticks] == ["0", "5", "10"]
    assert found.bars[0].says == "1 a：1"


@pytest.mark.parametrize("most", [0, 0.3, 1, 4, 5, 99, 1000, 123_456, 98_765_432.1])
def test_the_axis_has_few_round_lines(most: float) -> None:
    found = plot("t", ("a",), ["1"], [(most,)])
    assert 2 <= len(found.ticks) <= 5
    assert found.empty == (most == 0)
    assert all(re.fullmatch(r"[\d.]+万?", label) for _, label in found.ticks)
