"""What must hold after every round, whatever was killed. Each check gives a sentence for everything that does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from conversations.models import Message
from handlers.words import general, urgent
from stops import telling
from stops.duty.models import LadderRun, LadderStep, Reach
from stops.models import StopEvent
from tests.e2e.kills.facts import Facts
from tests.e2e.kills.losses import Told, question
from tests.e2e.kills.officers import Acted

UNSTORED = frozenset({urgent.ADVICE_UNSTORED, general.BROKEN})  # said while the database is away; no row
# WeChat's budget was used up: the resident was told another way, or is when they write again.
NO_BUDGET = frozenset({"budget_used", telling.TOLD_OTHERWISE})
STEPS = 4  # of ladder.yml
PEOPLE = {1: 1, 2: 1, 3: 3, 4: 4}  # whom each step reaches: two on shift, one leader, and admin is an officer
WAYS = {"console", "sms"}
ACTS = frozenset({"state", "taken", "released", "holder_silent"})  # changes of who has a card, and of its state


def resident(told: Told, facts: Facts) -> Iterator[str]:
    """One resident: everything stored once, one card, advised, answered to the end, nothing twice."""
    who = (told.channel, told.sender)
    rows = facts.messages.get(who, [])
    cards = facts.cards.get(who, [])
    named = f"{told.channel} {told.sender[-6:]}"
    if told.trouble or not told.finished:
        last = [f"{str(row.created_at)[11:19]} {row.direction} {row.text[:12]!r} {row.delivery}" for row in rows[-6:]]
        yield f"{named}: not answered to the end: {told.trouble}; the records end with {last}"
    if len(cards) != 1 or cards[0].state == "closed":
        yield f"{named}: {[card.number for card in cards]} instead of one open card"
    for problem in (*_stored(told, rows), *_asked(told, rows), *_replies(rows), *_read(told, rows)):
        yield f"{named}: {problem}"


def _stored(told: Told, rows: list[Message]) -> Iterator[str]:
    """Every message that was acknowledged is stored, and nothing more often than it was sent."""
    stored = Counter(row.text for row in rows if row.direction == "in")
    sent = Counter(said.text for said in told.said)
    taken = Counter(said.text for said in told.said if said.taken)
    for said in sent | stored:
        if not taken[said] <= stored[said] <= sent[said]:
            yield f"{said!r} sent {sent[said]}, acknowledged {taken[said]}, stored {stored[said]} times"


def _asked(told: Told, rows: list[Message]) -> Iterator[str]:
    """Whoever asked again on WeChat had a question waiting in the records, as where WeChat's budget keeps it back."""
    for at in told.asked_again:
        before = [row for row in rows if row.created_at < at]
        last = max((place for place, row in enumerate(before) if row.direction == "in"), default=-1)
        if not question(row.text for row in before[last + 1 :]):
            yield f"asked again at {at:%H:%M:%S}, and no question was waiting: {[row.text[:12] for row in before[-3:]]}"


def _replies(rows: list[Message]) -> Iterator[str]:
    """One advice; to one message no reply twice."""
    out = [row for row in rows if row.direction == "out"]
    advice = sum(row.text == urgent.ADVICE for row in out)
    if advice != 1:
        yield f"the fixed advice {advice} times in the records"
    for (_, said), count in Counter((row.in_reply_to, row.text) for row in out if row.in_reply_to).items():
        if count > 1:
            yield f"{said!r} {count} times in reply to one message"
    for row in out:
        if row.delivery not in ("sent", "delivered", "unknown") and row.reason not in NO_BUDGET:
            yield f"{row.text!r} ended as {row.delivery} ({row.reason})"


def _read(told: Told, rows: list[Message]) -> Iterator[str]:
    """On the phone: the advice, and nothing more often than the records allow."""
    if not any(bubble.text in (urgent.ADVICE, urgent.ADVICE_UNSTORED) for bubble in told.bubbles.values()):
        yield "never read the fixed advice"
    allowed = _allowed(told, rows)
    for said, count in Counter(bubble.text for bubble in told.bubbles.values()).items():
        if said not in UNSTORED and count > allowed[said]:
            yield f"read {count} times instead of {allowed[said]}: {said!r}"


def _allowed(told: Told, rows: list[Message]) -> Counter[str]:
    """How often each text may be read. On WeChat an urgent message of unknown fate comes once more (ADR 0003), and a
    passive reply whose process died before it was noted (ADR 0002)."""
    allowed: Counter[str] = Counter()
    for row in rows:
        if row.direction == "out":
            custom = min(row.attempts, 2 if row.urgent else 1) if told.channel == "wechat" else 1
            allowed[row.text] += custom + row.passive
    return allowed


def twice(told: Told, rows: list[Message]) -> int:
    """How many messages a resident read twice, as the two decisions allow."""
    out = Counter(row.text for row in rows if row.direction == "out")
    read = Counter(bubble.text for bubble in told.bubbles.values() if bubble.text not in UNSTORED)
    return sum((read - out).values())


def ladders(facts: Facts) -> Iterator[str]:
    """Every card has its ladders, one after another; of each every step, each fired once and in order."""
    for cards in facts.cards.values():
        for card in cards:
            runs = facts.runs.get(card.id, [])
            for problem in _runs(runs, facts, waits=card.officer_id is None):
                yield f"{card.number}: {problem}"


def _runs(runs: list[LadderRun], facts: Facts, *, waits: bool) -> Iterator[str]:
    if [run.round for run in runs] != list(range(1, len(runs) + 1)) or not runs:
        yield f"rounds {[run.round for run in runs]}"
    for earlier, later in pairwise(runs):
        if earlier.stopped_at is None or earlier.stopped_at > later.started_at:
            yield f"round {later.round} began before the one before it ended"
    if sum(run.stopped_at is None for run in runs) != int(waits):
        yield f"{'no' if waits else 'a'} ladder runs"
    for run in runs:
        for problem in _steps(run, facts.steps.get(run.id, []), facts):
            yield f"round {run.round}: {problem}"


def _steps(run: LadderRun, steps: list[LadderStep], facts: Facts) -> Iterator[str]:
    if [step.ordinal for step in steps] != list(range(1, STEPS + 1)):
        yield f"steps {[step.ordinal for step in steps]}"
    fired = [step for step in steps if step.state == "fired"]
    if [step.ordinal for step in fired] != list(range(1, len(fired) + 1)):
        yield f"fired out of order: {[step.ordinal for step in fired]}"
    if run.stopped_at is None and len(fired) != len(steps):
        yield f"nobody took it, and {len(fired)} of {len(steps)} steps fired"
    for step in fired:
        assert step.fired_at is not None
        if step.fired_at < step.due_at or (run.stopped_at is not None and step.fired_at > run.stopped_at):
            yield f"step {step.ordinal} fired at {step.fired_at}, due {step.due_at}, ended {run.stopped_at}"
        yield from _reached(step, facts.reaches.get(step.id, []))
    for step in steps:
        if step.state != "fired" and facts.reaches.get(step.id):
            yield f"step {step.ordinal} reached people without having fired"
    times = [step.fired_at for step in fired if step.fired_at]
    if times != sorted(times):
        yield f"fired out of order: {times}"


def _reached(step: LadderStep, reaches: list[Reach]) -> Iterator[str]:
    people = Counter((reach.staff_id, reach.way) for reach in reaches)
    if any(count > 1 for count in people.values()) or len(people) != PEOPLE[step.ordinal] * len(WAYS):
        yield f"step {step.ordinal} reached {len(people)} people and ways, {len(reaches)} times"
    for reach in reaches:
        if reach.state not in ("accepted", "needless"):
            yield f"step {step.ordinal}: an alert by {reach.way} ended as {reach.state} ({reach.code})"


def officers(acted: Iterable[Acted], facts: Facts) -> Iterator[str]:
    """What was confirmed to an officer is in the history, and nothing was done twice in a row."""
    done = {
        str(card_id): [_named(event) for event in events if event.what in ACTS]
        for card_id, events in facts.events.items()
    }
    for step, count in Counter(acted).items():
        if done.get(step.card, []).count(step.what) < count:
            yield f"{step.card}: {step.what} was confirmed and is not in the history"
    for card, said in done.items():
        if any(earlier == later for earlier, later in pairwise(said)):
            yield f"{card}: the history says {said}"


def _named(event: StopEvent) -> str:
    if event.what != "state":
        return event.what
    return "taken" if event.state == "accepted" else event.state


def notices(facts: Facts) -> Iterator[str]:
    """Of each state the resident is told once; that it was taken, only the first time."""
    for card_id, events in facts.events.items():
        states = [event for event in events if event.what == "state" and event.staff_id is not None]
        taken = [event.id for event in states if event.state == "accepted"]
        owed = [event.id for event in states if event.id not in taken[1:]]
        told = [notice.event_id for notice in facts.notices.get(card_id, [])]
        if sorted(owed) != sorted(told):
            yield f"{card_id}: {len(owed)} states, {len(told)} notices"


def alerts(texts: list[str], facts: Facts) -> Iterator[str]:
    """Each alert that the operator took is on the phone, as often as it was tried at most, and nothing else is.

    One whose worker died before it noted the operator's answer is tried once more (ADR 0003). ``texts``: ids on all
    phones.
    """
    alerts = {str(reach.id): reach for reaches in facts.reaches.values() for reach in reaches if reach.way == "sms"}
    shown = Counter(texts)
    for alert_id, reach in alerts.items():
        if not (reach.state == "accepted") <= shown[alert_id] <= reach.attempts:
            yield f"an alert ({reach.state}) {shown[alert_id]} times on the phone, tried {reach.attempts} times"
    if strange := shown.keys() - alerts.keys():
        yield f"{len(strange)} texts on the phones of those on duty that are no alerts"


def jobs(facts: Facts) -> Iterator[str]:
    """No job was given up."""
    for task, count in facts.failed.items():
        yield f"{count} jobs {task!r} failed"
