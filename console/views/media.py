"""Evidence files, decrypted for who may see them."""

from __future__ import annotations

import uuid
from io import BytesIO

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from console.audit import viewed
from console.pages.media import INLINE
from console.policy import may
from console.services import services
from console.session import me
from console.web import found, now, transaction
from conversations import files
from conversations.models import Evidence, EvidenceState

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<uuid:evidence_id>")
@may("agent", "officer")
def show(evidence_id: uuid.UUID) -> ResponseReturnValue:
    """One file. Only kinds a browser cannot be tricked with are shown in place."""
    with transaction() as session:
        evidence = session.get(Evidence, evidence_id)
        stored = found(evidence if evidence is not None and evidence.state == EvidenceState.STORED else None)
        viewed(session, me(), "media", evidence_id, now())
    inline = stored.content_type in INLINE
    answer = send_file(
        BytesIO(_content(evidence_id)),
        mimetype=stored.content_type if inline else "application/octet-stream",
        as_attachment=not inline,
        download_name=str(evidence_id),
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return answer


def _content(evidence_id: uuid.UUID) -> bytes:
    try:
        content: bytes | None = files.read(services().settings.data_dir, evidence_id)
    except FileNotFoundError:
        content = None
    return found(content)
