"""The console served to a real browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.console.residents import PASSWORD

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEEDS_CHROMIUM = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
OpenAs = Callable[..., Page]
expect.set_options(timeout=30_000)  # no test says how fast the machine is


class _Asked:
    """An app, and the requests it has yet to answer: they neither outlive its pool nor write into another test."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._open = 0
        self._changed = threading.Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._changed:
            self._open += 1
        try:
            return self._app(environ, start_response)
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Until every request has its answer, the pages that stay open aside."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._open, timeout=30)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of this machine; gives its address."""
    asked = _Asked(app)
    server = make_server("127.0.0.1", 0, asked, threaded=True)
    server.daemon_threads = True  # an open stream of events must not hold up the end
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    asked.wait()


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


def sign_in(context: BrowserContext, url: str, login: str) -> Page:
    """A page at which somebody is signed in."""
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_selector("#bar nav")
    return page


def becomes(page: Page, expression: str, seconds: float = 30.0) -> None:
    """Wait until an expression holds. The page's own polling would evaluate text, which our policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"{expression}: not within {seconds:.0f} s"
        page.wait_for_timeout(50)
