"""Sets up what is asked for and missing: ``app``, ``nlu``, ``dev``, ``browser``.

Runs on any Python >= 3.11 with nothing but the standard library, in an emptied environment. Each environment
remembers what was installed into it (a stamp), so a second run only compares and is done at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / ".venv"
NLU = ROOT / "nlu" / ".venv"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHINESE_FONTS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/truetype/noto-cjk")


class SetupError(Exception):
    """A step failed; the text says what to do."""


def say(line: str) -> None:
    """One line of progress."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def call(command: list[str], output: IO[str] | int = subprocess.PIPE) -> tuple[int, str]:
    """Run a command in the project's folder; returns exit code and, unless redirected, what it printed."""
    ran = subprocess.run(  # noqa: S603 - every command is written in this file
        command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT, text=True, check=False
    )
    return ran.returncode, (ran.stdout or "").strip()


def step(what: str, command: list[str], log: Path, progress: Callable[[str], str] = lambda text: "") -> None:
    """Run a long command quietly, with a sign of life every ten seconds and its log on failure."""
    begun = time.monotonic()
    say(f"{what} …")
    done = threading.Event()

    def sign_of_life() -> None:
        while not done.wait(10):
            say(f"{what} … {time.monotonic() - begun:.0f} s{progress(log.read_text(errors='replace'))}")

    with log.open("w") as output:
        reporter = threading.Thread(target=sign_of_life)
        reporter.start()
        try:
            code, _ = call(command, output)
        finally:
            done.set()
            reporter.join()
    if code:
        tail = "\n".join(log.read_text(errors="replace").strip().splitlines()[-15:])
        raise SetupError(f"{what}: failed. The end of {log.relative_to(ROOT)}:\n{tail}")
    say(f"{what}: done in {time.monotonic() - begun:.0f} s")


def pip_progress(log: str) -> str:
    """How far pip is, from its own output."""
    if "Installing collected packages" in log:
        return ", unpacking"
    return f", {log.count('Collecting ')} packages fetched"


def works(python: Path) -> bool:
    """Whether an environment's interpreter runs (it may have been removed under it)."""
    try:
        return call([str(python), "-c", ""])[0] == 0
    except OSError:
        return False


def privileged(command: list[str]) -> list[str] | None:
    """The command as root, or None where that needs a password."""
    if os.geteuid() == 0:
        return command
    sudo = shutil.which("sudo")
    if sudo and call([sudo, "-n", "true"])[0] == 0:
        return [sudo, "-n", *command]
    return None


def system_packages(what: str, packages: list[str]) -> None:
    """Install Debian packages, or say which command does it."""
    wanted = " ".join(packages)
    install = privileged(["sh", "-c", f"apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y {wanted}"])
    if not shutil.which("apt-get") or install is None:
        raise SetupError(f"{what} is missing. On Debian and Ubuntu: sudo apt-get install {wanted}")
    log = ROOT / ".setup.log"
    step(f"installing {what}", install, log)
    log.unlink()


def create_app_environment() -> None:
    """``.venv`` with pip in it, from the Python that runs this script."""
    if works(APP / "bin" / "python") and (APP / "bin" / "pip").exists():
        return
    shutil.rmtree(APP, ignore_errors=True)
    uv = shutil.which("uv")
    if call([sys.executable, "-c", "import ensurepip, venv"])[0]:
        if uv:
            run_quietly([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(APP)])
            return
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        system_packages("Python's venv module", [f"python{version}-venv"])
    say(f"creating .venv with Python {sys.version.split()[0]}")
    run_quietly([sys.executable, "-m", "venv", str(APP)])


def run_quietly(command: list[str]) -> str:
    """The command's output; its own words as :class:`SetupError` when it fails."""
    code, printed = call(command)
    if code:
        raise SetupError(f"{' '.join(command)}: failed\n{printed}")
    return printed


def install(what: str, environment: Path, requirements: list[Path]) -> None:
    """Pinned and hashed requirements into an environment, unless they are there already."""
    python = environment / "bin" / "python"
    digest = hashlib.sha256(str((python).resolve()).encode())
    for path in requirements:
        digest.update(path.read_bytes())
    name = requirements[-1].stem
    stamp = environment / f".installed-{name}"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    pip = [str(APP / "bin" / "python"), "-m", "pip", "--python", str(python), "install", "--no-input"]
    pip += ["--disable-pip-version-check", "--root-user-action=ignore", "--progress-bar=off", "--require-hashes"]
    sources = [part for path in requirements for part in ("-r", str(path.relative_to(ROOT)))]
    step(f"installing {what}", pip + sources, environment / f"install-{name}.log", pip_progress)
    stamp.write_text(digest.hexdigest())


def set_up_app() -> None:
    """The program itself."""
    install("the program's packages", APP, [ROOT / "requirements.txt"])


def set_up_dev() -> None:
    """Tests, linters, type checker."""
    install("the test tools", APP, [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"])


def find_python310() -> str:
    """Path of a Python 3.10; where there is none, uv is installed, which fetches one."""
    finder = [str(APP / "bin" / "python"), "-m", "nlu.python310"]
    log = APP / "python310.log"
    try:
        step("looking for Python 3.10 for the intent model", finder, log)
    except SetupError:
        if shutil.which("uv") or (APP / "bin" / "uv").exists():
            raise
        only_uv = APP / "uv.txt"
        only_uv.write_text(pinned("uv", (ROOT / "requirements-dev.txt").read_text()))
        install("uv, which fetches Python 3.10", APP, [only_uv])
        step("fetching Python 3.10", finder, log)
    return log.read_text().strip().splitlines()[-1]


def pinned(package: str, requirements: str) -> str:
    """One package's pin and hashes out of a requirements file."""
    lines = requirements.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next((number for number in range(begin + 1, len(lines)) if not lines[number].startswith(" ")), len(lines))
    return "\n".join(line for line in lines[begin:end] if not line.strip().startswith("#")) + "\n"


def set_up_nlu() -> None:
    """Rasa's own environment on Python 3.10."""
    if not works(NLU / "bin" / "python"):
        shutil.rmtree(NLU, ignore_errors=True)
        run_quietly([find_python310(), "-m", "venv", "--without-pip", str(NLU)])
    install("the intent model's packages (Rasa, TensorFlow)", NLU, [ROOT / "nlu" / "requirements.txt"])


def set_up_browser() -> None:
    """A browser and Chinese fonts, for the end-to-end tests."""
    packages = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    if not any(Path(folder).exists() for folder in CHINESE_FONTS):
        packages.append("fonts-noto-cjk")
    if packages:
        system_packages("the browser for the end-to-end tests", packages)


STEPS = {"app": set_up_app, "dev": set_up_dev, "nlu": set_up_nlu, "browser": set_up_browser}


def main(names: list[str]) -> int:
    """Set up the named parts; the two environments at the same time."""
    os.environ.pop("PYTHONPATH", None)
    try:
        create_app_environment()
        with ThreadPoolExecutor(2) as pool:
            app = pool.submit(lambda: [STEPS[name]() for name in names if name != "nlu"])
            nlu = pool.submit(lambda: [STEPS[name]() for name in names if name == "nlu"])
        app.result()
        nlu.result()
    except SetupError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
