"""The interface of every SMS provider: bytes in, :class:`Inbound` out, and the other way round.

An adapter knows its provider's wire format and nothing of Flask or the database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from bot.channels.outcome import SendOutcome
from conversations.inbound import Inbound


class Refused(Exception):
    """A callback that proves no right to speak: answer 403, store nothing, log ``reason`` only."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request of a provider. ``path_secret`` is the secret part of the path, empty where there is none.

    ``peer`` is the address of the TCP peer; ``now`` is timezone-aware. ``form`` may be empty: a form body is
    then read from ``body``. Contents stay out of ``repr``, so that a log line cannot carry them.
    """

    method: str
    path_secret: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    peer: str
    now: datetime

    def header(self, name: str) -> str:
        """The header ``name``, whatever its case; empty when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class BadItem:
    """An authentic item that cannot be a message. ``digest`` is a SHA-256 that recognises a repetition."""

    reason: str
    digest: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one callback brought, and the exact acknowledgement to send once it is stored."""

    items: list[Inbound | BadItem]
    ack_body: bytes
    ack_type: str


@dataclass(frozen=True, slots=True)
class OutgoingSms:
    """One text for one number (E.164, or the digits of a service number).

    ``id`` is our idempotency key. A template-only provider shows ``code`` (the number of the conversation)
    in its neutral template and never sees ``text``.
    """

    id: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    conversation: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The operator's word on one outgoing message: ``id`` is ours, ``reference`` the provider's number.

    At least one of them is set; ``reference`` equals the ``code`` of the outcome ``sent``.
    """

    id: str
    reference: str
    status: Literal["delivered", "failed"]
    reason: str


class Adapter(ABC):
    """One provider. ``conversational``: takes texts of residents and sends free text; otherwise template only.

    ``idempotent``: the provider drops a second message with the same ``id``.
    """

    name: ClassVar[str]
    conversational: ClassVar[bool]
    idempotent: ClassVar[bool] = False
    ack_body: bytes
    ack_type: str = "application/json; charset=utf-8"

    @abstractmethod
    def receive(self, request: Request) -> Batch:
        """Authenticate and parse a callback with messages. Raises :class:`Refused`; nothing else."""

    @abstractmethod
    def receive_report(self, request: Request) -> list[Receipt]:
        """Authenticate and parse a callback with receipts; unreadable ones are logged and left out.

        Raises :class:`Refused`. Answer with :attr:`ack_body` and :attr:`ack_type`.
        """

    @abstractmethod
    def send(self, message: OutgoingSms) -> SendOutcome:
        """Hand one message to the provider, within the timeouts. Never raises for what the network does."""

    def batch(self, items: list[Inbound | BadItem]) -> Batch:
        """``items`` with this provider's acknowledgement."""
        return Batch(items, self.ack_body, self.ack_type)
