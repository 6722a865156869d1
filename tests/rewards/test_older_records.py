"""Claims of before the four hands keep their history when the database is brought up, and go back again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storage import migrate
from storage.engine import Database
from tests.rewards.hands import Hands

BEFORE = "0050"  # the last revision without proposals and ledger
OLD = """
INSERT INTO tips (id, number, state, registered_at) SELECT gen_random_uuid(), 'XS' || n, 'closed', now()
    FROM generate_series(1, 4) AS n;
INSERT INTO contacts (id, channel, sender_index, created_at) VALUES (gen_random_uuid(), 'wechat', 'x', now());
INSERT INTO conversations (id, contact_id, channel, opened_at, last_message_at)
    SELECT gen_random_uuid(), id, 'wechat', now(), now() FROM contacts;
INSERT INTO claims (id, number, tip_id, contact_id, conversation_id, state, requested_at)
    SELECT gen_random_uuid(), replace(tips.number, 'XS', 'JL'), tips.id, conversations.contact_id, conversations.id,
        (ARRAY['requested', 'checking', 'refused', 'closed'])[right(tips.number, 1)::int], now()
    FROM tips, conversations;
INSERT INTO claim_events (id, claim_id, at, actor, state)
    SELECT gen_random_uuid(), id, now() - interval '1 hour', 'bot', 'requested' FROM claims;
INSERT INTO claim_events (id, claim_id, at, actor, state)
    SELECT gen_random_uuid(), id, now(), 'staff', state FROM claims;
"""
STATES = "SELECT number || ' ' || state FROM claims ORDER BY number"
ACTS = "SELECT act || ' ' || e.state FROM claim_events e JOIN claims c ON c.id = claim_id ORDER BY number, position"


@pytest.fixture
def older(database: Database, database_url: str) -> Iterator[Database]:
    """The database as it was before; brought up again whatever happens."""
    database.dispose()
    migrate.downgrade(database_url, BEFORE)
    yield database
    database.dispose()
    migrate.upgrade(database_url)


def test_older_claims_up_and_down_again(older: Database, database_url: str) -> None:
    with older.transaction() as session:
        session.execute(text(OLD))
    migrate.upgrade(database_url)
    with older.transaction() as session:
        assert list(session.scalars(text(STATES))) == ["JL1 requested", "JL2 requested", "JL3 refused", "JL4 archived"]
        newest = ["request requested", "refuse refused", "request requested", "request archived"]
        assert list(session.scalars(text(ACTS)))[-4:] == newest
        assert session.scalar(text("SELECT count(DISTINCT position) FROM claim_events")) == 8
    newer = Hands.with_a_claim(older)
    newer.pay(newer.up_to("claimed"))
    older.dispose()
    migrate.downgrade(database_url, BEFORE)
    with older.transaction() as session:
        states = list(session.scalars(text(STATES)))
    assert "JL4 closed" in states
    assert sum(state.endswith("closed") for state in states) == 2


def test_a_deadline_of_before_the_timers_gets_one(database: Database, database_url: str) -> None:
    hands = Hands.with_a_claim(database)
    hands.up_to("notified")
    database.dispose()
    try:
        migrate.downgrade(database_url, "0080")
    finally:
        migrate.upgrade(database_url)
    with database.transaction() as session:
        timers = session.execute(text("SELECT claim_id, what, due_at, fired_at FROM claim_timers")).all()
    assert [tuple(timer) for timer in timers] == [(hands.claim_id, "due", hands.claim().due_at, None)]
