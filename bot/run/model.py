"""The intent model's server: started with the rest, and replaced under load by one with another model.

A new model never replaces the old one inside a server: loading would hold up every message for seconds. A second
server is started and tried out; then messages go to it, those under way at the first one end, and so does the first
one. Whatever goes wrong before the switch leaves the first one in service.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot.run import checks, services
from bot.run.child import Child, Service
from bot.run.state import Handover, RunState, write_private
from bot.run.supervisor import StartError, StoppedError, Supervisor
from storage.settings import Settings

SUFFIX = ".tar.gz"
NAME = re.compile(r"[0-9A-Za-z._-]{1,64}")
NEXT = "nlu.next"  # name and log of a server that is being tried out
WARM_UP = ("你好", "我被骗了，钱刚转过去", "怎么领奖", "我要举报一个刷单的群", "96110是什么电话")
FIRST_ANSWER = 15.0  # seconds the first parses of a server may take
UNDER_WAY = 1.0  # seconds beyond a message's budget until the old server ends
ELSEWHERE = "HOTLINE_NLU_URLS names the NLU servers: who runs them puts models in service"


def request_path(data_dir: Path) -> Path:
    """Where somebody asks a running hotline for another model: JSON with ``id`` and ``model``, a file's path."""
    return data_dir / "model.request"


def ask(data_dir: Path, request: str, model: Path) -> None:
    """Ask the running hotline to put a model in service; ``run.json`` says what became of it."""
    write_private(request_path(data_dir), json.dumps({"id": request, "model": str(model)}))


def name_of(model: Path) -> str:
    """A model's name: the fingerprint of what it was made of."""
    return model.name.removesuffix(SUFFIX)


class ModelService:
    """The NLU server of one run. ``changed`` writes the state down, after which messages go where it says."""

    def __init__(
        self, supervisor: Supervisor, settings: Settings, state: RunState, changed: Callable[[], None]
    ) -> None:
        self.supervisor = supervisor
        self.settings = settings
        self.state = state
        self.changed = changed
        self.terminal = supervisor.terminal
        self._in_service: Child | None = None
        self._going: threading.Thread | None = None
        request_path(settings.data_dir).unlink(missing_ok=True)  # a killed run's

    def bring_up(self) -> None:
        """The first server, trained first where the model is missing or stale."""
        for url in self.settings.nlu_urls:
            if not checks.model_answers(url, self.settings.nlu_token):
                self.terminal.say(f"the NLU server {url} does not answer: until it does, plain rules decide alone")
        if self.settings.nlu_urls:
            return
        from nlu import train  # only where a model is run here: another program may serve it

        model = train.model_path()
        if not model.is_file():
            with self.terminal.step("training the intent model (once, a minute or two)"):
                env = services.environment(self.settings)
                try:
                    self.supervisor.run("train", services.ours("nlu.train", env=env))
                except StoppedError:
                    raise
                except StartError as error:
                    self.terminal.say(f"{error}\nwithout a model plain rules decide alone; mend it and start again")
                    return
        url = f"http://127.0.0.1:{checks.free_port()}"
        self.state.nlu_urls, self.state.model = [url], name_of(model)
        with self.terminal.step("loading the intent model"):
            self._in_service = self.supervisor.start(self._service("nlu", url, model))

    def heed(self) -> None:
        """Called again and again: begins a hand-over when somebody has asked for one."""
        path = request_path(self.settings.data_dir)
        if not self.state.ready or (self._going and self._going.is_alive()) or not path.exists():
            return
        try:
            asked = json.loads(path.read_text())
            request, model = str(asked["id"]), Path(asked["model"])
        except (OSError, ValueError, KeyError, TypeError):
            self.terminal.say(f"{path} is no request for a model")
            return
        finally:
            path.unlink(missing_ok=True)
        self._note(Handover(request, "going"))
        self._going = threading.Thread(target=self._hand_over, args=(request, model))
        self._going.start()

    def join(self) -> None:
        """Return when no hand-over is going on."""
        if self._going:
            self._going.join()

    def _hand_over(self, request: str, model: Path) -> None:
        try:
            says = self._replace(model)
            outcome = Handover(request, "done", says)
        except StoppedError:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the model in service stays
            reason = str(error) if isinstance(error, StartError) else f"{type(error).__name__}: {error}"
            kept = f"the model {self.state.model} stays in service" if self._in_service else "no model is in service"
            outcome = Handover(
                request, "failed", f"the model {name_of(model)} was not put in service; {kept}: {reason}"
            )
        self.terminal.say(outcome.says)
        self._note(outcome)

    def _replace(self, model: Path) -> str:
        """Put another model in service; raises :class:`StartError` with the reason, and then nothing has changed."""
        name, old = name_of(model), self._in_service
        if self.settings.nlu_urls:
            raise StartError(ELSEWHERE)
        if not model.is_file():
            raise StartError(f"{model} is missing")
        if not NAME.fullmatch(name):  # it is recorded with every message
            raise StartError("the name of a model has at most 64 letters, digits, dots and dashes")
        if old is not None and name == self.state.model:
            return f"the model {name} is in service already"
        url = f"http://127.0.0.1:{checks.free_port()}"
        service = self._service("nlu" if old is None else NEXT, url, model)
        trial = replace(service, ready=lambda: service.ready() and self._proven(url, name))
        with self.terminal.step(f"trying out the model {name}"):
            new = self.supervisor.try_out(trial, lambda: self._fault(url))
        self.supervisor.adopt(new)
        self.state.nlu_urls, self.state.model = [url], name
        self._in_service = new
        self.changed()
        if old is not None:
            self._retire(old, new)
        return f"the model {name} is in service"

    def _retire(self, old: Child, new: Child) -> None:
        end = time.monotonic() + self.settings.nlu_timeout + UNDER_WAY
        while time.monotonic() < end:
            self.supervisor.pause()
        self.supervisor.retire(old, new)

    def _service(self, name: str, url: str, model: Path) -> Service:
        from nlu import serve

        command, token = serve.command(int(url.rpartition(":")[2]), model), self.settings.nlu_token
        return services.nlu(name, command, serve.environment(token), url, token)

    def _fault(self, url: str) -> str:
        """Why a server that is being tried out will never be of use; empty while nothing speaks against it."""
        return "Rasa cannot load it" if checks.model_is_missing(url, self.settings.nlu_token) else ""

    def _proven(self, url: str, name: str) -> bool:
        """True once a server, warm by then, has answered with our intents and the wanted model.

        Raises :class:`StartError` when it answers anything else.
        """
        from nlu.client import NluClient, NluUnavailable

        client = NluClient([url], self.settings.nlu_token, timeout=FIRST_ANSWER)
        try:
            models = {client.parse(text).model for text in WARM_UP}
        except NluUnavailable as failure:
            raise StartError(f"its answers cannot be used ({failure.reason})") from failure
        if models != {name}:
            raise StartError(f"the server serves {', '.join(sorted(models))}")
        return True

    def _note(self, handover: Handover) -> None:
        self.state.handover = handover
        self.changed()
