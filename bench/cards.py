"""Stop cards in bulk: open ones with sealed values that open, closed ones as rows of the same size."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

import psycopg

from stops.models import CardKind, CardState, StopCard, StopTransfer
from storage.ids import new_id

CLOSED_AT_ONCE = 50_000
# Closed cards of the past years, all older than the open ones. Their sealed columns are bytes of the usual length;
# nothing opens them.
_CONTACT = """
INSERT INTO contacts (id, channel, sender_index, created_at)
VALUES (%(contact)s, 'wechat', sha256(%(contact)s::text::bytea), %(now)s)
"""
_CONVERSATION = """
INSERT INTO conversations (id, contact_id, channel, opened_at, last_message_at)
VALUES (%(conversation)s, %(contact)s, 'wechat', %(now)s, %(now)s)
"""
_STAFF = """
INSERT INTO staff (id, login, name, password_hash, roles, created_at)
VALUES (%(officer)s, 'bench', '测试', 'x', 'officer', %(now)s)
"""
_CLOSED = """
INSERT INTO stop_cards (id, number, kind, state, conversation_id, contact_id, officer_id, state_by, state_at,
    reported_at, deadline, closed_at, confirmed, complete, fraud_type,
    victim_name_sealed, callback_phone_sealed, story_sealed)
SELECT gen_random_uuid(), 'ZC' || n, 'loss', 'closed', %(conversation)s, %(contact)s, %(officer)s, %(officer)s, at,
    at, at + interval '30 min', at, true, true, 'fake_invest',
    decode(repeat('ab', 38), 'hex'), decode(repeat('ab', 40), 'hex'), decode(repeat('ab', 180), 'hex')
FROM (
    SELECT n, %(now)s::timestamptz - interval '3 days' - n * interval '90 s' AS at
    FROM generate_series(%(first)s::int, %(last)s::int) n
) numbered
"""
_CLOSED_TRANSFERS = """
INSERT INTO stop_transfers (id, card_id, ordinal, amount_fen, transferred_at, payee_bank, payee_name_sealed,
    payee_account_sealed)
SELECT gen_random_uuid(), id, 1, 3200000, reported_at, '中国农业银行', decode(repeat('ab', 38), 'hex'),
    decode(repeat('ab', 48), 'hex')
FROM stop_cards WHERE number = ANY (SELECT 'ZC' || n FROM generate_series(%(first)s::int, %(last)s::int) n)
"""
_CARD = (
    "id number kind state conversation_id contact_id officer_id state_by state_at taken_at seen_at reported_at "
    "deadline fraud_type victim_name_sealed callback_phone_sealed story_sealed"
).split()
_TRANSFER = (
    "id card_id ordinal amount_fen approximate transferred_at payee_bank payee_name_sealed payee_account_sealed"
).split()


class Archive:
    """Fills a database; one resident and one officer stand behind every card."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._closed = 0
        self._random = random.Random(7)
        self._ids = {"contact": new_id(), "conversation": new_id(), "officer": new_id(), "now": now}
        for statement in (_CONTACT, _CONVERSATION, _STAFF):
            connection.execute(statement, self._ids)
        connection.commit()

    def open(self, count: int) -> None:
        """Open cards, sealed for real: half wait for somebody or are being worked, half have their stop."""
        cards = [self._card(number) for number in range(count)]
        self._copy("stop_cards", _CARD, [self._row(card, _CARD) for card in cards])
        transfers = [self._transfer(card) for card in cards if card.number[-1] not in "01"]
        self._copy("stop_transfers", _TRANSFER, [self._row(transfer, _TRANSFER) for transfer in transfers])
        self._settle()

    def close(self, count: int) -> None:
        """Closed cards, beside those there are."""
        for first in range(self._closed + 1, self._closed + count + 1, CLOSED_AT_ONCE):
            last = min(first + CLOSED_AT_ONCE - 1, self._closed + count)
            numbers = {**self._ids, "first": first, "last": last}
            self._connection.execute(_CLOSED, numbers)
            self._connection.execute(_CLOSED_TRANSFERS, numbers)
            self._connection.commit()
        self._closed += count
        self._settle()

    def _card(self, number: int) -> StopCard:
        state = (CardState.NEW, CardState.ACCEPTED, CardState.INITIATED, CardState.SUCCEEDED)[number % 4]
        officer = None if state is CardState.NEW else self._ids["officer"]
        reported = self._now - timedelta(seconds=self._random.randrange(2 * 24 * 3600))
        card = StopCard(
            number=f"ZF{500_000 + number}",
            kind=(CardKind.LOSS if number % 9 else CardKind.DISSUADE).value,
            state=state.value,
            conversation_id=self._ids["conversation"],
            contact_id=self._ids["contact"],
            officer_id=officer,
            state_by=officer,
            state_at=reported,
            taken_at=reported if officer else None,
            seen_at=self._now if officer else None,
            reported_at=reported,
            deadline=reported + timedelta(minutes=30),
            fraud_type="fake_invest",
        )
        card.victim_name = "张某某"
        card.callback_phone = f"1700000{number % 10_000:04d}"
        card.story = "群里老师带着炒股,说稳赚不赔,让转到指定账户,现在提不出来,客服也联系不上了。"
        return card

    def _transfer(self, card: StopCard) -> StopTransfer:
        transfer = StopTransfer(
            card_id=card.id,
            ordinal=1,
            amount_fen=self._random.randrange(10_000, 50_000_000),
            approximate=False,
            transferred_at=card.reported_at,
            payee_bank="中国农业银行",
        )
        transfer.payee_name = "某某商贸公司"
        transfer.payee_account = f"62220000{self._random.randrange(10**8):08d}009"
        return transfer

    @staticmethod
    def _row(record: StopCard | StopTransfer, columns: list[str]) -> list[object]:
        values = [getattr(record, column) for column in columns]
        return [str(value) if isinstance(value, uuid.UUID) else value for value in values]

    def _copy(self, table: str, columns: list[str], rows: list[list[object]]) -> None:
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        self._connection.commit()

    def _settle(self) -> None:
        """What autovacuum would have done by the time so many cards have come in."""
        self._connection.autocommit = True
        self._connection.execute("VACUUM (ANALYZE) stop_cards, stop_transfers")
        self._connection.autocommit = False
