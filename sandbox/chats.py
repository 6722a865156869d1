"""The WeChat side's memory: who follows, what was said, how each message was delivered, what may still be sent."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sandbox.budget import Budget

MAX_CHATS = 5000
MAX_MESSAGES = 400


@dataclass(slots=True)
class Attempt:
    """One delivery: ``outcome`` is running, replied, silent, invalid, refused, unreachable or cut."""

    number: int
    outcome: str = "running"
    status: int = 0
    seconds: float = 0.0
    reply: str | None = None
    reason: str = ""


@dataclass(slots=True)
class Exchange:
    """All deliveries of one resident message and what came of them."""

    deliveries: list[Attempt] = field(default_factory=list)
    finished: bool = False
    reply: str | None = None
    outage: bool = False


@dataclass(slots=True)
class ChatMessage:
    """One bubble. ``via``: resident, passive, custom, outage, or refused (``text`` is then the error code)."""

    id: int
    at: datetime
    via: str
    kind: str
    text: str = ""
    media_id: str = ""
    details: dict[str, str] = field(default_factory=dict)
    exchange: Exchange | None = None


@dataclass(slots=True)
class Chat:
    """One resident's chat with the account. ``revision`` grows with every change."""

    openid: str
    name: str
    following: bool | None = None  # None: never followed, never left
    known: bool = False  # has written or clicked: only then does WeChat know the OpenID
    revision: int = 0
    budget: Budget = field(default_factory=Budget)
    messages: deque[ChatMessage] = field(default_factory=lambda: deque(maxlen=MAX_MESSAGES))


class Chats:
    """All chats; safe for threads; the longest silent chat makes room for a new one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._chats: OrderedDict[str, Chat] = OrderedDict()
        self._ids = 0
        self._revisions = 0

    def ensure(self, openid: str, name: str = "") -> None:
        """Make the chat if it is not there."""
        with self._lock:
            self._chat(openid, name)

    def record(self, openid: str, message: ChatMessage) -> int:
        """Append a bubble; fills in its id and time and returns the id."""
        with self._lock:
            chat = self._chat(openid)
            self._ids += 1
            message.id, message.at = self._ids, self._clock()
            chat.messages.append(message)
            self._touch(chat)
            return message.id

    def resident_acts(self, openid: str, event: str | None) -> None:
        """Open the reply budget that a message (``event`` None) or an event brings, and keep the following state."""
        with self._lock:
            chat = self._chat(openid)
            chat.known = True
            if event == "subscribe":
                chat.following = True
            if event == "unsubscribe":
                chat.following = False
            chat.budget.resident_acts(event, self._clock())
            self._touch(chat)

    def spend(self, openid: str) -> int:
        """Take one customer-service message from the budget; 0, or the error code that WeChat answers."""
        with self._lock:
            chat = self._chats.get(openid)
            if chat is None or not chat.known:
                return 40003
            if chat.following is False:
                return 43004
            return chat.budget.spend(self._clock())

    def gone(self, openid: str) -> bool:
        """Whether this resident has unfollowed."""
        with self._lock:
            chat = self._chats.get(openid)
            return chat is not None and chat.following is False

    def changed(self, openid: str) -> None:
        """Say that something inside the chat (an exchange) has changed."""
        with self._lock:
            if chat := self._chats.get(openid):
                self._touch(chat)

    def view(self, openid: str) -> dict[str, Any] | None:
        """The chat as JSON, oldest message first; None when there is none."""
        with self._lock:
            chat = self._chats.get(openid)
            return None if chat is None else self._view(chat)

    def revision(self, openid: str) -> int:
        """The chat's revision; 0 when there is no chat."""
        with self._lock:
            chat = self._chats.get(openid)
            return 0 if chat is None else chat.revision

    def listing(self) -> list[dict[str, Any]]:
        """Every chat in short, in the order they began."""
        with self._lock:
            return [
                {"openid": chat.openid, "name": chat.name, "messages": len(chat.messages)}
                for chat in self._chats.values()
            ]

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._chats.clear()

    def _chat(self, openid: str, name: str = "") -> Chat:
        chat = self._chats.get(openid)
        if chat is None:
            while len(self._chats) >= MAX_CHATS:
                del self._chats[min(self._chats.values(), key=lambda old: old.revision).openid]
            chat = self._chats[openid] = Chat(openid, name or openid)
            self._touch(chat)
        return chat

    def _touch(self, chat: Chat) -> None:
        self._revisions += 1
        chat.revision = self._revisions

    def _view(self, chat: Chat) -> dict[str, Any]:
        return {
            "openid": chat.openid,
            "name": chat.name,
            "following": chat.following,
            "revision": chat.revision,
            "budget": chat.budget.view(self._clock()),
            "messages": [
                {**asdict(message), "at": message.at.isoformat(timespec="milliseconds")} for message in chat.messages
            ],
        }
