"""What a worker does again and again goes on, whatever happens in one round."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.rounds import again_and_again


def test_a_round_that_fails_is_followed_by_the_next(caplog: pytest.LogCaptureFixture) -> None:
    looks: list[int] = []
    enough = asyncio.Event()

    async def look() -> None:
        looks.append(len(looks))
        if len(looks) == 2:
            raise RuntimeError("the second one fails")
        if len(looks) == 4:
            enough.set()

    async def watch() -> None:
        rounds = asyncio.create_task(again_and_again("test", 0.0, look))
        await asyncio.wait_for(enough.wait(), 20)
        rounds.cancel()

    with caplog.at_level(logging.ERROR):
        asyncio.run(watch())
    assert looks[:4] == [0, 1, 2, 3]
    assert [record.message for record in caplog.records] == ["a round failed"]
