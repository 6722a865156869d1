"""What changes reaches every open page."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
import redis as redis_library
from flask import Flask
from werkzeug.test import TestResponse

from console import live as console_live
from console.live import LOOK, MAX_STREAMS, Hub, TooManyStreams, stream
from storage import live
from storage.embedded import start_redis
from tests.console.conftest import Desk
from tests.console.residents import Resident, opens_card


@pytest.fixture
def hub(redis: redis_library.Redis) -> Iterator[Hub]:
    hub = Hub(redis)
    yield hub
    hub.stop()


def until(page: Queue[Any], wanted: Callable[[Any], bool]) -> Any:
    """The first batch that is wanted; fails when none comes."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            batch = page.get(timeout=1)
        except Empty:
            continue
        if wanted(batch):
            return batch
    raise AssertionError("it never came")


def test_a_change_reaches_every_page(hub: Hub, redis: redis_library.Redis) -> None:
    pages = [hub.join(), hub.join()]
    until(pages[0], lambda batch: batch == LOOK)  # now it listens; the second page may have come after that
    change = [{"kind": "card", "id": str(uuid.uuid4()), "news": "new"}]
    redis.publish(live.CHANNEL, json.dumps(change))
    for page in pages:
        assert until(page, lambda batch: batch != LOOK) == change


def test_a_page_that_left_hears_nothing(hub: Hub) -> None:
    page, other = hub.join(), hub.join()
    until(page, lambda batch: batch == LOOK)
    hub.leave(page)
    hub._tell(LOOK)
    until(other, lambda batch: batch == LOOK)
    assert page.empty()


def test_without_redis_every_page_is_told_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_live, "RETRY", 0.02)
    hub = Hub(None)
    page = hub.join()
    for _ in range(3):
        until(page, lambda batch: batch == LOOK)
    hub.stop()


def test_redis_dies_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_live, "RETRY", 0.05)
    running = start_redis(tmp_path)
    client = live.connect(running.url)
    hub = Hub(client)
    page = hub.join()
    until(page, lambda batch: batch == LOOK)
    running.stop()
    for _ in range(3):
        until(page, lambda batch: batch == LOOK)
    running = start_redis(tmp_path)
    change = [{"kind": "tip", "id": "1", "news": "new"}]
    sender = live.connect(running.url)
    heard = False
    while not heard:  # published to nobody until the hub has subscribed again
        heard = sender.publish(live.CHANNEL, json.dumps(change)) == 1
    assert until(page, lambda batch: batch != LOOK) == change
    hub.stop()
    running.stop()
    client.close()
    sender.close()


def test_nonsense_on_the_channel_does_not_end_it(
    hub: Hub, redis: redis_library.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_live, "RETRY", 0.02)
    page = hub.join()
    until(page, lambda batch: batch == LOOK)
    redis.publish(live.CHANNEL, "{nonsense")
    until(page, lambda batch: batch == LOOK)
    hub._tell([{"kind": "tip", "id": "", "news": ""}])
    until(page, lambda batch: batch != LOOK)


def test_streams_are_bounded(hub: Hub) -> None:
    pages = [hub.join() for _ in range(MAX_STREAMS)]
    with pytest.raises(TooManyStreams):
        hub.join()
    hub.leave(pages[0])
    hub.join()


def test_a_page_that_does_not_read_costs_no_memory(hub: Hub) -> None:
    page = hub.join()
    for _ in range(500):
        hub._tell(LOOK)
    assert page.qsize() <= 100


def test_the_stream_beats_and_ends() -> None:
    page: Queue[Any] = Queue()
    page.put([{"kind": "card", "id": "1", "news": "new"}])
    events = list(stream(page, heartbeat=0.01, life=0.05))
    assert events[0].startswith("retry:")
    assert 'data: [{"kind": "card"' in events[1]
    assert events[2].startswith(":")


def opened(desk: Desk) -> TestResponse:
    response = desk.client.get("/events")
    assert response.mimetype == "text/event-stream"
    return response


def test_what_a_page_hears_after_a_message(app: Flask, agent: Desk, resident: Resident) -> None:
    response = opened(agent)
    events = response.iter_encoded()
    next(events)
    conversation = resident.says("你好")
    for event in events:
        if str(conversation).encode() in event:
            assert "你好".encode() not in event
            break
    response.close()


def test_a_closed_page_gives_its_place_back(app: Flask, agent: Desk) -> None:
    for _ in range(MAX_STREAMS + 3):
        opened(agent).close()
    streams = [opened(agent) for _ in range(MAX_STREAMS)]
    assert agent.client.get("/events").status_code == 503
    for response in streams:
        response.close()


def test_a_rolled_back_change_is_not_told(app: Flask, agent: Desk, resident: Resident) -> None:
    conversation = resident.says("你好")
    hub = app.extensions["console"].hub
    page = hub.join()
    until(page, lambda batch: batch == LOOK)
    with pytest.raises(RuntimeError), resident.database.transaction() as session:
        live.touch(session, "conversation", conversation)
        raise RuntimeError
    card = opens_card(resident.database, conversation)
    batch = until(page, lambda batch: batch != LOOK)
    assert batch == [{"kind": "card", "id": str(card.id), "news": "new"}]
