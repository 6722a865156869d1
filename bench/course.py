"""The course of the benchmark: both sides in turn, the NLU server alone, half load, a burst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bench.crowd import Crowd
from bench.generator import measure
from bench.job import Job, Outcome
from bench.ours import Stack
from bench.records import Counts, count, settled
from bench.sides import Point, Side
from bench.stats import percentile, ratio
from bench.theirs import Peer
from bench.wechat_api import WeChatApi

LEVELS = (1, 8, 32)  # residents at once
PARSING = 8  # clients of the NLU server alone
MOST_PER_SECOND = 450  # messages made ready for one second of a round; faster sides end the round early
MOST_PARSED = 2000  # the same for the NLU server alone
BURST = 500  # messages, each from another resident, within one second
BETWEEN = 5.0  # seconds after a round in which the worker sends what is left, so that the peer has the machine
SETTLING = 45.0  # seconds; past these even a reply that has to go twice through the worker is out


@dataclass(frozen=True, slots=True)
class Plan:
    """How long everything takes; times in seconds."""

    rounds: int
    seconds: float
    parse_seconds: float
    half_seconds: float
    regulars: int


FULL = Plan(rounds=3, seconds=6.0, parse_seconds=4.0, half_seconds=15.0, regulars=500)
QUICK = Plan(rounds=1, seconds=2.0, parse_seconds=2.0, half_seconds=3.0, regulars=60)


class Course:
    """Runs the plan on two running sides; ``say`` prints a line."""

    def __init__(self, plan: Plan, stack: Stack, peer: Peer, api: WeChatApi, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._stack = stack
        self._api = api
        self._say = say
        self._crowd = Crowd(plan.regulars)
        self.ours = Side("ours", stack.intake, stack.services, rest=lambda: settled(stack.database, BETWEEN))
        self.peer = Side("peer", peer.rest, peer.services)
        self.parsing = Point()

    def warm_up(self) -> None:
        """Every regular has written once to each side, before anything counts."""
        posts = self._crowd.regulars()
        for side in (self.ours, self.peer):
            outcome = measure(Job(side.where, posts, clients=8, seconds=60.0))
            self._line(f"{side.name}, warm-up", outcome)

    def rounds(self) -> None:
        """Ours and the peer with the same messages, taking turns in going first; then the NLU server alone."""
        self._say(f"{'':<22}{'messages/s':>11}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'failed':>8}")
        for number in range(1, self._plan.rounds + 1):
            for level in LEVELS:
                posts = self._crowd.posts(int(self._plan.seconds * MOST_PER_SECOND))
                for side in (self.ours, self.peer) if number % 2 else (self.peer, self.ours):
                    outcome = side.closed(Job(side.where, posts, clients=level, seconds=self._plan.seconds))
                    self._line(f"{side.name}, {level} at once, #{number}", outcome)
            posts = self._crowd.strangers(int(self._plan.parse_seconds * MOST_PARSED))
            parsed = measure(Job(self._stack.nlu, posts, clients=PARSING, seconds=self._plan.parse_seconds))
            self.parsing.outcomes.append(parsed)
            self._line(f"model alone, {PARSING}, #{number}", parsed)

    def half_load(self) -> Outcome:
        """Ours at half of what it reached with 8 residents; messages come at random moments, as residents do."""
        rate = self.ours.points[8].per_second / 2
        random, offsets, moment = Random(8), [], 0.0
        while (moment := moment + random.expovariate(rate)) < self._plan.half_seconds:
            offsets.append(moment)
        outcome = measure(Job(self._stack.intake, self._crowd.posts(len(offsets)), offsets=offsets))
        self._line(f"ours, {rate:.0f}/s", outcome)
        return outcome

    def burst(self) -> dict[str, Any]:
        """500 strangers within one second: is each message stored once and answered once?"""
        before, sent_before = settled(self._stack.database, SETTLING), len(self._api.sent)
        offsets = [number / BURST for number in range(BURST)]
        outcome = measure(Job(self._stack.intake, self._crowd.strangers(BURST), offsets=offsets))
        self._line("ours, burst of 500", outcome)
        after = settled(self._stack.database, SETTLING)
        return burst_report(outcome, before, after, self._api.sent[sent_before:])

    def how_understood(self) -> dict[str, Any]:
        """Who decided what a message means, and what became of asking the model; without it the load is no load."""
        counts = count(self._stack.database)
        return {
            "decided_by_model": round(ratio(counts.by_model, counts.inbound), 3),
            "asked": {name: int(times) for name, times in self._stack.counters("hotline_nlu_parse_total").items()},
            "faults": {name: int(times) for name, times in self._stack.counters("hotline_faults_total").items()},
        }

    def _line(self, what: str, outcome: Outcome) -> None:
        shares = "".join(f"{percentile(outcome.latencies, share):>9.1f}" for share in (0.50, 0.95, 0.99))
        trouble = ", ".join(f"{reason}: {times}" for reason, times in outcome.failures.items())
        self._say(f"{what:<22}{outcome.per_second:>11.1f}{shares}{outcome.failed:>8}  {trouble}".rstrip())


def burst_report(outcome: Outcome, before: Counts, after: Counts, later: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What a burst came to. ``later``: what residents got as customer-service messages, addressee and text."""
    got = Counter((resident, text) for resident, text in [*outcome.replies, *later] if text)
    return {
        "messages": BURST,
        "stored": after.inbound - before.inbound,
        "replied": len({resident for resident, text in outcome.replies if text}),
        "answered_twice": sum(times > 1 for times in got.values())
        + (after.passive - before.passive)
        - (after.passively_answered - before.passively_answered),
        "never_sent": after.unfinished,
        "redelivered": outcome.redelivered,
        "sent_later": len(later),
        "last_reply_s": round(outcome.seconds, 2),
        "p50_ms": round(percentile(outcome.latencies, 0.50), 1),
        "p99_ms": round(percentile(outcome.latencies, 0.99), 1),
    }
