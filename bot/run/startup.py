"""Bringing everything up: the records and the model side by side, then whatever needs them."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.run import services, state
from bot.run.model import ModelService
from bot.run.supervisor import StartError, StoppedError, Supervisor
from storage.servers.postgres import postgres
from storage.servers.redis import redis
from storage.servers.server import Server
from storage.settings import Settings


@dataclass(frozen=True, slots=True)
class Login:
    """The first console login, told once."""

    name: str
    password: str


class Startup:
    """One start of the whole hotline under a supervisor."""

    def __init__(self, supervisor: Supervisor, settings: Settings) -> None:
        self.supervisor = supervisor
        self.settings = settings
        self.terminal = supervisor.terminal
        self.begun = time.monotonic()
        ports = services.ports(settings)
        self.state = state.RunState(
            watchdog=supervisor.guard.pid,
            ports=ports,
            urls={name: services.url_of(settings, port) for name, port in ports.items()},
        )
        self.model = ModelService(supervisor, settings, self.state, self.write_state)
        self.resolved: dict[str, str] = {}

    def bring_up(self) -> None:
        """Start everything and say so; raises :class:`StartError` with a sentence."""
        with ThreadPoolExecutor(2) as pool:
            model = pool.submit(self.model.bring_up)
            records = pool.submit(self.records)
            both: list[Future[Any]] = [model, records]
            for line in as_completed(both):
                if line.exception():
                    self.supervisor.abandoned = True  # the other line need not go on
        errors = [error for error in (records.exception(), model.exception()) if error]
        if errors:  # that one line was told to stop is only the echo of the other's failure
            raise min(errors, key=lambda error: isinstance(error, StoppedError))
        self.state.ready = True
        self.write_state()
        self._tell(records.result())

    def records(self) -> Login | None:
        """Database, cache, migrations, then our own processes."""
        self._embedded()
        env = services.environment(self.settings, **self.resolved)
        with self.terminal.step("bringing the database up to date"):
            self.supervisor.run("migrate", services.ours("bot", "migrate", env=env))
        login = self._first_login(env)
        _empty(self.settings.data_dir / "metrics")
        apps = [services.intake(self.settings, env), services.console(self.settings, env), services.worker(env)]
        if self.settings.sandbox:
            apps.append(services.sandbox(self.settings, env))
        with self.terminal.step(f"starting {', '.join(app.name for app in apps)}"):
            self.supervisor.start_all(apps)
        return login

    def write_state(self) -> None:
        """Write ``run.json`` as things are now."""
        children = list(self.supervisor.children)
        self.state.pids = {child.service.name: child.process.pid for child in children}
        self.state.restarts = {child.service.name: child.restarts for child in children}
        state.write(self.settings.data_dir, self.state)

    def _embedded(self) -> None:
        wanted: list[tuple[str, str, Server]] = []
        if not self.settings.database_url:
            wanted.append(("HOTLINE_DATABASE_URL", "PostgreSQL", postgres(self.settings.data_dir)))
        if not self.settings.redis_url:
            wanted.append(("HOTLINE_REDIS_URL", "Redis", redis(self.settings.data_dir)))
        for key, title, server in wanted:
            with self.terminal.step(f"starting {title}"):
                self.supervisor.start(services.embedded(server))
            self.resolved[key] = self.state.embedded[server.name] = server.url

    def _first_login(self, env: dict[str, str]) -> Login | None:
        code, printed = self.supervisor.output_of(services.ours("bot", "staff", "first", env=env))
        if code:
            raise StartError(f"the first console login could not be made:\n{printed.strip()}")
        for line in printed.splitlines():
            words = line.split()
            if len(words) == 4 and words[0] == "LOGIN" and words[2] == "PASSWORD":
                return Login(words[1], words[3])
        return None

    def _tell(self, login: Login | None) -> None:
        say = self.terminal.say
        say(f"\nThe hotline is ready ({time.monotonic() - self.begun:.0f} s).")
        for name, url in self.state.urls.items():
            say(f"  {name:<8} {url}")
        if login:
            say(f"  first console login: {login.name}  password: {login.password}  (shown only now)")
        say(f"  logs     {self.settings.data_dir / 'logs'}\nCtrl-C stops it.\n")


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
