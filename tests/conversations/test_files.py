from __future__ import annotations

import base64
import uuid
from pathlib import Path

import pytest

from conversations import files
from storage.sealing import Sealer, SealingError, install


@pytest.fixture(autouse=True)
def _sealed() -> None:
    install(Sealer(base64.b64encode(b"k" * 32).decode()))


def test_a_file_is_kept_encrypted_and_for_its_owner_only(tmp_path: Path) -> None:
    evidence_id = uuid.uuid4()
    files.store(tmp_path, evidence_id, b"picture")
    files.store(tmp_path, evidence_id, b"picture again")
    kept = list((tmp_path / "media").iterdir())
    assert [path.name for path in kept] == [f"{evidence_id}.bin"]
    assert b"picture" not in kept[0].read_bytes()
    assert kept[0].stat().st_mode & 0o077 == 0
    assert files.read(tmp_path, evidence_id) == b"picture again"


def test_a_file_does_not_open_under_another_name(tmp_path: Path) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    files.store(tmp_path, one, b"picture")
    (tmp_path / "media" / f"{one}.bin").rename(tmp_path / "media" / f"{other}.bin")
    with pytest.raises(SealingError):
        files.read(tmp_path, other)
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path, one)


def test_what_could_not_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence_id = uuid.uuid4()
    files.store(tmp_path, evidence_id, b"picture")

    def full(_: int) -> None:
        raise OSError(28, "disk full")

    monkeypatch.setattr(files.os, "fsync", full)  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="full"):
        files.store(tmp_path, evidence_id, b"new")
    assert files.read(tmp_path, evidence_id) == b"picture"
    assert len(list((tmp_path / "media").iterdir())) == 1
