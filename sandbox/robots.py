"""Two groups of staff, one on WeCom and one on DingTalk, and what their robots posted there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from storage.settings import Settings

MOST = 500
PER_MINUTE = 20
MINUTE = timedelta(minutes=1)
FRESH = 3600  # seconds a signed moment may differ from now


@dataclass(frozen=True, slots=True)
class Post:
    """One call. ``text`` appears in the group only with ``errcode`` 0 or ``arrived``."""

    at: datetime
    text: str
    loud: bool
    errcode: int
    arrived: bool


class Robots:
    """Checks as the real ones do, and remembers; safe for threads."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._posts: dict[str, deque[Post]] = {name: deque(maxlen=MOST) for name in ("wecom", "dingtalk")}

    def check(self, name: str, query: Mapping[str, str], body: object) -> int:
        """The ``errcode`` the real robot would answer."""
        if name == "wecom" and query.get("key") != self._expected("wecom_robot_url", "key"):
            return 93000
        if name == "dingtalk":
            if query.get("access_token") != self._expected("dingtalk_robot_url", "access_token"):
                return 300001
            if not self._signed(query):
                return 310000
        if not isinstance(body, dict) or body.get("msgtype") != "text" or not text_of(body):
            return 40008 if name == "wecom" else 400105
        with self._lock:
            recent = sum(1 for post in self._posts[name] if post.arrived and post.at > self._clock() - MINUTE)
        if recent >= PER_MINUTE:
            return 45009 if name == "wecom" else 130101
        return 0

    def record(self, name: str, body: object, errcode: int, *, arrived: bool) -> None:
        """Remember a call."""
        if not isinstance(body, dict):
            body = {}
        loud = body.get("at", {}).get("isAtAll") is True or "@all" in body.get("text", {}).get("mentioned_list", [])
        with self._lock:
            self._posts[name].append(Post(self._clock(), text_of(body), loud, errcode, arrived))

    def view(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that was posted, oldest first."""
        with self._lock:
            return {
                name: [{**asdict(post), "at": post.at.isoformat(timespec="milliseconds")} for post in posts]
                for name, posts in self._posts.items()
            }

    def clear(self) -> None:
        """Forget it."""
        with self._lock:
            for posts in self._posts.values():
                posts.clear()

    def _expected(self, setting: str, name: str) -> str:
        return parse_qs(urlsplit(str(getattr(self._settings, setting))).query).get(name, [""])[0]

    def _signed(self, query: Mapping[str, str]) -> bool:
        secret, timestamp = self._settings.dingtalk_robot_secret, query.get("timestamp", "")
        if not timestamp.isdecimal() or abs(self._clock().timestamp() - int(timestamp) / 1000) > FRESH:
            return False
        text = (timestamp + "\n" + secret).encode()
        expected = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())
        return hmac.compare_digest(expected, query.get("sign", "").encode())


def text_of(body: Mapping[str, Any]) -> str:
    """The text of a text message; empty where there is none."""
    text = body.get("text")
    content = text.get("content") if isinstance(text, dict) else ""
    return content if isinstance(content, str) else ""
