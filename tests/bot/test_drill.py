"""Drills on the real path: played by the worker's player, reached by the ladder, told to nobody, counted nowhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.alerts.sender import AlertSender
from bot.channels.outcome import SendOutcome
from bot.channels.sms.adapter import OutgoingSms
from bot.channels.sms.generic import GenericAdapter
from bot.channels.wechat.api import CustomerService
from bot.delivery import Courier
from bot.drill import Player
from bot.parts import Parts
from conversations import labels
from conversations.inbound import Reply
from conversations.messages import say
from conversations.models import Contact, Conversation, Delivery, Message, Staff
from linkage import clusters
from linkage.clusters import Known
from linkage.models import Source
from linkage.subjects import Subject
from stops import cards, holding, stop_orders
from stops.acts import Act
from stops.drills import desk, results
from stops.drills.models import Drill
from stops.drills.scripts import scripts
from stops.duty import desk as duty_desk
from stops.duty import plans
from stops.duty.models import LadderStep, Reach
from stops.models import CardState, StopCard, StopEvent, StopNotice, StopOrder, StopTimer
from stops.record import CardError
from stops.same_loss import similar
from storage.engine import Database
from tests.bot.test_alerts import ROSTER
from tests.handlers.conftest import Clock
from tests.stops.conftest import WHOLE, Told, officers, told
from tests.stops.duty.conftest import look

__all__ = ["officers", "told"]
ACCOUNT = "6228480000000000000"


class Stage:
    """A drill and everything around it."""

    def __init__(self, built: Parts, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.player = Player(built.database, built.intake, built.confirmer, clock)
        self.confirmer = built.confirmer

    def start(self, script: str = "clerk", staff: Staff | None = None) -> uuid.UUID:
        with self.database.transaction() as session:
            return desk.start(session, script, staff, self.clock()).id

    def play(self, drill_id: uuid.UUID) -> None:
        """Until the victim falls silent; six seconds pass before each message."""
        before = -1
        while (said := self.result(drill_id).said) != before:
            before = said
            self.clock.pass_(seconds=6)
            self.player.play(drill_id)

    def result(self, drill_id: uuid.UUID) -> results.Result:
        with self.database.transaction() as session:
            return results.result(session, drill_id)

    def card(self, drill_id: uuid.UUID) -> StopCard:
        with self.database.transaction() as session:
            card = desk.card_of(session, session.get_one(Drill, drill_id))
            assert card is not None
            found = cards.load(session, card.id)
            assert found is not None
            return found

    def count(self, table: type) -> int:
        with self.database.transaction() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def stage(built: Parts, database: Database, clock: Clock) -> Iterator[Stage]:
    yield Stage(built, database, clock)
    built.confirmer.flush()  # nothing is left for its thread, which would connect once more


@pytest.mark.parametrize("script", [name for name in scripts() if name != "about_to_pay"])
def test_the_victim_tells_until_the_card_is_complete(stage: Stage, script: str) -> None:
    drill_id = stage.start(script)
    stage.play(drill_id)
    card = stage.card(drill_id)
    assert card.complete, [card.callback_phone, [vars(t) for t in card.transfers]]
    assert card.drill
    assert card.number.startswith("YL")
    found = stage.result(drill_id)
    assert found.to_card == 0.0, "the test's clock stands still within a message"
    assert found.to_complete is not None and found.to_complete % 6 == 0
    assert found.to_accepted is None
    assert found.said < desk.MOST, "silent once it is complete"


def test_somebody_about_to_pay_has_a_card_to_dissuade(stage: Stage) -> None:
    drill_id = stage.start("about_to_pay")
    stage.play(drill_id)
    assert stage.card(drill_id).kind == "dissuade"
    assert stage.result(drill_id).to_complete is None
    assert stage.result(drill_id).said < desk.MOST


def test_a_job_that_runs_again_says_nothing_twice(stage: Stage, built: Parts) -> None:
    drill_id = stage.start()
    with stage.database.transaction() as session:
        message = desk.next_message(session, session.get_one(Drill, drill_id), stage.clock())
    assert message is not None
    built.intake.take(message)  # and the worker is killed before it has noted it
    stage.play(drill_id)
    with stage.database.transaction() as session:
        heard = session.scalars(select(Message).where(Message.direction == "in").order_by(Message.position)).all()
        assert [message.text for message in heard].count(scripts()["clerk"].opening[0]) == 1
        assert len(session.scalars(select(StopCard)).all()) == 1


class NoWechat(CustomerService):
    """Nothing may come here."""

    def __init__(self) -> None:
        pass

    def send_text(self, *_: object) -> object:  # type: ignore[override]
        raise AssertionError("a drill's words left the house")


def test_nothing_that_is_said_leaves_the_house(stage: Stage, officers: tuple[Staff, Staff]) -> None:
    drill_id = stage.start()
    stage.play(drill_id)
    stage.confirmer.flush()
    card = stage.card(drill_id)
    with stage.database.transaction() as session:
        cards.set_state(session, card.id, CardState.ACCEPTED, officers[0], stage.clock())
        conversation = session.get_one(Conversation, card.conversation_id)
        say(session, conversation, [Reply("还在吗？")], stage.clock())
    stage.clock.pass_(minutes=1)
    Courier(stage.database, NoWechat(), None, stage.clock).drain(card.contact_id)
    with stage.database.transaction() as session:
        states = set(session.scalars(select(Message.delivery).where(Message.direction == "out")))
    assert states == {Delivery.SENT.value}
    assert stage.count(StopNotice) == 0, "nobody is told of a state"


def test_the_stop_of_a_drill_uses_up_nothing(stage: Stage, officers: tuple[Staff, Staff], told: Told) -> None:
    real = told("o1", replace(WHOLE, payee_account=ACCOUNT))
    for _ in range(3):
        drill_id = stage.start()
        stage.play(drill_id)
        card = stage.card(drill_id)
        assert card.transfers[0].payee_account == ACCOUNT
        with stage.database.transaction() as session:
            holding.take(session, card.id, officers[0], stage.clock())
            stage.clock.pass_(seconds=30)
            cards.set_state(session, card.id, CardState.INITIATED, officers[0], stage.clock(), act=Act(reference="演"))
        found = stage.result(drill_id)
        assert found.reached
        assert found.to_initiated == found.to_accepted + 30  # type: ignore[operator]
    assert stage.count(StopOrder) == 0
    with stage.database.transaction() as session:
        assert set(session.scalars(select(StopTimer.what))) == {"remind"}, "no stop ends"
        card = cards.load(session, real)
        assert card is not None
        assert stop_orders.count_on(session, card.transfers[0]) == 0


def test_a_drill_is_no_real_loss_and_the_other_way_round(
    stage: Stage, officers: tuple[Staff, Staff], told: Told
) -> None:
    drill_id = stage.start()
    stage.play(drill_id)
    played = stage.card(drill_id)
    transfer = played.transfers[0]
    same = replace(WHOLE, payee_account=ACCOUNT, transferred_at=transfer.transferred_at, amount_fen=transfer.amount_fen)
    real = told("o1", same)
    with stage.database.transaction() as session:
        session.get_one(StopCard, real).reported_at = played.reported_at
    with stage.database.transaction() as session:
        own, other = cards.load(session, real), cards.load(session, played.id)
        assert own is not None and other is not None
        assert similar(session, own) == similar(session, other) == []
        with pytest.raises(CardError, match="演练"):
            cards.merge(session, real, played.id, officers[0], stage.clock())
        taken = holding.take_next(session, officers[0], stage.clock())
        assert taken.id == real, "a drill waits until no real card does"
        assert holding.take_next(session, officers[1], stage.clock()).id == played.id


def test_what_was_played_is_not_learnt_from(stage: Stage) -> None:
    drill_id = stage.start()
    stage.play(drill_id)
    with stage.database.transaction() as session:
        assert labels.review(session, None, 100) == []


def test_its_account_stands_beside_no_record(stage: Stage, told: Told) -> None:
    """Else a resident who asks about the number would hear that somebody reported it."""
    drill_id = stage.start()
    stage.play(drill_id)
    account = Subject("bank_card", ACCOUNT)
    with stage.database.transaction() as session:
        assert clusters.known(session, account) == Known()
        assert clusters.related(session, Source.CARD, stage.card(drill_id).id) == []
    told("o1", replace(WHOLE, payee_account=ACCOUNT))
    with stage.database.transaction() as session:
        assert clusters.known(session, account).cards == 1


def climb(stage: Stage) -> None:
    for seconds in (0, 60, 120, 420):
        stage.clock.pass_(seconds=seconds)
        look(stage.database, stage.clock())


def test_the_ladder_says_that_it_is_a_drill_and_hands_off_to_nobody(
    stage: Stage, officers: tuple[Staff, Staff], told: Told
) -> None:
    drill_id = stage.start()
    stage.player.play(drill_id)
    climb(stage)
    with stage.database.transaction() as session:
        texts = set(session.scalars(select(Reach.text)))
        steps = session.scalars(select(LadderStep).order_by(LadderStep.ordinal)).all()
        assert [(step.say, step.state, step.note) for step in steps][-1] == ("fallback", "fired", "drill")
        assert not session.scalars(select(Reach).where(Reach.step_id == steps[-1].id)).all()
        assert session.scalars(select(Reach).where(Reach.step_id == steps[0].id)).all()
    assert texts and all(text.startswith("【演练】") for text in texts)
    assert not any("110" in text for text in texts)


class TemplateOnly(GenericAdapter):
    """An operator that only sends its template."""

    conversational = False

    def __init__(self) -> None:
        pass

    def send(self, message: OutgoingSms) -> SendOutcome:
        raise AssertionError(f"sent without the word drill: {message}")


def test_a_template_that_cannot_say_drill_is_not_sent(stage: Stage, officers: tuple[Staff, Staff]) -> None:
    with stage.database.transaction() as session:
        for officer in officers:
            duty_desk.set_phone(session, officer.id, "17000000001")
    drill_id = stage.start()
    stage.player.play(drill_id)
    climb(stage)
    sender = AlertSender(stage.database, TemplateOnly(), {}, stage.clock)
    with stage.database.transaction() as session:
        texts = session.scalars(select(Reach.id).where(Reach.way == "sms")).all()
    assert texts
    for reach_id in texts:
        sender.send(reach_id)
    with stage.database.transaction() as session:
        assert set(session.scalars(select(Reach.code).where(Reach.way == "sms"))) == {"drill_template"}


def test_ending_closes_everything_and_tells_nobody(stage: Stage, officers: tuple[Staff, Staff]) -> None:
    drill_id = stage.start(staff=officers[1])
    stage.player.play(drill_id)
    card = stage.card(drill_id)
    with stage.database.transaction() as session:
        holding.take(session, card.id, officers[0], stage.clock())
    said = stage.count(Message)
    for _ in range(2):
        with stage.database.transaction() as session:
            desk.end(session, drill_id, officers[1], stage.clock())
    stage.play(drill_id)
    with stage.database.transaction() as session:
        closed = session.get_one(StopCard, card.id)
        assert (closed.state, closed.state_by) == ("closed", officers[1].id)
        last = session.scalars(select(StopEvent).where(StopEvent.card_id == card.id, StopEvent.state == "closed")).one()
        assert last.detail == "演练结束"
        conversation = session.get_one(Conversation, card.conversation_id)
        assert conversation.closed_at is not None
        assert conversation.holder == "bot"
    assert stage.count(Message) == said
    assert stage.count(StopNotice) == 0
    assert stage.result(drill_id).ended_at is not None


def test_who_may_lead(stage: Stage, officers: tuple[Staff, Staff]) -> None:
    with stage.database.transaction() as session:
        admin = Staff(login="boss", name="管", password_hash="x", roles="admin", created_at=stage.clock())
        leader = Staff(login="wang", name="王", password_hash="x", roles="officer", created_at=stage.clock())
        session.add_all([admin, leader])
        session.flush()
        assert [desk.may_lead(session, one, stage.clock()) for one in (admin, leader)] == [True, False]
        text = ROSTER.replace("li, zhao", "one, two")
        plans.load(session, text, "r.yml", None, stage.clock())
        found = [desk.may_lead(session, one, stage.clock()) for one in (admin, leader, officers[0])]
        assert found == [True, True, False]


def test_a_real_contact_is_none(told: Told, database: Database) -> None:
    told("o1", WHOLE)
    with database.transaction() as session:
        assert session.scalars(select(Contact.drill)).all() == [False]
        assert session.scalars(select(StopCard.drill)).all() == [False]
        assert session.scalars(select(StopCard.number)).one().startswith("ZF")
