"""Evidence as it is shown."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from console import words
from conversations.models import Evidence, EvidenceState

# What a browser may show inside our pages. Everything else is only offered as a download.
INLINE = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/amr", "audio/ogg", "audio/wav"}
    | {"audio/x-wav", "audio/aac", "audio/mp4", "audio/m4a", "video/mp4", "video/webm"}
)


@dataclass(frozen=True, slots=True)
class Media:
    """A file or place. ``kind``: image, voice, video, file, location, or empty with only ``note``."""

    id: uuid.UUID
    kind: str
    note: str = ""
    place: str = ""


def media_of(evidence: Evidence, detail: Mapping[str, object]) -> Media:
    """What to show for an evidence row; ``detail`` is its message's."""
    if evidence.state == EvidenceState.GIVEN:
        numbers = [str(detail[key]) for key in ("latitude", "longitude") if detail.get(key)]
        return Media(evidence.id, "location", place=str(detail.get("label", "")), note=", ".join(numbers))
    if evidence.state != EvidenceState.STORED:
        return Media(evidence.id, "", words.EVIDENCE.get(evidence.state, ""))
    return Media(evidence.id, evidence.kind if evidence.content_type in INLINE else "file")
