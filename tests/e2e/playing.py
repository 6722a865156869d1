"""Playing a resident on the sandbox page, and pictures of everybody's pages."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Page, expect


class Pictures:
    """Pictures of the steps, if somebody asked for them; every page has to fit its screen either way."""

    def __init__(self, **pages: Page) -> None:
        self._pages = pages
        self._count = 0
        self._folder = os.environ.get("PICTURES", "")

    def take(self, step: str, *whose: str) -> None:
        """A picture of everybody's page, or of some."""
        self._count += 1
        for name in whose or self._pages:
            page = self._pages[name]
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} at {step}"
            if self._folder:
                page.wait_for_timeout(600)
                Path(self._folder).mkdir(parents=True, exist_ok=True)
                page.screenshot(path=Path(self._folder) / f"{self._count:02d}-{step}-{name}.png", full_page=True)


class Victim:
    """Who types on the phone of the sandbox page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._theirs = page.locator("#wechat-talk .theirs .bubble")

    def says(self, text: str) -> None:
        """Send a message and see it delivered."""
        self._page.fill("#wechat-text", text)
        self._page.press("#wechat-text", "Enter")
        delivered = self._page.locator("[data-via=resident] .caption").last
        expect(delivered).to_have_text(re.compile("^已送达"))

    def hears(self, text: str) -> None:
        """The newest bubble that says so."""
        expect(self._theirs.filter(has_text=text.split("\n")[0]).last).to_be_visible()
