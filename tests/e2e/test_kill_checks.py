"""The checks of the kill test see what they are there to see."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from conversations.models import Message
from handlers.words import urgent
from stops.duty.models import LadderRun, LadderStep, Reach
from stops.models import StopCard, StopEvent, StopNotice
from storage.sealing import Sealer, install
from tests.e2e.kills import checks
from tests.e2e.kills.facts import Facts
from tests.e2e.kills.losses import ANYBODY, Bubble, Said, Told
from tests.e2e.kills.officers import Acted

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WHO = ("wechat", "o0000")
TEXT = "我刚才被骗了,转了两万块给对方"


@pytest.fixture(autouse=True)
def _sealer() -> None:
    """Texts are sealed as soon as a row holds them."""
    install(Sealer(base64.b64encode(bytes(32)).decode()))


def _asks_thrice(case: Case) -> None:
    for _ in range(2):
        case.read(urgent.ASK_CALLBACK)


class Case:
    """One card nobody took, its ladder fired to the end, and its resident, in order; tests spoil one thing."""

    def __init__(self) -> None:
        self.card = StopCard(id=uuid.uuid4(), number="ZF0", state="new", officer_id=None)
        self.run = LadderRun(id=uuid.uuid4(), card_id=self.card.id, round=1, started_at=NOW, stopped_at=None)
        self.steps = [self._step(ordinal) for ordinal in range(1, checks.STEPS + 1)]
        self.reaches = {step.id: self._reaches(step) for step in self.steps}
        self.asked = Message(direction="in", text=TEXT, created_at=NOW)
        self.advice = self._out(urgent.ADVICE, passive=True)
        self.question = self._out(urgent.ASK_CALLBACK, attempts=1)
        self.rows = [self.asked, self.advice, self.question]
        self.told = Told(*WHO, said=[Said(TEXT, True)], finished=True)
        for row, via in ((self.advice, "passive"), (self.question, "custom")):
            self.read(row.text, via)

    def read(self, text: str, via: str = "custom") -> None:
        key = str(len(self.told.bubbles))
        self.told.bubbles[key] = Bubble(key, via, text)

    def broken(self) -> list[str]:
        facts = Facts(
            messages={WHO: self.rows},
            cards={WHO: [self.card]},
            runs={self.card.id: [self.run]},
            steps={self.run.id: self.steps},
            reaches=self.reaches,
        )
        return [*checks.resident(self.told, facts), *checks.ladders(facts)]

    def _step(self, ordinal: int) -> LadderStep:
        due = NOW + timedelta(seconds=ordinal)
        return LadderStep(id=uuid.uuid4(), ordinal=ordinal, state="fired", due_at=due, fired_at=due)

    def _reaches(self, step: LadderStep) -> list[Reach]:
        people = [uuid.uuid4() for _ in range(checks.PEOPLE[step.ordinal])]
        return [Reach(staff_id=person, way=way, state="accepted") for person in people for way in checks.WAYS]

    def _out(self, text: str, *, passive: bool = False, attempts: int = 0) -> Message:
        reply_to = uuid.UUID(int=1)
        return Message(
            direction="out", text=text, in_reply_to=reply_to, delivery="sent", urgent=True, passive=passive,
            attempts=attempts, reason="", created_at=NOW,
        )  # fmt: skip


def _never_fired(case: Case) -> None:
    case.steps[-1].state, case.reaches[case.steps[-1].id] = "waiting", []


def _fired_early(case: Case) -> None:
    case.steps[1].fired_at = case.steps[1].due_at - timedelta(seconds=1)


def _skipped(case: Case) -> None:
    case.steps[1].state = "waiting"


def _reached_twice(case: Case) -> None:
    reaches = case.reaches[case.steps[0].id]
    reaches.append(reaches[0])


def _nobody_reached(case: Case) -> None:
    case.reaches[case.steps[2].id] = []


def _no_ladder(case: Case) -> None:
    case.run.stopped_at = NOW


def _closed(case: Case) -> None:
    case.card.state = "closed"


def _asked_again(case: Case, after: float = 90.0) -> None:
    at = NOW + timedelta(seconds=after)
    case.rows.append(Message(direction="in", text=ANYBODY, created_at=at + timedelta(seconds=1)))
    case.told.said.append(Said(ANYBODY, True))
    case.told.asked_again.append(at)


def _asked_for_nothing(case: Case) -> None:
    case.question.created_at = NOW + timedelta(seconds=100)  # later than they asked again
    _asked_again(case)


SPOILT: dict[str, tuple[Callable[[Case], object], str]] = {
    "a message lost": (lambda case: case.rows.remove(case.asked), "stored 0 times"),
    "a message doubled": (lambda case: case.rows.append(case.asked), "stored 2 times"),
    "no end": (lambda case: setattr(case.told, "finished", False), "not answered to the end"),
    "the card closed": (_closed, "instead of one open card"),
    "the advice doubled": (lambda case: case.rows.append(case.advice), "fixed advice 2 times"),
    "the advice never read": (lambda case: case.told.bubbles.pop("0"), "never read the fixed advice"),
    "a question doubled": (lambda case: case.rows.append(case.question), "in reply to one message"),
    "read too often": (_asks_thrice, "read 3 times"),
    "asked again for nothing": (_asked_for_nothing, "no question was waiting"),
    "stuck": (lambda case: setattr(case.question, "delivery", "sending"), "ended as sending"),
    "a step never fired": (_never_fired, "3 of 4 steps fired"),
    "a step too early": (_fired_early, "fired at"),
    "a step skipped": (_skipped, "fired out of order"),
    "a person reached twice": (_reached_twice, "3 times"),
    "nobody reached": (_nobody_reached, "reached 0 people"),
    "a step lost": (lambda case: case.steps.pop(0), "steps [2, 3, 4]"),
    "no ladder runs": (_no_ladder, "no ladder runs"),
}


def test_what_is_in_order_passes() -> None:
    assert Case().broken() == []


def test_who_was_kept_waiting_by_the_budget_may_ask_again() -> None:
    case = Case()
    _asked_again(case)
    assert case.broken() == []


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_spoilt_is_named(what: str) -> None:
    case = Case()
    spoil, said = SPOILT[what]
    spoil(case)
    assert any(said in problem for problem in case.broken()), case.broken()


def _event(what: str, state: str = "") -> StopEvent:
    return StopEvent(id=uuid.uuid4(), what=what, state=state, staff_id=uuid.UUID(int=1))


TAKEN, RELEASED = ("state", "accepted"), ("released", "new")


@pytest.mark.parametrize(
    ("events", "acted", "holds"),
    [
        ([TAKEN], ["taken"], True),
        ([TAKEN, RELEASED, TAKEN], ["taken", "taken", "released"], True),
        ([TAKEN, TAKEN], ["taken"], False),
        ([TAKEN], ["taken", "forwarded"], False),
        ([], ["taken"], False),
    ],
)
def test_what_officers_did_is_there_once(events: list[tuple[str, str]], acted: list[str], holds: bool) -> None:
    card = uuid.uuid4()
    facts = Facts(events={card: [_event(*event) for event in events]})
    broken = list(checks.officers([Acted(str(card), what) for what in acted], facts))
    assert (broken == []) is holds, broken


@pytest.mark.parametrize(("told", "holds"), [(1, True), (0, False), (2, False)])
def test_of_a_state_is_told_once(told: int, holds: bool) -> None:
    card, event = uuid.uuid4(), _event(*TAKEN)
    facts = Facts(events={card: [event]}, notices={card: [StopNotice(event_id=event.id)] * told})
    assert (list(checks.notices(facts)) == []) is holds


@pytest.mark.parametrize(
    ("state", "tried", "heard", "holds"),
    [
        ("accepted", 1, 1, True),
        ("accepted", 1, 0, False),
        ("accepted", 1, 2, False),
        ("accepted", 2, 2, True),
        ("unknown", 2, 1, True),
        ("queued", 0, 1, False),
    ],
)
def test_alerts_are_on_the_phones_as_often_as_they_were_tried(state: str, tried: int, heard: int, holds: bool) -> None:
    reach = Reach(id=uuid.uuid4(), way="sms", state=state, attempts=tried)
    facts = Facts(reaches={uuid.uuid4(): [reach]})
    assert (list(checks.alerts([str(reach.id)] * heard, facts)) == []) is holds
    assert list(checks.alerts([str(reach.id)] * heard + ["another"], facts))
