"""Makes the README's pictures anew: ``python -m tests.e2e.pictures``. Everybody and everything in them is made up."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.console.browsing import browser, sign_in
from tests.console.residents import PASSWORD
from tests.e2e.stack import ROOT, Stack

FOLDER = ROOT / "docs" / "pictures"
SIZE = {"width": 1180, "height": 760}
TOLD = "刚给骗子转了两万，怎么办"
ANSWERED = ("17000000009", "6222000011112223 张小三 农业银行", "十分钟前转的，实时到账")
ASKED = ("你好", "刷单是不是诈骗")


def _say(page: Page, channel: str, text: str, answers: int = 1) -> None:
    heard = page.locator("#wechat-talk .theirs" if channel == "wechat" else "#sms-talk [data-direction=mt]")
    before = heard.count()
    page.fill(f"#{channel}-text", text)
    page.press(f"#{channel}-text", "Enter")
    expect(heard).to_have_count(before + answers)


def _shot(page: Page, name: str) -> None:
    page.wait_for_timeout(500)  # fonts, and the last note on a delivery
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    """Start a hotline, play, look, stop."""
    stack = Stack()
    try:
        stack.wait_until_ready()
        stack.command("staff", "add", "wang", "--name", "王警官", "--role", "officer", "--password", PASSWORD)
        with browser() as chromium:
            desk = sign_in(chromium.new_context(viewport=SIZE), stack.url("console"), "wang")  # type: ignore[arg-type]
            playing = chromium.new_page(viewport=SIZE)  # type: ignore[arg-type]
            playing.goto(stack.url("sandbox"))
            expect(playing.locator("#sms-person")).not_to_have_value("")
            for text in ASKED:
                _say(playing, "sms", text)
            _say(playing, "wechat", TOLD, answers=2)
            _shot(playing, "sandbox")
            for text in ANSWERED:
                _say(playing, "wechat", text)
            desk.click(".rows a")
            desk.click("#desk button:has-text('接手')")
            desk.fill("#reply-text", "您好，我是王警官，正在办。请先打110，电话保持畅通。")
            desk.click("#send")
            expect(desk.locator(".bubble.staff .delivery")).to_have_text("已发出")
            expect(desk.locator("#toast")).to_be_hidden()
            _shot(desk, "console")
    finally:
        stack.stop()


if __name__ == "__main__":
    expect.set_options(timeout=30_000)
    FOLDER.mkdir(exist_ok=True)
    main()
