"""Pictures, voice and video a resident sent: fetched while WeChat keeps them (3 days), checked before kept as evidence.

An error comes as HTTP 200 with JSON, sometimes under an image's content type; it must never be stored as a file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import filetype

from bot.channels.wechat.errors import ApiError, NoAnswer, Uncertain, fact
from bot.channels.wechat.tokens import TokenProvider
from bot.channels.wechat.transport import Body, TooLarge, Transport, check, json_object
from conversations.inbound import Kind

ALLOWED: dict[Kind, frozenset[str]] = {
    Kind.IMAGE: frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"}),
    Kind.VOICE: frozenset({"audio/amr", "audio/mpeg", "audio/speex"}),
    Kind.VIDEO: frozenset({"video/mp4"}),
}
GONE = frozenset({40004, 40007, 41006})  # the id is not, or no longer, that of a file
VIDEO_HOSTS = (".qq.com",)  # where WeChat says a video lies, beside the API's own host


class MediaGone(Exception):
    """WeChat does not have the file, or no longer."""


class MediaRefused(Exception):
    """The file is there and not acceptable as evidence; ``reason`` is one word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MediaRetry(Exception):
    """Not now: try again within the three days. ``reason`` is one word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Media:
    """A checked file; ``content_type`` is what its bytes say, ``sha256`` hex."""

    content: bytes = field(repr=False)
    content_type: str
    sha256: str


class MediaDownloader:
    """Fetches temporary media; ``max_bytes`` is the largest file kept."""

    def __init__(self, transport: Transport, tokens: TokenProvider, max_bytes: int) -> None:
        self._transport = transport
        self._tokens = tokens
        self._max_bytes = max_bytes

    def download(self, media_id: str, kind: Kind, now: datetime) -> Media:
        """The file of an image, voice or video message.

        Raises :class:`MediaGone`, :class:`MediaRefused` or :class:`MediaRetry`.
        """
        if not media_id:
            raise MediaGone
        try:
            body = self._tokens.use(lambda token: self._fetch(token, media_id), now)
        except ApiError as error:
            if error.code in GONE:
                raise MediaGone from error
            # Everything else, a missing right included, may be put right within the three days.
            raise MediaRetry(fact(error.code).log) from error
        except NoAnswer as error:
            raise MediaRetry(error.reason) from error
        except TooLarge:
            raise MediaRefused("too_large") from None
        return _checked(body, kind)

    def _fetch(self, token: str, media_id: str) -> Body:
        params = {"access_token": token, "media_id": media_id}
        body = self._transport.get("/cgi-bin/media/get", params, self._max_bytes)
        answer = json_object(body.content)
        if answer is None:
            return body
        check(answer)
        if "video_url" not in answer:
            raise Uncertain("no_file")
        # Videos come as an address instead of bytes.
        return self._transport.fetch(self._trusted(str(answer["video_url"])), {}, self._max_bytes)

    def _trusted(self, url: str) -> str:
        try:
            parts = urlsplit(url)
        except ValueError:
            raise MediaRefused("video_address") from None
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"} or not (host == self._transport.host or host.endswith(VIDEO_HOSTS)):
            raise MediaRefused("video_address")
        return url


def _checked(body: Body, kind: Kind) -> Media:
    content_type = sniff(body.content)
    if content_type not in ALLOWED.get(kind, frozenset()):
        # A gateway's error page or an answer cut short is no file at all: the real one may still come.
        if not body.content or body.claimed_type == "text/html" or json_object(body.content) is not None:
            raise MediaRetry("no_file")
        raise MediaRefused("type")
    return Media(body.content, content_type, hashlib.sha256(body.content).hexdigest())


def sniff(content: bytes) -> str:
    """The MIME type the first bytes show, empty when unknown; names and claims of the sender do not count."""
    if content.startswith(b"Speex") or (content.startswith(b"OggS") and content[28:33] == b"Speex"):
        return "audio/speex"  # WeChat's high-quality voice; filetype does not know it
    guessed: str | None = filetype.guess_mime(content)
    if guessed == "image/bmp" and not _is_bitmap(content):
        return ""
    return guessed or ""


def _is_bitmap(content: bytes) -> bool:
    """Whether what starts with "BM" has a bitmap's header too: filetype looks at these two letters only."""
    header = int.from_bytes(content[14:18], "little")
    return len(content) > 26 and content[6:10] == b"\0\0\0\0" and header in {12, 40, 52, 56, 64, 108, 124}
