"""The parts of the benchmark that could make its numbers wrong without anyone noticing."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qsl, urlsplit

import pytest

from bench import load, processes
from bench.course import BURST, burst_report
from bench.crowd import NEW, Crowd, Post
from bench.job import Account, Job, Outcome, Where
from bench.records import Counts
from bench.stats import percentile, ratio
from bench.targets import InvalidAnswerError, WeChat
from bench.texts import Texts
from bench.wire import NoAnswerError, read_answer
from bot.channels.wechat.crypto import Envelope, KeyPair, Keys
from bot.channels.wechat.parse import parse
from bot.channels.wechat.render import SUCCESS, text_reply

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
ACCOUNT = Account("wx0000000000000000", "benchtoken", base64.b64encode(bytes(32)).decode().rstrip("="))


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [([5.0], 0.99, 5.0), ([3.0, 1.0, 2.0], 0.5, 2.0), (list(map(float, range(1, 101))), 0.99, 99.0)],
)
def test_percentile_is_the_nearest_rank(values: list[float], share: float, wanted: float) -> None:
    assert percentile(values, share) == wanted


def test_ratio_of_nothing_is_no_success() -> None:
    assert ratio(100.0, 0.0) == 0.0
    assert ratio(150.0, 60.0) == 2.5


def test_no_text_comes_twice() -> None:
    texts = Texts(Random(1))
    drawn = [texts.fresh() for _ in range(5000)]
    assert len(set(drawn)) == len(drawn)
    assert not any("{" in text for text in drawn)


def test_the_same_seed_makes_the_same_crowd() -> None:
    assert Crowd(20, seed=3).posts(50) == Crowd(20, seed=3).posts(50)


def test_a_resident_writes_once_per_measurement_and_some_are_new() -> None:
    crowd = Crowd(30)
    regulars = {post.resident for post in crowd.regulars()}
    writers = [post.resident for post in crowd.posts(40)]
    assert len(set(writers)) == 40
    assert sum(writer not in regulars for writer in writers) == 40 // NEW
    assert regulars.isdisjoint(post.resident for post in crowd.strangers(10))


@pytest.mark.parametrize("received", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"])
def test_an_incomplete_answer_is_waited_for(received: bytes) -> None:
    assert read_answer(received) is None


def test_a_complete_answer_is_read() -> None:
    found = read_answer(b"HTTP/1.1 503 Busy\r\ncontent-length: 3\r\nConnection: close\r\n\r\nabc")
    assert found is not None
    answer, closes = found
    assert (answer.status, answer.body, closes) == (503, b"abc", True)


def test_an_answer_without_a_length_is_none() -> None:
    with pytest.raises(NoAnswerError):
        read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")


def test_the_hotline_itself_opens_a_delivery() -> None:
    request = WeChat(ACCOUNT).request(Post("oBench0000000000000000000001", "我被骗了3200元，对方是13800000000"))
    head, _, body = request.partition(b"\r\n\r\n")
    query = dict(parse_qsl(urlsplit(head.split(b" ")[1].decode()).query))
    envelope = Envelope(Keys(ACCOUNT.app_id, (ACCOUNT.token,), (ACCOUNT.aes_key,)))
    opened = envelope.open(query, body, datetime.now(UTC))
    inbound = parse(opened.xml, NOW)
    assert opened.fresh
    assert (inbound.sender, inbound.text) == ("oBench0000000000000000000001", "我被骗了3200元，对方是13800000000")


def _reply(to: str, token: str = ACCOUNT.token) -> bytes:
    xml = text_reply("先停下", to=to, sender="gh_sandbox0000", now=NOW)
    return KeyPair(ACCOUNT.app_id, token, ACCOUNT.aes_key).seal(xml, int(NOW.timestamp()), "nonce").encode()


def test_a_sealed_reply_to_the_sender_is_valid() -> None:
    post = Post("oBench0000000000000000000001", "你好")
    assert WeChat(ACCOUNT).text_of(post, _reply(post.resident)) == "先停下"
    assert WeChat(ACCOUNT).text_of(post, SUCCESS.encode()) == ""


@pytest.mark.parametrize(
    "body",
    [
        _reply("oBench0000000000000000000002"),
        _reply("oBench0000000000000000000001", token="another"),
        b"<xml><Content>plain</Content></xml>",
        b"<html>Internal Server Error</html>",
    ],
    ids=["for another", "wrongly signed", "plain", "not a reply"],
)
def test_any_other_reply_is_not(body: bytes) -> None:
    with pytest.raises(InvalidAnswerError):
        WeChat(ACCOUNT).text_of(Post("oBench0000000000000000000001", "你好"), body)


@contextmanager
def _server(statuses: list[int]) -> Iterator[tuple[int, list[bytes]]]:
    """Answers with these statuses in turn, then 200; the bodies it got."""
    got: list[bytes] = []
    turns = iter(statuses)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(next(turns, 200))
            self.send_header("Content-Length", str(len(SUCCESS)))
            self.end_headers()
            self.wfile.write(SUCCESS.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], got
        finally:
            server.shutdown()
            thread.join()


def _run(job: Job) -> Outcome:
    return asyncio.run(load.run(job))


def test_every_post_goes_out_once_and_every_answer_counts() -> None:
    with _server([]) as (port, got):
        outcome = _run(Job(Where("wechat", port, ACCOUNT), Crowd(0).strangers(20), clients=4, seconds=30.0))
    assert (outcome.answered, outcome.silent, outcome.failed) == (20, 20, 0)
    assert len(set(got)) == 20


def test_a_refused_delivery_comes_again_unchanged_and_thrice_at_most() -> None:
    with _server([503, 503, 503]) as (port, got):
        outcome = _run(Job(Where("wechat", port, ACCOUNT), Crowd(0).strangers(1), offsets=[0.0]))
    assert outcome.failures == {"HTTP 503": 1}
    assert outcome.redelivered == 2
    assert len(got) == 3
    assert len(set(got)) == 1


def test_nobody_listening_is_a_failure() -> None:
    with _server([]) as (port, _):
        pass
    outcome = _run(Job(Where("rest", port), Crowd(0).strangers(2), clients=1, seconds=30.0))
    assert (outcome.answered, outcome.failed) == (0, 2)


def test_a_job_survives_the_way_to_its_process() -> None:
    job = Job(Where("wechat", 1, ACCOUNT), Crowd(1).posts(2), offsets=[0.0, 0.5])
    assert Job.read(asdict(job)) == job


def _counts(inbound: int, passive: int, answered: int) -> Counts:
    return Counts(inbound=inbound, by_model=0, unfinished=0, passive=passive, passively_answered=answered)


@pytest.mark.parametrize(
    ("later", "passive", "twice"),
    [
        ([], 12, 0),
        ([("oA", "你好"), ("oB", "还有一句")], 12, 1),
        ([], 13, 1),
    ],
    ids=["once each", "the same again by customer service", "two passive replies to one message"],
)
def test_a_second_answer_is_noticed(later: list[tuple[str, str]], passive: int, twice: int) -> None:
    outcome = Outcome(1.0, latencies=[5.0, 6.0], replies=[("oA", "你好"), ("oB", "您好")])
    found = burst_report(outcome, _counts(10, 10, 10), _counts(12, passive, 12), later)
    assert (found["messages"], found["stored"], found["replied"], found["answered_twice"]) == (BURST, 2, 2, twice)


def test_a_process_is_measured_with_all_below_it_but_those_apart() -> None:
    code = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        try:
            family = processes.tree(parent.pid)
            used = processes.memory(parent.pid)
            assert len(family) == 2
            assert used.processes == 2
            assert used.rss > 1
            assert processes.tree(parent.pid, apart=[family[1]]) == [parent.pid]
            assert processes.cpu_seconds(parent.pid) >= 0
        finally:
            os.killpg(parent.pid, 9)
