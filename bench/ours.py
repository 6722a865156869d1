"""Our side: the whole stack under its own supervisor, on free ports and a fresh data folder."""

from __future__ import annotations

import base64
import http.client
import os
import re
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.job import Account, Where
from bench.places import ROOT
from bot.run import state
from bot.run.checks import free_port
from storage.servers.guarded import Guard, Launch
from storage.servers.server import end, last_lines

PATIENCE = 120.0  # seconds to be ready, the model already trained
_COUNTER = re.compile(r'^(\w+)\{(\w+)="(\w+)"\} ([\d.e+]+)$', re.MULTILINE)


class StartError(Exception):
    """A side of the benchmark does not start; the text says what its log says."""


def the_end_of(log: Path) -> str:
    """What a process said last."""
    return last_lines(log, 12, "\n")


@dataclass(frozen=True, slots=True)
class Stack:
    """The running hotline. ``console``: its port. ``services``: name → process id of the root of each."""

    account: Account
    intake: Where
    nlu: Where
    console: int
    admin_password: str
    database: str
    services: dict[str, int]

    def counters(self, name: str) -> dict[str, float]:
        """A counter of the intake's with one label: value of the label → count."""
        connection = http.client.HTTPConnection("127.0.0.1", self.intake.port, timeout=5)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return {value: float(count) for metric, _, value, count in _COUNTER.findall(text) if metric == name}


def _environment(data_dir: Path, account: Account, api_port: int, nlu_token: str, model: bool) -> dict[str, str]:
    """Nothing of the caller's own settings gets in: it must not write to a real database or a real account."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    given = {
        "MODE": "production",  # no sandbox: the generator is the other side
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "NLU_URLS": "" if model else nowhere,
        "NLU_TOKEN": nlu_token,
        "BIND": "127.0.0.1",
        "INTAKE_PORT": str(free_port()),
        "CONSOLE_PORT": str(free_port()),
        "DATA_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "SECRET_KEY": secrets.token_hex(32),
        "ADMIN_PASSWORD": secrets.token_urlsafe(12),
        "WECHAT_APP_ID": account.app_id,
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "WECHAT_TOKEN": account.token,
        "WECHAT_AES_KEY": account.aes_key,
        "WECHAT_API_BASE": f"http://127.0.0.1:{api_port}",
        "SMS_PROVIDER": "generic",
        "SMS_GENERIC_SECRET": secrets.token_hex(24),
        "SMS_GENERIC_SEND_URL": f"http://127.0.0.1:{api_port}/sms",
    }
    passed = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return {**passed, **{f"HOTLINE_{name}": value for name, value in given.items()}}


@contextmanager
def running(folder: Path, api_port: int, *, model: bool = True) -> Iterator[Stack]:
    """The stack from ready to stopped; without ``model`` nobody answers where the model should be."""
    data_dir, log = folder / "hotline", folder / "hotline.log"
    key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    account = Account("wx" + secrets.token_hex(8), secrets.token_hex(12), key)
    nlu_token = secrets.token_hex(16)
    guard = Guard()
    env = _environment(data_dir, account, api_port, nlu_token, model)
    with log.open("wb") as output:
        supervisor = guard.spawn(Launch([sys.executable, "-m", "bot.run"], env, ROOT), output)
    try:
        until = time.monotonic() + PATIENCE
        while not (now := state.read(data_dir)) or not now.ready:
            if supervisor.poll() is not None or time.monotonic() > until:
                raise StartError(f"the hotline does not start: {the_end_of(log)}")
            time.sleep(0.1)
        services = {**now.pids, "supervisor": supervisor.pid, "watchdog": now.watchdog}
        nlu_port = int(now.nlu_urls[0].rpartition(":")[2]) if now.nlu_urls else 0
        yield Stack(
            account,
            Where("wechat", now.ports["intake"], account=account),
            Where("parse", nlu_port, token=nlu_token),
            now.ports["console"],
            env["HOTLINE_ADMIN_PASSWORD"],
            now.embedded["postgres"],
            services,
        )
    finally:
        end(supervisor, signal.SIGTERM, grace=60)
        guard.forget(supervisor)
        guard.close()
