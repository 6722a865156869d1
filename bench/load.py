"""Sends the posts of a job and keeps what comes back; judging the answers waits until the clock has stopped."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Sequence

from bench.job import Job, Outcome
from bench.targets import InvalidAnswerError, Target, target
from bench.wire import Answer, NoAnswerError, Pool


class Sender:
    """Delivers requests to one target and measures."""

    def __init__(self, whither: Target, pool: Pool, requests: Sequence[bytes]) -> None:
        self._target = whither
        self._pool = pool
        self._requests = requests
        self.redelivered = 0
        self.ended = 0.0
        self.answers: list[tuple[int, float, Answer | str]] = []  # post, ms, answer or what went wrong

    async def deliver(self, number: int, due: float) -> None:
        """One post, again after a cut-off or a refusal where the sender is one that does so."""
        got: Answer | str = ""
        for delivery in range(self._target.deliveries):
            self.redelivered += delivery > 0
            try:
                got = await self._pool.exchange(self._requests[number], self._target.limit)
            except (NoAnswerError, OSError, TimeoutError) as error:
                got = type(error).__name__
            if isinstance(got, Answer) and got.status == 200:
                break
        self.ended = time.perf_counter()
        self.answers.append((number, (self.ended - due) * 1000, got))

    async def closed(self, clients: int, seconds: float) -> None:
        """So many at once, each after its last answer, until the time is over."""
        numbers = iter(range(len(self._requests)))
        until = time.perf_counter() + seconds

        async def client() -> None:
            for number in numbers:
                await self.deliver(number, time.perf_counter())
                if time.perf_counter() >= until:
                    return

        await asyncio.gather(*(client() for _ in range(clients)))

    async def open(self, offsets: Sequence[float]) -> None:
        """Each at its moment; waiting for the server counts from then on."""
        began = time.perf_counter()
        running = []
        for number, offset in enumerate(offsets):
            await asyncio.sleep(max(0.0, began + offset - time.perf_counter()))
            running.append(asyncio.create_task(self.deliver(number, began + offset)))
        await asyncio.gather(*running)


async def run(job: Job) -> Outcome:
    """Do a job."""
    whither = target(job.where)
    pool = Pool(job.where.port)
    sender = Sender(whither, pool, [whither.request(post) for post in job.posts])
    # A collection in the middle would look like a slow server.
    gc.collect()
    gc.disable()
    began, cpu = time.perf_counter(), time.process_time()
    if job.offsets:
        await sender.open(job.offsets)
    else:
        await sender.closed(job.clients, job.seconds)
    outcome = Outcome(sender.ended - began, time.process_time() - cpu, redelivered=sender.redelivered)
    pool.close()
    _judge(job, whither, sender, outcome)
    return outcome


def _judge(job: Job, whither: Target, sender: Sender, outcome: Outcome) -> None:
    for number, latency, got in sender.answers:
        if isinstance(got, str):
            outcome.fail(got)
            continue
        if got.status != 200:
            outcome.fail(f"HTTP {got.status}")
            continue
        try:
            text = whither.text_of(job.posts[number], got.body)
        except InvalidAnswerError as error:
            outcome.fail(str(error))
            continue
        outcome.latencies.append(latency)
        outcome.silent += not text
        outcome.replies.append((job.posts[number].resident, text))
