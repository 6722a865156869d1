"""Evidence files: encrypted under the data folder, written whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from storage.sealing import installed

FOLDER = "media"


def _path(data_dir: Path, evidence_id: uuid.UUID) -> Path:
    return data_dir / FOLDER / f"{evidence_id}.bin"


def _context(evidence_id: uuid.UUID) -> str:
    return f"evidence.file:{evidence_id}"


def store(data_dir: Path, evidence_id: uuid.UUID, content: bytes) -> None:
    """Keep the file of an evidence row; a second time replaces it. Raises ``OSError`` (a full disk)."""
    path = _path(data_dir, evidence_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A name of its own: two workers on one file must not write into each other's partial.
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(installed().seal(content, _context(evidence_id)))
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The new name is on disk, too, before the row says so."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(data_dir: Path, evidence_id: uuid.UUID) -> bytes:
    """The file's content. Raises ``FileNotFoundError``, or ``SealingError`` where it was altered."""
    return installed().open(_path(data_dir, evidence_id).read_bytes(), _context(evidence_id))
