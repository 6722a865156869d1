"""Officers at the console, over HTTP: they look at the board, take cards up and move them on, each step once."""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import requests

from tests.console.residents import PASSWORD
from tests.e2e.kills.patience import AWAY, patiently
from tests.e2e.kills.steps import Steps

LOOK = 1.5  # seconds between two looks at the board
REFLECT = (0.0, 34.0)  # seconds until a card that was seen is taken up: some wait for the whole ladder
WORK = (1.0, 6.0)  # seconds between two steps
NOTE = "演练,文号 0000"
PUT_BACK = 0.05  # at each look at a card that was just taken: it goes back to the queue
TAKE, RELEASE = "taken", "released"
PATH = ("forwarded", "initiated", "succeeded")
_MINE = re.compile(r'id="card-([0-9a-f-]{36})" class="[^"]*\bmine\b')
_FREE = re.compile(r'id="card-([0-9a-f-]{36})" class="free')
_STEP = re.compile(r'name="state" value="(\w+)"')
_TOKEN = re.compile(r'name="csrf.token" (?:content|value)="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Acted:
    """A step of an officer that the console confirmed: a state, taken or released."""

    card: str
    what: str


class Desk:
    """One officer's browser."""

    def __init__(self, url: str, login: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self._login = login
        self._token = ""

    def sign_in(self) -> None:
        """Sign in, however long it takes."""
        patiently(self._sign_in)

    def page(self, path: str) -> str:
        """A page's HTML; empty where the console cannot show it now."""
        answer = self._http.get(self._url + path, timeout=10)
        return answer.text if answer.ok else ""

    def post(self, path: str, **form: str) -> int:
        """Post a form as the page's own script does; the status."""
        headers = {"X-Hotline-Fetch": "1", "X-CSRFToken": self._token}
        return self._http.post(self._url + path, data=form, headers=headers, timeout=15).status_code

    def close(self) -> None:
        """Close the browser."""
        self._http.close()

    def _sign_in(self) -> None:
        self._token = _token(self.page("/sign-in"))
        form = {"login": self._login, "password": PASSWORD, "csrf_token": self._token}
        answer = self._http.post(f"{self._url}/sign-in", data=form, timeout=20)
        if not answer.ok:
            raise requests.ConnectionError(f"sign-in: {answer.status_code}")
        self._token = _token(self.page("/cards"))


class Officer(threading.Thread):
    """Works cards while ``working`` is set, until told to stop; ``acted``: what was confirmed."""

    def __init__(self, desk: Desk, random: Random, steps: Steps) -> None:
        super().__init__(daemon=True)
        self._desk = desk
        self._random = random
        self._steps = steps
        self._due: dict[tuple[str, str], float] = {}
        self._mine: set[str] = set()
        self._over = threading.Event()
        self._hands = threading.Lock()
        self._working = True
        self.acted: list[Acted] = []

    def pause(self) -> None:
        """Do nothing until :meth:`go_on`; returns when nothing is being done any more."""
        with self._hands:
            self._working = False

    def go_on(self) -> None:
        """Work again."""
        with self._hands:
            self._working = True

    def stop(self) -> None:
        """No further step."""
        self._over.set()
        self.join()

    def run(self) -> None:
        """Look, and do what is due."""
        self._desk.sign_in()
        while not self._over.wait(LOOK):
            with self._hands:
                if not self._working:
                    continue
                with suppress(*AWAY):  # the console is away: look again
                    self._look()
        self._desk.close()

    def _look(self) -> None:
        self._desk.post("/cards/here")
        board = self._desk.page("/fragments/cards")
        self._mine.update(_MINE.findall(board))
        for card in _FREE.findall(board):
            if not _left_alone(card) and self._is_time(card, TAKE, REFLECT):
                self._act(card, TAKE, f"/cards/{card}/take")
        for card in list(self._mine):
            self._work(card)

    def _work(self, card: str) -> None:
        page = self._desk.page(f"/cards/{card}")
        if not page:
            return
        offered = set(_STEP.findall(page))
        wanted = next((state for state in PATH if state in offered), "")
        if not wanted:  # at its end, or lost to the queue by silence
            self._mine.discard(card)
        elif wanted == PATH[0] and self._random.random() < PUT_BACK:
            self._act(card, RELEASE, f"/cards/{card}/release")
        elif self._is_time(card, wanted, WORK):
            self._act(card, wanted, f"/cards/{card}/state", state=wanted, note=NOTE)

    def _is_time(self, card: str, wanted: str, span: tuple[float, float]) -> bool:
        due = self._due.setdefault((card, wanted), time.monotonic() + self._random.uniform(*span))
        return time.monotonic() >= due

    def _act(self, card: str, wanted: str, path: str, **form: str) -> None:
        """Do it; what nobody confirmed is done again at the next look, as somebody does who sees no change."""
        self._steps.enter(wanted)
        if self._desk.post(path, **form) != requests.codes.ok:
            return
        self.acted.append(Acted(card, wanted))
        self._due.pop((card, wanted), None)
        (self._mine.discard if wanted == RELEASE else self._mine.add)(card)


def _left_alone(card: str) -> bool:
    """Some cards nobody takes up, so that their ladders go to the end."""
    return card[-1] in "07"


def _token(html: str) -> str:
    found = _TOKEN.search(html)
    if found is None:
        raise requests.ConnectionError("no page")
    return found[1]
