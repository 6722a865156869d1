"""Pictures, voice and video that residents sent, kept three days as WeChat keeps them."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import filetype

KEPT = timedelta(days=3)
MAX_TOTAL = 128 * 1024 * 1024
MAX_FILE = 32 * 1024 * 1024  # above the hotline's own limit, so that this limit can be tried


@dataclass(frozen=True, slots=True)
class Media:
    """One file. ``kind``: image, voice or video."""

    id: str
    kind: str
    content_type: str
    content: bytes
    uploaded_at: datetime

    @property
    def filename(self) -> str:
        """The name WeChat gives the file."""
        return f"{self.id}.{filetype.guess_extension(self.content) or 'bin'}"


class MediaStore:
    """Files in memory; the oldest make room."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._files: OrderedDict[str, Media] = OrderedDict()

    def add(self, content: bytes, claimed_type: str) -> Media:
        """Keep a file; what it is comes from its first bytes, then from what the browser says."""
        content_type = filetype.guess_mime(content) or claimed_type.split(";")[0].strip()
        family = content_type.partition("/")[0]
        kind = {"audio": "voice", "video": "video"}.get(family, "image")
        media = Media(secrets.token_urlsafe(48), kind, content_type, content, self._clock())
        with self._lock:
            self._files[media.id] = media
            while sum(len(file.content) for file in self._files.values()) > MAX_TOTAL:
                self._files.popitem(last=False)
        return media

    def get(self, media_id: str) -> Media | None:
        """The file, unless unknown or older than three days."""
        with self._lock:
            media = self._files.get(media_id)
        if media is None or self._clock() - media.uploaded_at >= KEPT:
            return None
        return media

    def clear(self) -> None:
        """Forget every file."""
        with self._lock:
            self._files.clear()
