"""How many messages it takes somebody who knows the data: the station's clock is half an hour."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from conversations.inbound import Channel
from conversations.models import FormRecord
from stops.models import StopCard
from storage.engine import Database
from tests.handlers.conftest import Resident
from tests.handlers.victims import VICTIMS, Victim

Make = Callable[..., Resident]
TOO_LONG = 12


def open_question(database: Database, sender_card: StopCard) -> FormRecord | None:
    with database.transaction() as session:
        return session.scalar(
            select(FormRecord).where(FormRecord.subject_id == sender_card.id, FormRecord.state == "open")
        )


def newest_card(database: Database) -> StopCard | None:
    with database.transaction() as session:
        return session.scalar(
            select(StopCard).options(selectinload(StopCard.transfers)).order_by(StopCard.number.desc()).limit(1)
        )


def play(person: Resident, victim: Victim, database: Database) -> tuple[int, list[str], StopCard]:
    """Talk until the card is complete: messages it took, questions asked, the card."""
    sent, asked = 0, []
    words: str | tuple[str, ...] = victim.opening
    while True:
        for text in (words,) if isinstance(words, str) else words:
            person.says(text, after=20 if text == words or text == words[0] else 2)
            sent += 1
        card = newest_card(database)
        assert card is not None, victim.opening
        if card.complete or sent > TOO_LONG:
            return sent, asked, card
        form = open_question(database, card)
        assert form is not None, victim.opening
        asked.append(form.prompt)
        words = victim.answers.get(form.prompt, "不知道")


def played(resident: Make, database: Database, number: int, victim: Victim) -> tuple[int, list[str], StopCard]:
    sender = f"+8617000000{100 + number}" if victim.channel is Channel.SMS else f"o{number}"
    return play(resident(sender, victim.channel), victim, database)


@pytest.mark.parametrize(("number", "victim"), list(enumerate(VICTIMS)))
def test_what_they_know_is_on_the_card(resident: Make, database: Database, number: int, victim: Victim) -> None:
    _sent, asked, card = played(resident, database, number, victim)
    assert card.complete, (victim.opening, asked)
    assert [t.amount_fen for t in card.transfers] == [yuan * 100 for yuan in victim.amounts]
    assert {(t.payee_account, t.payee_name) for t in card.transfers} == {(victim.account, victim.name)}
    assert len(asked) == len(set(asked)) or any(isinstance(words, tuple) for words in victim.answers.values()), asked


def test_the_median_is_four_messages_at_most(resident: Make, database: Database) -> None:
    assert len(VICTIMS) >= 20
    counts = [played(resident, database, number, victim)[0] for number, victim in enumerate(VICTIMS)]
    print("messages to a complete card:", sorted(counts), "median", median(counts))  # noqa: T201 the figure is the point
    assert median(counts) <= 4
