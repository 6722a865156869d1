"""The evidence of a card in one .zip: files, what was said, and SHA-256 sums (``sha256sum -c SHA256SUMS``)."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import files
from conversations.models import Evidence, Message
from stops.models import StopCard
from stops.papers.facts import moment
from stops.words import Bundle
from storage.clock import CHINA
from storage.sealing import SealingError

IN_MEMORY = 8 * 1024 * 1024  # bytes; a larger bundle goes to a file that has no name
BEFORE = timedelta(days=1)  # what was said and sent earlier belongs to something else
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/bmp": "bmp",
    "audio/amr": "amr", "audio/speex": "spx", "audio/mpeg": "mp3", "video/mp4": "mp4",
}  # fmt: skip


def conversations_of(session: Session, card: StopCard) -> list[uuid.UUID]:
    """Where a card was told of, the cards merged into it included."""
    merged = session.scalars(select(StopCard.conversation_id).where(StopCard.merged_into == card.id))
    return list(dict.fromkeys([card.conversation_id, *merged]))


def evidence_of(session: Session, card: StopCard) -> list[Evidence]:
    """Every piece of evidence of a card, oldest first."""
    return list(
        session.scalars(
            select(Evidence)
            .where(
                Evidence.conversation_id.in_(conversations_of(session, card)),
                Evidence.created_at >= card.reported_at - BEFORE,
            )
            .order_by(Evidence.created_at, Evidence.id)
        )
    )


def messages_of(session: Session, card: StopCard) -> list[Message]:
    """Everything that was said about a card, in order."""
    return list(
        session.scalars(
            select(Message)
            .where(
                Message.conversation_id.in_(conversations_of(session, card)),
                Message.created_at >= card.reported_at - BEFORE,
            )
            .order_by(Message.position)
        )
    )


def bundle(
    card: StopCard,
    evidence: Sequence[Evidence],
    said: Sequence[Message],
    data_dir: Path,
    now: datetime,
    hide: Callable[[str], str] = str,
) -> IO[bytes]:
    """The .zip, to be read from its beginning. Files that cannot be read are listed as such; outside a transaction.

    ``hide`` masks in the talk what nobody may read.
    """
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 whoever reads it closes it
    marked = [Bundle.drill] if card.drill else []
    lines = [*marked, Bundle.head.format(number=card.number, time=moment(now))]
    sums: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for place, item in enumerate(evidence, start=1):
            name = f"{place:03d}-{Bundle.kinds.get(item.kind, item.kind)}.{ENDINGS.get(item.content_type, 'bin')}"
            try:
                content = files.read(data_dir, item.id)
            except (OSError, SealingError):
                reason = item.reason or item.state
                lines.append(Bundle.lost.format(name=name, reason=reason, time=moment(item.created_at)))
                continue
            sha256 = _put(packed, name, content, item.created_at, sums)
            line = Bundle.line.format(name=name, sha256=sha256, size=len(content), time=moment(item.created_at))
            lines.append(line if sha256 == item.sha256 else line + Bundle.altered)
        talk = "\n".join([*marked, *(hide(_line(message)) for message in said)]).encode()
        sha256 = _put(packed, Bundle.talk, talk, now, sums)
        lines.append(Bundle.line.format(name=Bundle.talk, sha256=sha256, size=len(talk), time=moment(now)))
        _put(packed, Bundle.list, "\n".join(lines).encode(), now, sums)
        _put(packed, Bundle.sums, "".join(sums).encode(), now, [])
    out.seek(0)
    return out


def _put(packed: zipfile.ZipFile, name: str, content: bytes, at: datetime, sums: list[str]) -> str:
    entry = zipfile.ZipInfo(name, at.astimezone(CHINA).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, content)
    sha256 = hashlib.sha256(content).hexdigest()
    sums.append(f"{sha256}  {name}\n")
    return sha256


def _line(message: Message) -> str:
    who = {"": Bundle.resident, "staff": Bundle.staff}.get(message.author, Bundle.bot)
    text = message.text or f"[{Bundle.kinds.get(message.kind, message.kind)}]"
    return f"{moment(message.created_at)} {who}：{text}"
