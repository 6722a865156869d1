"""The services of the hotline, described from its settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from bot.run import checks
from bot.run.child import ERRORS, Service, Stage
from storage.servers.guarded import Launch
from storage.servers.server import Server
from storage.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CONSOLE_THREADS = 48  # each open page of the console holds one for its event stream
SANDBOX_THREADS = 32


def environment(settings: Settings, **resolved: str) -> dict[str, str]:
    """The environment of our own processes: every setting as it was resolved, then ``resolved``."""
    values = {f"HOTLINE_{name.upper()}": _text(getattr(settings, name)) for name in Settings.model_fields}
    return {
        **os.environ,
        **{name: value for name, value in values.items() if value},
        **resolved,
        "PYTHONUNBUFFERED": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(settings.data_dir / "metrics"),
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value.value if isinstance(value, Enum) else value)


def url_of(settings: Settings, port: int) -> str:
    """The address of one of our web processes as this machine reaches it."""
    return f"http://{checks.reachable_host(settings.bind)}:{port}"


def ports(settings: Settings) -> dict[str, int]:
    """The ports that must be free, by service."""
    wanted = {"intake": settings.intake_port, "console": settings.console_port}
    return {**wanted, "sandbox": settings.sandbox_port} if settings.sandbox else wanted


def ours(*arguments: str, env: Mapping[str, str]) -> Launch:
    """One of our own modules: ``ours("bot", "migrate", env=…)``."""
    return Launch([sys.executable, "-m", *arguments], env=env, cwd=ROOT)


def embedded(server: Server) -> Service:
    """An embedded server; its log stays a log, for what clients do wrong is theirs to report."""
    stage = Stage.DATABASE if server.name == "postgres" else Stage.CACHE
    return Service(
        server.name,
        server.launch,
        server.answers,
        stage=stage,
        prepare=server.prepare,
        echo=None,
        grace=30.0,
    )


def _web(
    settings: Settings, env: Mapping[str, str], name: str, app: str, shape: tuple[int, int], grace: int
) -> Service:
    port = ports(settings)[name]
    workers, threads = shape
    bind = f"[{settings.bind}]:{port}" if ":" in settings.bind else f"{settings.bind}:{port}"
    arguments = ["gunicorn", "--config", "bot/run/gunicorn_web.py", "--bind", bind, "--name", name]
    arguments += ["--workers", str(workers), "--threads", str(threads), "--graceful-timeout", str(grace)]
    arguments += ["--log-level", settings.log_level.lower(), app]
    health = url_of(settings, port) + "/healthz"
    return Service(name, ours(*arguments, env=env), lambda: checks.answers(health), grace=grace + 2.0)


def intake(settings: Settings, env: Mapping[str, str]) -> Service:
    """The public app."""
    return _web(settings, env, "intake", "bot.wsgi:app", (settings.intake_workers, settings.intake_threads), 8)


def console(settings: Settings, env: Mapping[str, str]) -> Service:
    """The staff app; event streams never end by themselves, so they are cut soon."""
    return _web(settings, env, "console", "console.wsgi:app", (1, CONSOLE_THREADS), 2)


def sandbox(settings: Settings, env: Mapping[str, str]) -> Service:
    """The pretend outside world."""
    return _web(settings, env, "sandbox", "sandbox.wsgi:app", (1, SANDBOX_THREADS), 2)


def worker(env: Mapping[str, str]) -> Service:
    """Sends, timers, media; it has no port, so that it keeps running is all that can be asked."""
    return Service("worker", ours("bot", "worker", env=env), lambda: True, settle=2.0, grace=15.0)


def nlu(name: str, command: list[str], env: Mapping[str, str], url: str, token: str) -> Service:
    """A Rasa server on loopback; loading TensorFlow takes its time."""
    launch = Launch(command, env=env, cwd=ROOT)
    return Service(name, launch, lambda: checks.model_answers(url, token), echo=ERRORS, patience=240.0)
