"""Stand-ins for what the supervisor keeps running, and one run of the real supervisor with them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.run.checks import free_port
from storage.servers.guarded import runs

ROOT = Path(__file__).parents[2]
WEB = """
def app(environ, start_response):
    if environ["PATH_INFO"] == "/exit":
        import os
        os._exit(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]
"""
COMMANDS = """
import os, pathlib, signal, sys, time
import psycopg
word, folder = sys.argv[1], pathlib.Path(os.environ["HOTLINE_DATA_DIR"])
if word == "migrate":
    with psycopg.connect(os.environ["HOTLINE_DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS start (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO start DEFAULT VALUES")
elif word == "staff" and not (folder / "made").exists():
    (folder / "made").touch()
    print("LOGIN admin PASSWORD made-up-word")
elif word == "worker":
    if os.environ.get("STUBBORN"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("WARNING nothing to do yet", flush=True)
    while True:
        time.sleep(1)
"""
TRAIN = """
import os, subprocess, sys, time
from pathlib import Path
def model_path() -> Path:
    return Path("no-such-model" if "SLOW_TRAINING" in os.environ else __file__)
if __name__ == "__main__":
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (Path(os.environ["HOTLINE_DATA_DIR"]) / "grandchild").write_text(str(grandchild.pid))
    grandchild.wait()
"""
SERVE = """
import os, sys
from pathlib import Path
CODE = '''
import http.server, json, os, sys, time
port, model = int(sys.argv[1]), sys.argv[2]
how = open(model).read() if model.endswith(".tar.gz") else ""
name = os.path.basename(model)
if how == "dies":
    sys.exit("the file is broken")
while how == "hangs":
    time.sleep(1)
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.answer({"model_file": "models/" + name})
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        intent = {"name": "unheard_of" if how == "strange" else "greet", "confidence": 0.9}
        self.answer({"intent": intent, "intent_ranking": [intent]})
    def answer(self, what):
        good = self.path.endswith("?token=" + os.environ["TOKEN"])
        body = json.dumps(what).encode()
        self.send_response((409 if how == "empty" else 200) if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer.request_queue_size = 64
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''
def command(port: int, model: Path) -> list[str]:
    return [sys.executable, "-c", CODE, str(port), str(model)]
def environment(token: str) -> dict[str, str]:
    return {**os.environ, "TOKEN": token}
"""


def make_project(folder: Path) -> Path:
    """The supervisor and the storage room as they are, everything else small."""
    shutil.copytree(ROOT / "storage", folder / "storage")
    shutil.copytree(ROOT / "bot" / "run", folder / "bot" / "run")
    (folder / "nlu").mkdir()
    for name in ("client", "types", "breaker", "parse_cache"):
        shutil.copy(ROOT / "nlu" / f"{name}.py", folder / "nlu")
    files = {
        "bot/__init__.py": "",
        "bot/__main__.py": COMMANDS,
        "nlu/train.py": TRAIN,
        "nlu/serve.py": SERVE,
        **{f"{room}/wsgi.py": WEB for room in ("bot", "console", "sandbox")},
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


class Run:
    """One ``python -m bot.run`` on its own data folder and ports."""

    def __init__(self, project: Path, data_dir: Path, **env: str) -> None:
        self.data_dir = data_dir
        self.out = data_dir / f"terminal-{time.monotonic_ns()}.txt"
        data_dir.mkdir(exist_ok=True)
        settings = {f"HOTLINE_{name}_PORT": str(free_port()) for name in ("INTAKE", "CONSOLE", "SANDBOX")}
        plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.run"],
                cwd=project,
                env={**plain, **settings, "HOTLINE_DATA_DIR": str(data_dir), **env},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    @property
    def state(self) -> dict[str, Any]:
        path = self.data_dir / "run.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def until_ready(self) -> dict[str, Any]:
        assert until(lambda: self._ready() or self.process.poll() is not None), self.said
        assert self.process.poll() is None, self.said
        return self.state

    def _ready(self) -> bool:
        state = self.state
        return bool(state) and state["pid"] == self.process.pid and state["ready"]

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


def until(condition: Callable[[], Any], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def using(folder: Path) -> list[int]:
    """Every living process with the data folder in its environment or command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(folder) in text and runs(int(entry.name)):
                found.append(int(entry.name))
    return found
