"""The load generator, a process of its own: ``python -m bench.generator`` reads a job and prints what came of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict

from bench.job import Job, Outcome
from bench.load import run
from bench.places import ROOT


def measure(job: Job) -> Outcome:
    """Run a job in a process of its own."""
    limit = 120 + job.seconds + (job.offsets[-1] if job.offsets else 0)
    done = subprocess.run(
        [sys.executable, "-m", "bench.generator"],
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        timeout=limit,
        check=True,
    )
    data = json.loads(done.stdout)
    data["replies"] = [(resident, text) for resident, text in data["replies"]]
    return Outcome(**data)


def main() -> None:
    """Read the job from standard input, do it, print the outcome."""
    job = Job.read(json.load(sys.stdin))
    json.dump(asyncio.run(run(job)).as_json(), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
