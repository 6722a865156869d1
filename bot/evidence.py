"""Fetching what residents sent as pictures, voice and video, within the three days WeChat keeps it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bot import metrics
from bot.channels.wechat.media import Media, MediaDownloader, MediaGone, MediaRefused
from conversations import files
from conversations.inbound import Kind
from conversations.models import Evidence, EvidenceState
from storage import live
from storage.engine import Database

log = logging.getLogger(__name__)


class MediaKeeper:
    """Downloads, checks, encrypts and records one file."""

    def __init__(
        self, database: Database, downloader: MediaDownloader, data_dir: Path, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._downloader = downloader
        self._data_dir = data_dir
        self._clock = clock

    def fetch(self, evidence_id: uuid.UUID) -> None:
        """Fetch one file, once. Raises ``MediaRetry`` when another try may help."""
        with self._database.transaction() as session:
            evidence = session.get(Evidence, evidence_id)
            if evidence is None or evidence.state != EvidenceState.PENDING:
                return
            media_id, kind = evidence.media_id, Kind(evidence.kind)
        try:
            media = self._downloader.download(media_id, kind, self._clock())
        except MediaGone:
            self._record(evidence_id, EvidenceState.GONE, reason="expired")
        except MediaRefused as refusal:
            self._record(evidence_id, EvidenceState.REFUSED, reason=refusal.reason)
        else:
            files.store(self._data_dir, evidence_id, media.content)
            self._record(evidence_id, EvidenceState.STORED, media=media)

    def _record(
        self, evidence_id: uuid.UUID, state: EvidenceState, *, reason: str = "", media: Media | None = None
    ) -> None:
        if state is not EvidenceState.STORED:
            metrics.faults.labels("media").inc()
            log.warning("media not kept", extra={"evidence": str(evidence_id), "reason": reason})
        with self._database.transaction() as session:
            evidence = session.scalars(select(Evidence).where(Evidence.id == evidence_id).with_for_update()).one()
            evidence.state = state.value
            evidence.reason = reason[:255]
            if media is not None:
                evidence.sha256 = media.sha256
                evidence.size = len(media.content)
                evidence.content_type = media.content_type
                evidence.stored_at = self._clock()
            live.touch(session, "conversation", evidence.conversation_id, "message")
