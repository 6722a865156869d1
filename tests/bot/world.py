"""The sandbox as the outside world, and the parts of the bot that talk to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import select

from bot.delivery import Courier
from conversations import contacts, messages
from conversations.inbound import Channel, Reply
from conversations.models import Message
from storage.engine import Database
from tests.handlers.conftest import Clock


@dataclass
class World:
    """The outside world and the parts that talk to it."""

    url: str
    courier: Courier
    database: Database
    clock: Clock

    def post(self, path: str, body: dict[str, Any]) -> None:
        requests.post(self.url + path, json=body, timeout=10).raise_for_status()

    def chat(self, open_id: str) -> list[str]:
        answer = requests.get(f"{self.url}/api/wechat/{open_id}", timeout=10).json()
        return [message["text"] for message in answer["messages"] if message["via"] == "custom"]

    def phone(self, number: str) -> list[str]:
        answer = requests.get(f"{self.url}/api/sms/{number}", timeout=10).json()
        return [message["text"] for message in answer["messages"] if message["direction"] == "mt"]

    def say(self, sender: str, *texts: str, channel: Channel = Channel.WECHAT, urgent: bool = False) -> uuid.UUID:
        """Queue texts of the bot's for a resident who has just written."""
        with self.database.transaction() as session:
            contact = contacts.lock_contact(session, channel, sender, self.clock())
            contact.reply_left = 5
            contact.reply_until = self.clock() + timedelta(hours=48)
            conversation = contacts.open_conversation(session, contact, self.clock())
            messages.say(session, conversation, [Reply(text, urgent=urgent) for text in texts], self.clock())
            return contact.id

    def states(self) -> list[str]:
        with self.database.transaction() as session:
            return list(session.scalars(select(Message.delivery).order_by(Message.position)))
