"""The browser's own notice of a drill says that it is one."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from conversations.models import Contact, Conversation
from storage.engine import Database
from tests.console.browsing import NEEDS_CHROMIUM
from tests.console.residents import LOSS, Resident, opens_card
from tests.console.test_board_browser import LISTEN, NOTICES

pytestmark = NEEDS_CHROMIUM


def noticed(page: Page, count: int) -> list[str]:
    """The titles once there are so many; the page's policy lets no waiting expression be evaluated in it."""
    for _ in range(300):
        if len(titles := [title for title, _ in page.evaluate("notices")]) >= count:
            return titles
        page.wait_for_timeout(100)
    raise AssertionError(f"not {count} notices")


def test_a_notice_of_a_drill(
    open_as: Callable[..., Page], url: str, resident: Resident, console_database: Database, faults: list[str]
) -> None:
    page = open_as("officer", script=LISTEN, permissions=NOTICES)
    page.goto(f"{url}/cards")
    page.click(".empty")
    conversation_id = resident.says("我刚被骗了")
    with console_database.transaction() as session:
        contact_id = session.get_one(Conversation, conversation_id).contact_id
        session.get_one(Contact, contact_id).drill = True
    drill = opens_card(console_database, conversation_id, LOSS)
    expect(page.locator(f"#card-{drill.id} .tag.drill")).to_have_text("演练")
    assert noticed(page, 1) == ["【演练】有止付单等人接手"]
    other = Resident(console_database, resident.settings, sender="oTest0000real")
    opens_card(console_database, other.says("我刚被骗了"), LOSS)
    assert noticed(page, 2)[1] == "有止付单等人接手"
    assert faults == []
