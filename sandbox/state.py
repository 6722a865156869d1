"""Everything the sandbox holds, in memory and bounded, put together once per process."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime

from flask import current_app

from sandbox.chats import Chats
from sandbox.crypto import Envelope
from sandbox.faults import Faults
from sandbox.media import MediaStore
from sandbox.operator import Operator
from sandbox.phones import Phones
from sandbox.robots import Robots
from sandbox.tencent import Tencent
from sandbox.texts import RESIDENT_NAME
from sandbox.tokens import Tokens
from storage.settings import Settings

LINE = "10690000"  # the hotline's number where none is set: made up
FIRST_NUMBER = 17_000_000_000


class World:
    """The two sides that play the outside world, and what they remember."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.now = clock
        self.faults = Faults()
        self.chats = Chats(clock)
        self.phones = Phones(clock)
        self.media = MediaStore(clock)
        self.robots = Robots(settings, clock)
        self.tokens = Tokens(clock)
        self.line = settings.hotline_number or LINE
        envelope = Envelope(settings.wechat_token, settings.wechat_aes_key, settings.wechat_app_id)
        self.tencent = Tencent(settings.intake_port, envelope, self.chats, self.faults, clock)
        self.operator = Operator(settings.intake_port, settings.sms_generic_secret, self.line, self.phones, clock)
        self._lock = threading.Lock()
        self._reset_counts()

    def new_chat(self) -> str:
        """A new resident on WeChat; returns the OpenID (28 characters, as real ones)."""
        with self._lock:
            self._chat_count += 1
            number = self._chat_count
        openid = f"o0000{number:04d}" + secrets.token_hex(10)[:19]
        self.chats.ensure(openid, RESIDENT_NAME.format(number=number))
        return openid

    def new_phone(self) -> str:
        """A new resident with a phone; returns the number, E.164."""
        with self._lock:
            self._phone_count += 1
            number = self._phone_count
        phone = f"+86{FIRST_NUMBER + number}"
        self.phones.ensure(phone, RESIDENT_NAME.format(number=number))
        return phone

    def reset(self) -> None:
        """Forget residents, media and faults. Tokens stay: the hotline still holds one."""
        self.faults.clear()
        self.chats.clear()
        self.phones.clear()
        self.media.clear()
        self.robots.clear()
        with self._lock:
            self._reset_counts()

    def _reset_counts(self) -> None:
        self._chat_count = 0
        self._phone_count = 0


def world() -> World:
    """The world of the running app."""
    found = current_app.extensions["sandbox"]
    assert isinstance(found, World)
    return found
