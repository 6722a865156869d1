"""One run: the whole hotline, residents and officers at work, processes killed, and after each round what must hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.console.residents import PASSWORD
from tests.e2e.kills import checks, facts
from tests.e2e.kills.crowd import Crowd
from tests.e2e.kills.killer import Kill, Killer
from tests.e2e.kills.losses import Loss, Told
from tests.e2e.kills.officers import Desk, Officer
from tests.e2e.kills.orphans import orphans
from tests.e2e.kills.outside import Outside
from tests.e2e.kills.steps import Steps
from tests.e2e.kills.targets import SUPERVISOR
from tests.e2e.residents import Sandbox, Sms
from tests.e2e.stack import Stack, until

HERE = Path(__file__).parent
# Officers and their made-up phones; admin is the first login, there before the others.
PEOPLE = {"admin": "17000009000", "qian": "17000009001", "zhou": "17000009002", "sun": "17000009003"}
ATTENDING = ("qian", "zhou")
SETTLE = 240.0  # seconds in which everything comes to rest once nothing is killed any more
OVERLAP = {"duplicate": 3, "overlap": True}  # how WeChat behaves in every other round: three deliveries at once


@dataclass(frozen=True, slots=True)
class Plan:
    """``rounds`` of ``kills`` each, ``residents`` at once; ``seconds`` in all after which no more is killed."""

    seed: int
    rounds: int
    kills: int
    residents: int
    seconds: float
    supervisor: bool  # is killed, too, in every other round


@dataclass(slots=True)
class Result:
    """What came of it. ``broken``: a sentence for everything that did not hold."""

    seed: int
    kills: list[Kill] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    cards: int = 0
    steps: int = 0
    acted: int = 0
    twice: int = 0
    seconds: float = 0.0


class Course:
    """Runs a plan on a running stack. ``say`` prints a line."""

    def __init__(self, stack: Stack, outside: Outside, plan: Plan, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._outside = outside
        self._plan = plan
        self._say = say
        self._random = Random(plan.seed)
        self._steps = Steps()
        self._killer = Killer(stack, Random(plan.seed + 1), self._steps)
        self._losses: list[Loss] = []
        self._officers: list[Officer] = []
        self._result = Result(plan.seed)

    def run(self) -> Result:
        """All rounds; ends early when something does not hold, for what follows would tell nothing."""
        began = time.monotonic()
        self._prepare()
        try:
            for number in range(1, self._plan.rounds + 1):
                self._round(number, began + self._plan.seconds)
                if self._result.broken or time.monotonic() > began + self._plan.seconds:
                    break
        finally:
            for officer in self._officers:
                officer.stop()
        self._result.kills, self._result.seconds = self._killer.kills, time.monotonic() - began
        return self._result

    def _prepare(self) -> None:
        """Staff with phones, roster and ladder."""
        for login in set(PEOPLE) - {"admin"}:
            words = ("--name", login, "--role", "officer", "--password", PASSWORD)
            self._stack.command("staff", "add", login, *words)
        desks = [Desk(self._stack.url("console"), login) for login in ATTENDING]
        for desk, login in zip(desks, ATTENDING, strict=True):
            desk.sign_in()
            self._officers.append(Officer(desk, self._dice(login), self._steps))
        for login, phone in PEOPLE.items():
            assert desks[0].post(f"/duty/phones/{facts.staff_id(self._stack, login)}", phone=phone) == 200
        for plan in ("roster.yml", "ladder.yml"):
            self._stack.command("duty", "load", str(HERE / plan))
        for officer in self._officers:
            officer.start()

    def _round(self, number: int, end: float) -> None:
        sandbox = Sandbox(self._outside.url)
        sandbox.behave()
        if number % 2 == 0:
            sandbox.misbehave(wechat_delivery=OVERLAP)
        for officer in self._officers:
            officer.go_on()
        crowd = Crowd(self._new_loss, self._plan.residents)
        crowd.start()
        self._killer.strike(self._plan.kills, end)
        if self._plan.supervisor and number % 2 == 0:  # in mid-sentence; its watchdog ends the rest
            self._killer.wait()
            self._killer.kill_now(SUPERVISOR, self._stack.start_again)
        crowd.stop_growing()
        crowd.wait()
        self._killer.wait()
        for officer in self._officers:
            officer.pause()
        self._check(number, sandbox)
        sandbox.close()

    def _new_loss(self) -> Loss:
        loss = Loss(self._outside.url, len(self._losses), self._dice(len(self._losses)), self._steps)
        self._losses.append(loss)
        return loss

    def _dice(self, whose: object) -> Random:
        return Random(f"{self._plan.seed}:{whose}")

    def _check(self, number: int, sandbox: Sandbox) -> None:
        try:
            until(lambda: not facts.waiting(self._stack), "everything at rest", SETTLE, every=1)
        except AssertionError as error:
            self._result.broken.append(f"{error}: {facts.waiting(self._stack)}")
        known = facts.read(self._stack)
        for loss in self._losses:
            loss.look()
        self._result.broken += self._broken(known, sandbox)
        self._count(known)
        self._say(
            f"round {number}: {len(self._killer.kills)} kills, {len(self._losses)} losses, "
            f"{self._result.steps} steps of ladders, {len(self._result.broken)} things broken"
        )
        for problem in self._result.broken:
            self._say(f"  {problem}")

    def _broken(self, known: facts.Facts, sandbox: Sandbox) -> Iterator[str]:
        for loss in self._losses:
            yield from checks.resident(loss.told, known)
        yield from checks.ladders(known)
        yield from checks.notices(known)
        yield from checks.jobs(known)
        yield from checks.officers([acted for officer in self._officers for acted in officer.acted], known)
        texts = [text["id"] for phone in PEOPLE.values() for text in Sms(sandbox, f"+86{phone}").texts("mt")]
        yield from checks.alerts(texts, known)
        yield from (f"left behind: {orphan}" for orphan in orphans(self._stack, self._outside.pid))
        yield from (f"{kill.target} did not come back" for kill in self._killer.kills if kill.seconds is None)

    def _count(self, known: facts.Facts) -> None:
        self._result.told = [loss.told for loss in self._losses]
        self._result.cards = sum(len(cards) for cards in known.cards.values())
        self._result.steps = len(facts.moments(known))
        self._result.acted = sum(len(officer.acted) for officer in self._officers)
        people = known.messages
        self._result.twice = sum(
            checks.twice(told, people.get((told.channel, told.sender), [])) for told in self._result.told
        )


def play(
    plan: Plan, say: Callable[[str], None], broke: Callable[[Stack], None] = lambda _stack: None
) -> tuple[Result, list[int]]:
    """The whole of it: start, run, stop; what came of it and which processes are left.

    ``broke`` is called when something did not hold, before the hotline's folder goes.
    """
    outside = Outside()
    stack = Stack(**outside.settings)
    try:
        stack.wait_until_ready()
        outside.start(stack)
        result = Course(stack, outside, plan, say).run()
        if result.broken:
            broke(stack)
    finally:
        outside.stop()
        left = stack.stop()
    return result, left
