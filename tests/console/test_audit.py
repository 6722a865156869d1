"""Whoever sees or changes something leaves a line in the audit log."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from console import audit_words, web
from console.policy import may
from conversations import audit
from conversations.models import AuditEntry, Staff
from linkage.models import Sighting
from storage.engine import Database
from tests.conftest import REPOSITORY
from tests.console.conftest import Clock, Desk, signed_in
from tests.console.residents import LOSS, Resident, claims_reward, gives_tip, opens_card, waits


def lines(database: Database) -> list[tuple[str, str, uuid.UUID | None, str]]:
    """Action, kind, id and detail of everything but signing in, oldest first."""
    with database.transaction() as session:
        assert audit.verify(session).faults == ()
        found = session.scalars(select(AuditEntry).where(AuditEntry.action != "sign_in").order_by(AuditEntry.id))
        return [(line.action, line.subject_kind, line.subject_id, line.detail) for line in found]


def test_every_change_of_a_card(officer: Desk, resident: Resident, database: Database) -> None:
    card = opens_card(database, resident.says("被骗了"), LOSS)
    other = opens_card(database, replace(resident, sender="oTest0000cd34").says("被骗了"), LOSS)
    path = f"/cards/{card.id}"
    officer.post("/cards/take-next")
    officer.post(f"{path}/release")
    officer.post(f"{path}/take")
    officer.post("/cards/here")
    form = {"version": 1, "ordinal": 0, "was.victim_name": "张三", "victim_name": "张三丰"}
    officer.post(f"{path}/amend", **form)
    officer.post(f"{path}/state", state="initiated", note="x")
    officer.post(f"{path}/state", state="new")  # refused: nothing changes, nothing to tell
    officer.post(f"{path}/merge", other=str(other.id))
    found = lines(database)
    assert [line for line in found if line[0] != "view_card"] == [
        ("cards_take", "card", card.id, ""),
        ("cards_release", "card", card.id, ""),
        ("cards_take", "card", card.id, ""),
        ("cards_amend", "card", card.id, ""),
        ("cards_set_state", "card", card.id, "initiated"),
        ("cards_merge", "card", card.id, ""),
    ]
    assert ("view_card", "card", card.id, "") in found  # the answer to a change may show the card's fields


def test_every_change_of_tips_claims_and_the_rest(
    officer: Desk, agent: Desk, admin: Desk, resident: Resident, people: dict[str, Staff], database: Database
) -> None:
    conversation = resident.says("举报")
    waits(database, conversation)
    tip = gives_tip(database, conversation).tip
    agent.post(f"/conversations/{conversation}/take")
    agent.post(f"/conversations/{conversation}/seen")
    officer.post(f"/tips/{tip.id}/state", state="checking", note="分给二组")
    officer.post(f"/tips/{tip.id}/claim")
    officer.post("/duty/people")
    admin.post(f"/duty/phones/{people['agent'].id}", phone="17000000009")
    admin.post("/account", old="correct-horse-9", new="another-horse-7", again="another-horse-7")
    admin.post("/sign-out")
    assert lines(database) == [
        ("take", "conversation", conversation, ""),
        ("tips_set_state", "tip", tip.id, "checking"),
        ("claims_open_for", "tip", tip.id, ""),
        ("duty_phone", "staff", people["agent"].id, ""),
        ("change_password", "staff", people["admin"].id, ""),
        ("sign_out", "", None, ""),
    ]


def test_every_look_at_something_unmasked(officer: Desk, resident: Resident, database: Database, clock: Clock) -> None:
    conversation = resident.says("举报")
    tip = gives_tip(database, conversation).tip
    claim = claims_reward(database, conversation, tip)
    card = opens_card(database, conversation, LOSS)
    for path in (
        f"/tips/{tip.id}",
        f"/claims/{claim.id}",
        f"/cards/{card.id}",
        "/cards/print",
        f"/cards/{card.id}/papers/summary.docx",
        "/figures.json",
    ):
        assert officer.get(path).status_code == 200
        officer.get(path.replace("/cards/", "/fragments/cards/") if path.endswith(str(card.id)) else path)
    found = lines(database)
    for expected in (
        ("view_tip", "tip", tip.id, ""),
        ("view_claim", "claim", claim.id, ""),
        ("view_card", "card", card.id, ""),
        ("view_conversation", "conversation", conversation, ""),
    ):
        assert found.count(expected) == 1
    assert found.count(("print_card", "card", card.id, "")) == 2  # each paper is one
    assert found.count(("card_paper", "card", card.id, "summary")) == 2
    assert [line[0] for line in found].count("figures_export") == 2


def test_looking_at_one_number_in_all_records(officer: Desk, resident: Resident, database: Database) -> None:
    gives = gives_tip(database, resident.says("举报")).tip
    with database.transaction() as session:
        key = session.scalars(select(Sighting.value_index).where(Sighting.record_id == gives.id)).first()
    assert key
    officer.get(f"/linked/{key.hex()}")
    assert lines(database) == [("view_subject", "subject", None, key.hex())]


def test_a_line_holds_no_content_and_no_address(officer: Desk, resident: Resident, database: Database) -> None:
    card = opens_card(database, resident.says("被骗了，我叫张三"), LOSS)
    officer.get(f"/cards/{card.id}")
    officer.post(f"/cards/{card.id}/take")
    officer.post(f"/cards/{card.id}/state", state="张三 17000000001", note="张三")
    with database.transaction() as session:
        found = session.scalars(select(AuditEntry)).all()
        written = json.dumps([[line.action, line.detail, line.origin, line.roles] for line in found])
    for value in ("张三", "\\u5f20", "17000000001", "6222", "127.0.0.1"):
        assert value not in written
    assert {line.origin.split()[0] for line in found} == {"console"}
    assert {line.roles for line in found} == {"officer"}


def test_a_failed_change_leaves_no_line(
    app: Flask, officer: Desk, people: dict[str, Staff], database: Database
) -> None:
    assert officer.post(f"/cards/{uuid.uuid4()}/take", fetched=True).status_code == 409
    assert lines(database) == []


def test_a_route_that_forgets_its_line_gets_one(new_app: Flask, people: dict[str, Staff], database: Database) -> None:
    @may("officer")
    def forgetful(staff_id: uuid.UUID) -> str:
        with web.transaction() as session:
            session.get_one(Staff, staff_id).name = "改了"
        return "done"

    new_app.add_url_rule("/forgetful/<uuid:staff_id>", "some.forgetful", forgetful, methods=["POST"])
    who = people["second"].id
    assert signed_in(new_app, "officer").post(f"/forgetful/{who}").text == "done"
    assert lines(database) == [("some_forgetful", "staff", who, "")]


def test_every_act_has_words() -> None:
    """Whatever the code notes by name is a word of the auditor's page."""
    named = re.compile(r'(?:record|_touched)\(session, [^"\n]*?"([a-z_]+)"')
    found = {
        action
        for room in ("bot", "console", "conversations", "monthly", "rewards", "stops", "tips")
        for path in (REPOSITORY / room).rglob("*.py")
        for action in named.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 30
    assert found - set(audit_words.ACTIONS) - set(audit_words.KINDS) == set()
