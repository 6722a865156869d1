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
    page.wait_for_function("notices.length === 1")
    other = Resident(console_database, resident.settings, sender="oTest0000real")
    opens_card(console_database, other.says("我刚被骗了"), LOSS)
    page.wait_for_function("notices.length === 2")
    assert [title for title, _ in page.evaluate("notices")] == ["【演练】有止付单等人接手", "有止付单等人接手"]
    assert faults == []
