from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.channels.wechat.errors import ApiError, NotSent
from bot.channels.wechat.tokens import FORCED_PER_DAY, TokenProvider
from bot.channels.wechat.transport import Transport

from .peer import JSON, Answer, Peer, Tokens, code

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PATH = "/cgi-bin/stable_token"


@pytest.fixture
def dead(tmp_path: Path) -> Iterator[Redis]:
    with Redis(unix_socket_path=str(tmp_path / "nobody.sock"), retry=Retry(NoBackoff(), 0)) as client:
        yield client


def provider(peer: Peer, redis: Redis | None) -> TokenProvider:
    return TokenProvider("wxtest", "the-secret", Transport(peer.url, (1.0, 0.5)), redis)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_fetched_once_and_shared(peer: Peer, redis: Redis) -> None:
    redis.set("wechat:token:wxother", json.dumps({"value": "foreign", "until": NOW.timestamp() + 999}))
    first, second = provider(peer, redis), provider(peer, redis)
    assert [first.get(NOW), first.get(after(60)), second.get(after(6900))] == ["T1"] * 3
    assert [call.payload for call in peer.to(PATH)] == [
        {"grant_type": "client_credential", "appid": "wxtest", "secret": "the-secret", "force_refresh": False}
    ]


def test_fetched_again_before_it_expires(peer: Peer, redis: Redis) -> None:
    tokens = provider(peer, redis)
    tokens.get(NOW)
    tokens.get(after(6959))
    assert len(peer.to(PATH)) == 1
    tokens.get(after(6961))
    assert len(peer.to(PATH)) == 2


def test_redis_dead_or_flushed_changes_nothing(peer: Peer, redis: Redis, dead: Redis) -> None:
    for client in (dead, None):
        tokens = provider(peer, client)
        assert [tokens.get(NOW), tokens.get(after(60))] == ["T1", "T1"]
    assert len(peer.to(PATH)) == 2
    tokens = provider(peer, redis)
    tokens.get(NOW)
    redis.flushall()
    assert tokens.get(after(60)) == "T1"
    assert len(peer.to(PATH)) == 3


def test_junk_in_redis_is_passed_over(peer: Peer, redis: Redis) -> None:
    for junk in (
        "x",
        "[]",
        '{"value": "a"}',
        '{"value": "a", "until": "soon"}',
        "\udc80".encode("utf-8", "surrogatepass"),
    ):
        redis.set("wechat:token:wxtest", junk)
        assert provider(peer, redis).get(NOW) == "T1"


def test_many_at_once_fetch_once(peer: Peer, redis: Redis) -> None:
    """Threads of four providers, as of four processes, start together."""
    providers = [provider(peer, redis) for _ in range(4)]
    gate = threading.Barrier(16)

    def get(number: int) -> str:
        gate.wait()
        return providers[number % 4].get(NOW)

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(get, range(16))) == {"T1"}
    assert len(peer.to(PATH)) == 1


def test_many_refused_at_once_force_once(peer: Peer, redis: Redis) -> None:
    providers = [provider(peer, redis) for _ in range(4)]
    assert {found.get(NOW) for found in providers} == {"T1"}
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda number: providers[number % 4].renew("T1", NOW), range(16))) == {"T2"}
    assert peer.scripts[PATH].forced == 1  # type: ignore[union-attr]


def test_what_another_renewed_is_used(peer: Peer, redis: Redis) -> None:
    first, second = provider(peer, redis), provider(peer, redis)
    first.renew(first.get(NOW), NOW)
    assert second.renew("T1", after(60)) == "T2"
    assert len(peer.to(PATH)) == 2


def test_an_old_copy_of_our_own_forces_nothing(peer: Peer, dead: Redis) -> None:
    """Without Redis another process has renewed meanwhile: its token must not be made invalid in turn."""
    tokens = provider(peer, dead)
    assert tokens.get(NOW) == "T1"
    script = peer.scripts[PATH]
    assert isinstance(script, Tokens)
    script.number = 2
    assert tokens.renew("T1", after(1)) == "T2"
    assert script.forced == 0


@pytest.mark.parametrize("shared", [True, False])
def test_forced_renewals_are_bounded(peer: Peer, redis: Redis, shared: bool) -> None:
    script = peer.scripts[PATH]
    assert isinstance(script, Tokens)
    tokens = provider(peer, redis if shared else None)
    start = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)  # half past midnight in Beijing
    for number in range(30):
        now = start + timedelta(minutes=number)
        tokens.renew(tokens.get(now), now)
    assert script.forced == FORCED_PER_DAY
    redis.flushall()
    tokens.renew(tokens.get(start + timedelta(hours=1)), start + timedelta(hours=1))
    assert script.forced == FORCED_PER_DAY
    tomorrow = start + timedelta(days=1)
    tokens.renew(tokens.get(tomorrow), tomorrow)
    assert script.forced == FORCED_PER_DAY + 1


def test_the_days_budget_is_everyones(peer: Peer, redis: Redis) -> None:
    redis.set("wechat:token:wxtest:forced:2026-03-04", FORCED_PER_DAY)
    tokens = provider(peer, redis)
    assert tokens.renew(tokens.get(NOW), NOW) == "T1"


@pytest.mark.parametrize("shared", [True, False])
def test_not_forced_twice_in_a_breath(peer: Peer, redis: Redis, shared: bool) -> None:
    tokens = provider(peer, redis if shared else None)
    assert tokens.renew(tokens.get(NOW), NOW) == "T2"
    assert tokens.renew("T2", after(1)) == "T2"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(behaviour="hang"), "token_ConnectionError"),
        (Answer(behaviour="reset"), "token_ConnectionError"),
        (Answer(b"<html>", "text/html"), "token_http_200_not_json"),
        (Answer(b"bad gateway", "text/html", 502), "token_http_502_not_json"),
        (Answer(b"", "text/html", 302, headers={"Location": "/cgi-bin/elsewhere"}), "http_302_not_json"),
        (Answer(b"{}"), "token_malformed"),
        (Answer(b'{"access_token": "", "expires_in": 7200}'), "token_malformed"),
        (Answer(b'{"access_token": ["a"], "expires_in": 7200}'), "token_malformed"),
        (Answer(b'{"access_token": "a", "expires_in": "soon"}'), "token_malformed"),
        (Answer(b'{"access_token": "a", "expires_in": 0}'), "token_malformed"),
        (Answer(b"[" * 60000, JSON), "token_http_200_not_json"),
        (Answer(b'{"a":' * 10000, JSON), "token_http_200_not_json"),
    ],
)
def test_no_token_means_nothing_left_us(peer: Peer, redis: Redis, answer: Answer, reason: str) -> None:
    peer.scripts[PATH] = [answer]
    with pytest.raises(NotSent) as caught:
        provider(peer, redis).get(NOW)
    assert caught.value.reason in {reason, reason.replace("ConnectionError", "ReadTimeout")}
    assert "secret" not in str(caught.value)


def test_wechat_says_why_it_gives_no_token(peer: Peer, redis: Redis) -> None:
    peer.scripts[PATH] = [code(40164)]
    with pytest.raises(ApiError) as caught:
        provider(peer, redis).get(NOW)
    assert caught.value.code == 40164


def test_an_endless_life_is_cut(peer: Peer, redis: Redis) -> None:
    peer.scripts[PATH] = [Answer(b'{"access_token": "a", "expires_in": 1e400}'.replace(b"1e400", b"9" * 30))]
    tokens = provider(peer, redis)
    tokens.get(NOW)
    tokens.get(after(7300))
    assert len(peer.to(PATH)) == 2
