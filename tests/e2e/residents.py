"""Residents: each has a phone of their own in the sandbox, so that tests do not meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from tests.e2e.stack import GENEROUS, until

WAIT_FOR_ANSWER = 60.0  # seconds; the sandbox may wait for three deliveries


class Sandbox:
    """The sandbox's own interface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()

    def post(self, path: str, **body: Any) -> Any:
        """POST JSON, get JSON."""
        answer = self.http.post(self.url + path, json=body, timeout=WAIT_FOR_ANSWER)
        assert answer.ok, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """GET JSON."""
        answer = self.http.get(self.url + path, timeout=WAIT_FOR_ANSWER)
        assert answer.ok, answer.text
        return answer.json()

    def find(self, path: str) -> Any:
        """GET JSON, None where there is nothing."""
        answer = self.http.get(self.url + path, timeout=WAIT_FOR_ANSWER)
        return answer.json() if answer.ok else None

    def misbehave(self, **sections: dict[str, Any]) -> None:
        """Put faults in force."""
        self.post("/api/misbehave", **sections)

    def behave(self) -> None:
        """No more faults."""
        assert self.http.delete(self.url + "/api/misbehave", timeout=WAIT_FOR_ANSWER).ok

    def faults(self) -> dict[str, Any]:
        """What is in force."""
        found: dict[str, Any] = self.get("/api/misbehave")
        return found

    def upload(self, content: bytes, name: str, content_type: str) -> str:
        """A file for a message; its media id."""
        files = {"file": (name, content, content_type)}
        answer = self.http.post(self.url + "/api/media", files=files, timeout=WAIT_FOR_ANSWER)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["media_id"])

    def wechat(self) -> Wechat:
        """A new resident on WeChat."""
        return Wechat(self, self.post("/api/residents", channel="wechat")["id"])

    def sms(self) -> Sms:
        """A new resident with a plain phone."""
        return Sms(self, self.post("/api/residents", channel="sms")["id"])


class Phone:
    """What both kinds of phone can do."""

    channel = ""

    def __init__(self, sandbox: Sandbox, sender: str) -> None:
        self.sandbox = sandbox
        self.sender = sender

    def heard(self) -> list[str]:
        """Everything the hotline said, in the order it arrived."""
        raise NotImplementedError

    def wait(self, fits: Callable[[str], bool] | str, seconds: float = GENEROUS) -> str:
        """The first thing heard that fits (or contains the words), waited for."""
        wanted = fits if callable(fits) else lambda text: fits in text

        def found() -> str:
            return next((text for text in self.heard() if wanted(text)), "")

        try:
            return until(found, f"an answer with {fits!r}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; heard: {self.heard()}") from None

    def wait_for(self, count: int, seconds: float = GENEROUS) -> list[str]:
        """Everything heard, once it is at least ``count`` messages."""
        until(lambda: len(self.heard()) >= count, f"{count} messages to {self.sender}", seconds)
        return self.heard()


class Wechat(Phone):
    """A resident on WeChat."""

    channel = "wechat"

    def send(self, **message: Any) -> dict[str, Any]:
        """Send anything; the whole exchange as WeChat saw it."""
        exchange: dict[str, Any] = self.sandbox.post(f"/api/wechat/{self.sender}/send", **message)
        return exchange

    def says(self, text: str) -> str:
        """Write something; the passive reply, empty for silence. No outage banner may show."""
        return self._reply(self.send(text=text))

    def clicks(self, key: str) -> str:
        """Press a button of the menu."""
        return self._reply(self.send(kind="event", event="CLICK", event_key=key))

    def follows(self) -> str:
        """Follow the account."""
        return self._reply(self.send(kind="event", event="subscribe"))

    def shows(self, content: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg") -> str:
        """Send a picture."""
        media_id = self.sandbox.upload(content, name, content_type)
        return self._reply(self.send(kind="image", media_id=media_id))

    def bubbles(self, via: str = "") -> list[dict[str, Any]]:
        """The chat; ``via``: resident, passive, custom, outage or refused."""
        messages = self.sandbox.get(f"/api/wechat/{self.sender}")["messages"]
        return [message for message in messages if via in ("", message["via"])]

    def heard(self) -> list[str]:
        return [bubble["text"] for bubble in self.bubbles() if bubble["via"] in ("passive", "custom")]

    @staticmethod
    def _reply(exchange: dict[str, Any]) -> str:
        assert not exchange["outage"], exchange
        return exchange["reply"] or ""


class Sms(Phone):
    """A resident with a plain phone."""

    channel = "sms"

    def send(self, text: str, **more: Any) -> dict[str, Any]:
        """Send a text, without waiting for an answer."""
        sent: dict[str, Any] = self.sandbox.post(f"/api/sms/{self.sender}/send", text=text, **more)
        return sent

    def says(self, text: str, replies: int = 1) -> str:
        """Send a text and wait for so many answers; the last of them."""
        before = len(self.heard())
        assert all(item["accepted"] for item in self.send(text)["texts"])
        return self.wait_for(before + replies)[-1]

    def texts(self, direction: str = "") -> list[dict[str, Any]]:
        """The phone; ``direction``: mo (from here) or mt (to here)."""
        phone = self.sandbox.find(f"/api/sms/{self.sender}")  # a number the sandbox did not make up begins empty
        messages = phone["messages"] if phone else []
        return [message for message in messages if direction in ("", message["direction"])]

    def heard(self) -> list[str]:
        return [text["text"] for text in self.texts("mt")]
