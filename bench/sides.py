"""The measurements of one side: rounds put together, what each message cost its processes, their memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.generator import measure
from bench.job import Job, Outcome, Where
from bench.processes import cpu_seconds, memory
from bench.stats import percentile


@dataclass(slots=True)
class Point:
    """All rounds at one number of residents. ``cpu``: service → seconds of processor time in these rounds."""

    outcomes: list[Outcome] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Answered messages of all rounds."""
        return sum(outcome.answered for outcome in self.outcomes)

    @property
    def per_second(self) -> float:
        """Answered messages a second over all rounds."""
        seconds = sum(outcome.seconds for outcome in self.outcomes)
        return self.answered / seconds if seconds else 0.0

    def latency(self, share: float) -> float:
        """A percentile over all rounds, ms."""
        return percentile([latency for outcome in self.outcomes for latency in outcome.latencies], share)

    def as_json(self) -> dict[str, Any]:
        """For the result line."""
        answered = max(1, self.answered)
        return {
            "per_second": round(self.per_second, 1),
            "rounds": [round(outcome.per_second, 1) for outcome in self.outcomes],
            "messages": self.answered,
            "failed": sum(outcome.failed for outcome in self.outcomes),
            "silent": sum(outcome.silent for outcome in self.outcomes),
            "redelivered": sum(outcome.redelivered for outcome in self.outcomes),
            **{f"p{share}_ms": round(self.latency(share / 100), 1) for share in (50, 95, 99)},
            "cpu_ms_per_message": {name: round(spent * 1000 / answered, 2) for name, spent in self.cpu.items()},
        }


@dataclass(slots=True)
class Side:
    """Ours or the peer: where messages go, the processes that answer, and what was measured."""

    name: str
    where: Where
    services: Mapping[str, int]
    rest: Callable[[], object] = lambda: None  # returns when what was put off during a round is done
    points: dict[int, Point] = field(default_factory=dict)

    def closed(self, job: Job) -> Outcome:
        """One round at ``job.clients`` residents, kept under that number."""
        before = self._cpu()
        outcome = measure(job)
        self.rest()
        point = self.points.setdefault(job.clients, Point())
        point.outcomes.append(outcome)
        for name, spent in self._cpu().items():
            point.cpu[name] = point.cpu.get(name, 0.0) + spent - before[name]
        point.cpu["generator"] = point.cpu.get("generator", 0.0) + outcome.cpu
        return outcome

    def _cpu(self) -> dict[str, float]:
        apart = self.services.values()
        return {name: cpu_seconds(pid, apart) for name, pid in self.services.items()}

    def memory_mb(self) -> dict[str, dict[str, float | int | None]]:
        """Memory of every service now, and of all together."""
        apart = self.services.values()
        found = {name: memory(pid, apart) for name, pid in self.services.items()}
        report: dict[str, dict[str, float | int | None]] = {
            name: _memory_json(use.processes, use.rss, use.pss) for name, use in found.items()
        }
        shares = [use.pss for use in found.values()]
        report["total"] = _memory_json(
            sum(use.processes for use in found.values()), sum(use.rss for use in found.values()), _sum(shares)
        )
        return report


def _sum(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) if len(known) == len(shares) else None


def _memory_json(processes: int, rss: float, pss: float | None) -> dict[str, float | int | None]:
    return {"processes": processes, "rss": round(rss, 1), "pss": None if pss is None else round(pss, 1)}
