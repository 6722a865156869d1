"""What the embedded servers have in common."""

from __future__ import annotations

import hashlib
import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.servers.guarded import FolderLock, Launch, LockedError, signal_group

LONGEST_SOCKET = 100  # bytes; the kernel allows 107 with the name inside


class EmbeddedError(Exception):
    """An embedded server cannot run; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """One embedded server, prepared but not started.

    ``url`` is what clients connect to. ``answers`` returns whether it takes connections (and, for
    PostgreSQL, makes sure that the database exists). ``prepare`` runs before every start: it ends a server
    that a killed run left.
    """

    name: str
    url: str
    launch: Launch
    lock: FolderLock
    answers: Callable[[], bool]
    prepare: Callable[[], None]


def end(process: subprocess.Popen[bytes], number: int, grace: float) -> None:
    """Ask a process group to end; after ``grace`` seconds kill it."""
    signal_group(process, number)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        signal_group(process, signal.SIGKILL)
        process.wait()


def last_lines(log: Path, count: int, joint: str) -> str:
    """The end of a log file, for a message."""
    if not log.exists():
        return "no log"
    return joint.join(log.read_text(errors="replace").strip().splitlines()[-count:]) or "the log is empty"


@contextmanager
def preparing(path: Path) -> Iterator[FolderLock]:
    """The lock, taken, and kept unless the preparation fails; :class:`EmbeddedError` while another holds it."""
    lock = FolderLock(path)
    try:
        lock.take()
        yield lock
    except LockedError as error:
        raise EmbeddedError(str(error)) from error
    except BaseException:
        lock.release()
        raise


def plain_environment() -> dict[str, str]:
    """All that a server needs of ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def socket_folder(folder: Path, name: str, user: str | None) -> Path:
    """The folder itself, or a private one with a short path where the socket's path would be too long."""
    if len(os.fsencode(folder / name)) <= LONGEST_SOCKET:
        return folder
    short = Path("/tmp", "hotline-" + hashlib.sha256(os.fsencode(folder)).hexdigest()[:16])  # noqa: S108 - checked below
    owner = pwd.getpwnam(user).pw_uid if user else os.geteuid()
    try:
        short.mkdir(mode=0o700)
        os.chown(short, owner, -1)
    except FileExistsError:
        found = short.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise EmbeddedError(f"{short} belongs to someone else: choose a shorter HOTLINE_DATA_DIR") from None
    return short
