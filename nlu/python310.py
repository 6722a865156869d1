"""Finds Python 3.10, the only one Rasa 3.6.21 is run with here. Needs nothing but the standard library.

``python -m nlu.python310`` prints its path, or says on stderr what to do and exits with 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SETTING = "HOTLINE_NLU_PYTHON"
_NAMES = ("python3.10", "python3.10.exe")
_PROBE = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info[:2] == (3, 10) else 3)"


class NoPython310(Exception):
    """No Python 3.10 was found; the text says how to get one."""


def works(python: str | Path) -> bool:
    """Whether this command really is Python 3.10 and can make environments (a pyenv shim may be dead)."""
    try:
        done = subprocess.run(  # noqa: S603 - a path found on this machine
            [str(python), "-c", _PROBE], capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where a Python 3.10 may be, without asking the network."""
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        yield from (Path(folder) / name for name in _NAMES)
    home = Path(environ.get("HOME") or Path.home())
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    yield from sorted(pyenv.glob("versions/3.10*/bin/python3.10"), reverse=True)
    for fixed in ("/usr/local/bin/python3.10", "/usr/bin/python3.10", "/opt/homebrew/bin/python3.10"):
        yield Path(fixed)


def find(environ: Mapping[str, str] | None = None) -> Path:
    """The path of a working Python 3.10: the setting, PATH, pyenv, else what uv has or installs.

    Raises :class:`NoPython310`. A setting that names something else is an error, never passed over.
    """
    environ = os.environ if environ is None else environ
    given = environ.get(SETTING, "").strip()
    if given:
        if not works(given):
            raise NoPython310(f"{SETTING}={given} is not a working Python 3.10")
        return Path(given)
    for candidate in candidates(environ):
        if candidate.is_file() and works(candidate):
            return candidate
    found = _by_uv(environ)
    if found is None:
        raise NoPython310(
            "Rasa needs Python 3.10 and none was found. Install it (for example `uv python install 3.10`, "
            f"`pyenv install 3.10`, or your system's python3.10 with venv) or set {SETTING} to its path."
        )
    return found


def _by_uv(environ: Mapping[str, str]) -> Path | None:
    beside = Path(sys.executable).with_name("uv")
    uv = shutil.which("uv", path=environ.get("PATH")) or (str(beside) if beside.is_file() else None)
    if uv is None:
        return None
    for arguments in (["python", "find", "3.10"], ["python", "install", "3.10"], ["python", "find", "3.10"]):
        print(f"Looking for Python 3.10: uv {' '.join(arguments)}", file=sys.stderr)
        done = subprocess.run(  # noqa: S603 - uv, found on this machine
            [uv, *arguments], capture_output=True, text=True, timeout=600, check=False, env=dict(environ)
        )
        path = done.stdout.strip()
        if arguments[1] == "find" and done.returncode == 0 and works(path):
            return Path(path)
    return None


def main() -> int:
    """Print the path."""
    try:
        print(find())
    except NoPython310 as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
