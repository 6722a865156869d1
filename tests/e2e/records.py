"""What the hotline knows, asked from outside: the command line, and SQL for counts and for turning back the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from storage.sealing import Sealer
from tests.e2e.residents import Phone
from tests.e2e.stack import Stack, until

Row = dict[str, Any]
# The job queue and heartbeats move by themselves.
QUEUE = "procrastinate%"


class Records:
    """The records of one running hotline."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._sealer = Sealer(stack.secrets["data_key"])

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """One SQL statement on the embedded database; its rows, if it has any."""
        url = self._stack.run.embedded["postgres"]
        with psycopg.connect(url) as connection:
            cursor = connection.execute(sql.SQL(query), values)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *values: object) -> Any:
        """The only value of a query."""
        return self.ask(query, *values)[0][0]

    def tables(self) -> list[str]:
        """Names of every table but the queue's."""
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE %s ORDER BY 1"
        return [row[0] for row in self.ask(query, QUEUE)]

    def counts(self) -> dict[str, int]:
        """Rows of every table but the queue's, without what the clock alone adds on cards told before."""
        by_the_clock = {"ladder_runs", "ladder_steps", "reaches", "stop_events", "stop_tasks"}
        said_to_us = {"messages": "WHERE direction = 'in'"}
        return {
            table: self._count(table, said_to_us.get(table, "")) for table in self.tables() if table not in by_the_clock
        }

    def _count(self, table: str, condition: str, *values: object) -> int:
        query = sql.SQL("SELECT count(*) FROM {} AS t {}").format(sql.Identifier(table), sql.SQL(condition))
        with psycopg.connect(self._stack.run.embedded["postgres"]) as connection:
            return int(connection.execute(query, values).fetchone()[0])  # type: ignore[index]

    def holding(self, text: str) -> list[str]:
        """Tables, the queue's included, in which a text stands in the clear, in a word or in bytes."""
        tables = [row[0] for row in self.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        condition = "WHERE strpos(t::text, %s) > 0 OR strpos(t::text, %s) > 0"
        return [table for table in tables if self._count(table, condition, text, text.encode().hex())]

    def conversation(self, resident: Phone) -> Row:
        """A resident's newest conversation."""

        def newest() -> Row | None:
            rows = [row for row in self._stack.json("conversations") if row["sender"] == resident.sender]
            return max(rows, key=lambda row: row["opened_at"]) if rows else None

        found = until(newest, f"a conversation of {resident.sender}")
        assert found is not None
        return found

    def id_of(self, resident: Phone) -> str:
        """The id of a resident's newest conversation, found by SQL: much is asked about it."""
        index = self._sealer.blind(f"contact:{resident.channel}", resident.sender)
        query = (
            "SELECT conversations.id FROM conversations JOIN contacts ON contacts.id = contact_id "
            "WHERE sender_index = %s ORDER BY opened_at DESC LIMIT 1"
        )
        return str(until(lambda: self.ask(query, index), f"a conversation of {resident.sender}")[0][0])

    def of(self, what: str, resident: Phone) -> list[Row]:
        """A resident's ``stops``, ``tips``, ``claims`` or ``messages``, oldest first."""
        conversation = self.id_of(resident)
        return [row for row in self._stack.json(what) if row["conversation"] == conversation][::-1]

    def card(self, resident: Phone) -> Row:
        """A resident's only stop card."""
        (card,) = self.of("stops", resident)
        return card

    def messages(self, resident: Phone, direction: str = "") -> list[Row]:
        """What was said, oldest first; ``direction``: in or out."""
        return [row for row in self.of("messages", resident) if direction in ("", row["direction"])]

    def deliveries(self, resident: Phone) -> list[str]:
        """What became of everything the hotline said, in order."""
        query = "SELECT delivery FROM messages WHERE conversation_id = %s AND direction = 'out' ORDER BY position"
        return [row[0] for row in self.ask(query, self.id_of(resident))]

    def wait_for_deliveries(self, resident: Phone, fits: Callable[[list[str]], bool]) -> None:
        """Wait until the fates of what the hotline said are as wanted."""
        until(lambda: fits(self.deliveries(resident)), f"the fate of the messages to {resident.sender}", every=0.3)

    def let_a_minute_pass(self, resident: Phone) -> None:
        """As if the resident had last written a minute earlier: bubbles in one breath are not answered one by one."""
        query = (
            "UPDATE contacts SET last_inbound_at = last_inbound_at - interval '1 minute' "
            "WHERE id = (SELECT contact_id FROM conversations WHERE id = %s)"
        )
        self.ask(query, self.id_of(resident))
