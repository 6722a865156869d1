"""Every process killed while losses are told: a short run; ``make kills`` makes the long one."""

from __future__ import annotations

import os

import pytest

from tests.e2e.kills.course import Plan, play


@pytest.mark.skipif("KILLS_SEED" not in os.environ, reason="kills at random: make kills, or set KILLS_SEED to a number")
def test_whatever_is_killed_no_card_step_or_answer_is_lost_or_doubled() -> None:
    """Given residents telling of losses and officers at work, when processes are killed at random, then in the end
    everything is there once, everybody was answered, and nothing is left running."""
    seed = int(os.environ["KILLS_SEED"])
    plan = Plan(seed, rounds=1, kills=18, residents=4, seconds=60.0, supervisor=False)
    result, left = play(plan, print)

    assert result.broken == []
    assert len(result.kills) >= plan.kills // 2
    assert len(result.told) == result.cards
    assert not left
