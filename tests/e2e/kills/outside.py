"""WeChat and the operator, played by a process that nobody kills: the world outside does not end with the hotline."""

from __future__ import annotations

import subprocess
import sys

from bot.run.checks import answers, free_port
from tests.e2e.stack import ROOT, Stack, until

THREADS = 64


class Outside:
    """A sandbox of its own, on the secrets of one hotline. ``settings``: what points that hotline at it."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.settings = {
            "WECHAT_API_BASE": f"{self.url}/wechat-api",
            "SMS_GENERIC_SEND_URL": f"{self.url}/sms-operator/send",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, stack: Stack) -> None:
        """Begin; the hotline has made up its secrets."""
        arguments = ["--config", "bot/run/gunicorn_web.py", "--bind", f"127.0.0.1:{self._port}"]
        arguments += ["--workers", "1", "--threads", str(THREADS), "sandbox.wsgi:app"]
        env = {**stack.env, "HOTLINE_SANDBOX_PORT": str(self._port)}
        with (stack.data_dir.parent / "outside.txt").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *arguments], cwd=ROOT, env=env, stdout=output, stderr=output
            )
        until(lambda: answers(f"{self.url}/healthz"), "the world outside")

    @property
    def pid(self) -> int:
        """Its first process; 0 before it has begun."""
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """End."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)
