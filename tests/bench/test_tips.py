"""The benchmark of the tips asks what it says it asks, and the pages find what it put there."""

from __future__ import annotations

from bench import tips
from storage.engine import Database
from storage.settings import Settings


def test_a_small_run_measures_everything(database: Database, settings: Settings) -> None:
    found = tips.measure(database.url, settings.data_dir, settings.data_key, 400, 1200, 1, lambda _line: None)
    assert (found["tips"], found["subjects"]) == (400, 1200)
    assert set(found["bot"]) == {"known", "known_unknown", "known_famous", "related"}
    assert {"list", "further_page", "subject", "place", "village_kind_state"} <= set(found["page"])
    assert all(one["p95_ms"] > 0 for part in ("page", "bot") for one in found[part].values())
