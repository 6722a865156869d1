"""The board over HTTP: its pages, what it costs, who may do what with a card."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from console import words
from console.pages import board
from conversations.models import Staff
from stops import tasks
from stops.facts import LossFacts
from stops.models import CardState, StopCard
from stops.orders import register
from stops.orders.deadlines import Deadlines
from stops.orders.models import WarningOrder
from stops.orders.register import Draft
from stops.words import TASKS
from storage.clock import utc_now
from storage.engine import Database
from tests.console.conftest import Desk, signed_in
from tests.console.residents import LOSS, Resident, add_staff, opens_card

Cards = Callable[..., list[StopCard]]
STALE_AFTER = timedelta(hours=1)


@pytest.fixture
def opens(resident: Resident) -> Cards:
    def open_some(count: int, facts: LossFacts | None = LOSS, **columns: object) -> list[StopCard]:
        opened = []
        for number in range(count):
            somebody = Resident(resident.database, resident.settings, sender=uuid.uuid4().hex)
            opened.append(opens_card(resident.database, somebody.says("被骗了"), facts, minutes=number))
        if columns:
            with resident.database.transaction() as session:
                ids = [card.id for card in opened]
                session.execute(update(StopCard).where(StopCard.id.in_(ids)).values(**columns))
        return opened

    return open_some


@pytest.fixture
def other(app: Flask, people: dict[str, Staff], database: Database) -> Desk:
    with database.transaction() as session:
        add_staff(session, "other", "陈警官", "officer")
    return signed_in(app, "other")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def shown(page: str) -> list[str]:
    return re.findall(r'<li id="card-([^"]+)"', page)


def test_page_after_page_by_deadline(officer: Desk, opens: Cards, people: dict[str, Staff]) -> None:
    closed = opens(2, state=CardState.CLOSED.value, state_by=people["officer"].id)
    opened = opens(board.PAGE + 3, facts=None)
    wanted = [str(card.id) for card in sorted(opened, key=lambda card: (card.deadline, card.id))]
    first = officer.get("/cards").text
    assert shown(first) == wanted[: board.PAGE]
    further = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert further
    second = officer.get(further.group(1).replace("&amp;", "&")).text
    assert shown(second) == wanted[board.PAGE :]
    assert "后面的" not in second
    assert not {str(card.id) for card in closed} & {*shown(first), *shown(second)}


def test_cards_of_one_deadline_are_all_shown_once(officer: Desk, opens: Cards) -> None:
    opened = opens(board.PAGE + 3, facts=None, deadline=utc_now())
    first = officer.get("/cards").text
    further = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert further
    second = officer.get(further.group(1).replace("&amp;", "&")).text
    assert sorted(shown(first) + shown(second)) == sorted(str(card.id) for card in opened)


@pytest.mark.parametrize(
    ("tab", "wanted"),
    [
        ("running", {"new", "accepted", "forwarded"}),
        ("later", {"initiated", "failed", "lapsed"}),
        ("all", {"new", "accepted", "forwarded", "initiated", "failed", "lapsed", "closed"}),
    ],
)
def test_the_tabs(officer: Desk, opens: Cards, people: dict[str, Staff], tab: str, wanted: set[str]) -> None:
    states = ("new", "accepted", "forwarded", "initiated", "failed", "lapsed", "closed")
    made = {str(opens(1, state=state, state_by=people["officer"].id)[0].id): state for state in states}
    page = officer.get(f"/cards?tab={tab}").text
    assert {made[card_id] for card_id in shown(page)} == wanted


@pytest.mark.parametrize("after", ["nonsense", "2026-03-01T09:00:00~x", "~", "2026-03-01T09:00:00+08:00~1", "%00"])
def test_a_nonsensical_place_is_the_first_page(officer: Desk, opens: Cards, after: str) -> None:
    opens(1)
    assert len(shown(officer.get(f"/cards?after={after}").text)) == 1


def test_an_unknown_tab(officer: Desk) -> None:
    assert officer.get("/cards?tab=nonsense").status_code == 404


def test_many_cards_ask_no_more_than_one(officer: Desk, opens: Cards, console_database: Database) -> None:
    opens(1)
    officer.get("/fragments/cards")
    with statements(console_database) as one:
        officer.get("/fragments/cards")
    opens(30)
    with statements(console_database) as many:
        officer.get("/fragments/cards")
    assert len(many) == len(one)
    assert len(one) < 10


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda session: session.scalars(board.page_query("running", None)).all(), "running_cards_by_deadline"),
        (board.counts, "running_cards_by_deadline"),
        (board.counts, "open_cards_by_deadline"),
        (lambda session: session.scalars(board.page_query("later", None)).all(), "open_cards_by_deadline"),
        (board.unheld, "unheld_cards_by_deadline"),
        (lambda session: session.scalars(board.page_query("all", None)).all(), "cards_by_report"),
    ],
)
def test_closed_cards_are_not_looked_at(
    database: Database, opens: Cards, ask: Callable[[Session], object], index: str
) -> None:
    """Each question is answered by an index without closed cards, or, for all cards, by the newest first."""
    opens(1)
    with database.transaction() as session:  # as after some time: many closed, some whose stop runs, few that wait
        officer = add_staff(session, "long", "赵警官", "officer")
        session.flush()
        own = ("id", "number", "state", "state_by", "deadline")
        columns = ", ".join(column.name for column in StopCard.__table__.columns if column.name not in own)
        state = "CASE WHEN n <= 10 THEN 'new' WHEN n <= 600 THEN 'initiated' ELSE 'closed' END"
        session.execute(
            text(
                f"INSERT INTO stop_cards ({', '.join(own)}, {columns}) "
                f"SELECT gen_random_uuid(), 'T' || n, {state}, '{officer.id}', "
                f"now() + random() * interval '1 day', {columns} "
                "FROM stop_cards, generate_series(1, 3000) n"
            )
        )
        session.execute(text("ANALYZE stop_cards"))
        with statements(database) as said:
            ask(session)
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        asked = re.sub(r"%\(\w+\)s(::\w+)?", "51", said[0])
        plan = "\n".join(session.scalars(text(f"EXPLAIN {asked}")))
    assert index in plan


def test_who_comes_second_is_told(officer: Desk, other: Desk, opens: Cards) -> None:
    card = opens(1)[0]
    path = f"/cards/{card.id}"
    assert officer.post(f"{path}/take").location == path
    assert officer.post(f"{path}/take").location == path
    refused = other.post(f"{path}/take", fetched=True)
    assert (refused.status_code, refused.get_json()["message"]) == (409, "这张止付单由王警官在办理。")
    assert other.post(f"{path}/release", fetched=True).status_code == 409
    assert other.post(f"{path}/state", state="forwarded", fetched=True).status_code == 409
    assert officer.post(f"{path}/release").location == "/cards"
    assert "由您" not in other.get(path).text.replace("由您来回复", "").replace("由您回电", "")
    assert other.post(f"{path}/take").status_code == 303


def test_the_next_one(officer: Desk, other: Desk, opens: Cards) -> None:
    less, more = opens(2, facts=None)
    assert officer.post("/cards/take-next").location == f"/cards/{more.id}"
    assert other.post("/cards/take-next", fetched=True).get_json()["to"] == f"/cards/{less.id}"
    gone = officer.post("/cards/take-next", fetched=True)
    assert (gone.status_code, gone.get_json()["message"]) == (409, "现在没有等人接手的止付单。")


def test_only_officers(agent: Desk, admin: Desk, opens: Cards) -> None:
    card = opens(1)[0]
    for desk in (agent, admin):
        for path in ("take-next", "here", f"{card.id}/take", f"{card.id}/take-over", f"{card.id}/release"):
            assert desk.post(f"/cards/{path}").status_code == 403
        assert desk.post(f"/cards/{card.id}/amend").status_code == 403


def test_states_are_only_for_the_holder(officer: Desk, opens: Cards) -> None:
    card = opens(1)[0]
    assert 'name="state"' not in officer.get(f"/cards/{card.id}").text
    officer.post(f"/cards/{card.id}/take")
    assert 'name="state"' in officer.get(f"/cards/{card.id}").text


def amended(desk: Desk, card: StopCard, ordinal: int = 1, **fields: str) -> tuple[int, str]:
    """Type into a card's form as the page has it now."""
    page = desk.get(f"/cards/{card.id}").text
    form = page[page.index(f'id="fields-{ordinal}"') :]
    form = form[: form.index("</form>")]
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)) | fields
    sent.pop("csrf_token")
    answer = desk.post(f"/cards/{card.id}/amend", fetched=True, **sent)
    return answer.status_code, answer.get_json()["message"]


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"payee_bank": " 中国农业银行 "}, 200, "已保存。"),
        ({}, 200, "没有改动。"),
        ({"amount": "8,820.50元"}, 200, "已保存。"),
        ({"amount": "8，820.50元"}, 200, "已保存。"),
        ({"amount": "三万"}, 409, words.BAD_AMOUNT),
        ({"amount": "0"}, 409, words.BAD_AMOUNT),
        ({"amount": "1.234"}, 409, words.BAD_AMOUNT),
        ({"amount": "1e30"}, 409, words.BAD_AMOUNT),
        ({"amount": "NaN"}, 409, words.BAD_AMOUNT),
        ({"transferred_at": "刚才"}, 409, words.BAD_MOMENT),
        ({"payee_kind": "nonsense"}, 200, "已保存。"),
    ],
)
def test_what_is_typed(officer: Desk, opens: Cards, typed: dict[str, str], status: int, said: str) -> None:
    assert amended(officer, opens(1)[0], **typed) == (status, said)


def test_a_second_payment_and_the_cards_own_fields(officer: Desk, opens: Cards, database: Database) -> None:
    card = opens(1, facts=None)[0]
    assert amended(officer, card, payee_account="6222 0000-0000 0009") == (200, "已保存。")
    assert amended(officer, card, 0, callback_phone="170 0000 0002", victim_name="李四") == (200, "已保存。")
    page = officer.get(f"/cards/{card.id}").text
    for shown_ in ("6222 0000 0000 0009", 'href="tel:17000000002"', "李四"):
        assert shown_ in page


@pytest.mark.parametrize("form", [{}, {"version": "x", "ordinal": "1"}, {"version": "1", "ordinal": ""}])
def test_a_form_that_is_not_ours(officer: Desk, opens: Cards, form: dict[str, str]) -> None:
    assert officer.post(f"/cards/{opens(1)[0].id}/amend", fetched=True, **form).status_code == 400


def test_the_list_of_what_one_holds(officer: Desk, other: Desk, opens: Cards) -> None:
    card = opens(1)[0]
    officer.post(f"/cards/{card.id}/take")
    assert f'href="/cards/{card.id}"' in officer.get("/fragments/status").text
    assert "data-here" in officer.get("/fragments/status").text
    assert card.number not in other.get("/fragments/status").text
    assert "data-here" not in other.get("/fragments/status").text


def moves(desk: Desk, card: StopCard, state: str, **fields: str) -> tuple[int, str]:
    answer = desk.post(f"/cards/{card.id}/state", fetched=True, state=state, **fields)
    return answer.status_code, answer.get_json()["message"]


def test_what_is_stated_with_a_state(officer: Desk, opens: Cards) -> None:
    card = opens(1)[0]
    officer.post(f"/cards/{card.id}/take")
    assert moves(officer, card, "initiated")[0] == 409
    assert (
        moves(officer, card, "initiated", reference="某公反诈〔2026〕1号", happened_at="2099-01-01T00:00:00")[0] == 409
    )
    assert moves(officer, card, "initiated", reference="某公反诈〔2026〕1号") == (200, "已改为“已发起止付”。")
    page = officer.get(f"/cards/{card.id}").text
    assert "第1次/共2次" in page
    assert 'name="amount" id="act-amount"' in page
    assert moves(officer, card, "partial", amount="一万")[1] == words.BAD_AMOUNT
    assert moves(officer, card, "partial", note="银行回电")[0] == 409
    assert moves(officer, card, "partial", note="银行回电", amount="10000") == (200, "已改为“部分止付”。")


def test_a_card_of_the_same_loss_is_shown_and_merged_by_a_person(officer: Desk, opens: Cards) -> None:
    into, other = opens(2)
    opens(1, facts=None)
    assert f"same-{other.id}" in officer.get(f"/cards/{into.id}").text
    assert "是同一件，并入" not in officer.get(f"/cards/{into.id}").text
    officer.post(f"/cards/{into.id}/take")
    assert "是同一件，并入" in officer.get(f"/cards/{into.id}").text
    assert officer.post(f"/cards/{into.id}/merge", fetched=True, other="x").status_code == 400
    assert officer.post(f"/cards/{into.id}/merge", fetched=True, other=str(other.id)).status_code == 200
    assert f"same-{other.id}" not in officer.get(f"/cards/{into.id}").text
    assert str(other.id) not in shown(officer.get("/cards").text)


def test_a_thing_to_do_is_done_with_a_result(officer: Desk, opens: Cards, database: Database) -> None:
    card = opens(1)[0]
    with database.transaction() as session:
        tasks.add(session, session.get_one(StopCard, card.id), tasks.DOUBT, utc_now())
        task_id = tasks.open_of(session, [card.id])[0].id
    path = f"/cards/{card.id}/tasks/{task_id}"
    assert TASKS["doubt"] in officer.get(f"/cards/{card.id}").text
    assert officer.post(path, fetched=True, outcome=" ").status_code == 409
    assert officer.post(path, fetched=True, outcome="已接通，本人确认被骗").status_code == 200
    assert f"task-{task_id}" not in officer.get(f"/cards/{card.id}").text


def test_warning_orders_stand_among_the_cards_by_their_deadlines(
    officer: Desk, opens: Cards, database: Database, people: dict[str, Staff]
) -> None:
    """Given cards and orders, more than a page shows, then both stand by their deadlines, an order without one last;
    an order can be signed on the board, and what has been reviewed is gone."""
    now = utc_now()
    opened = opens(board.PAGE - 1, facts=None)
    wanted = [(card.deadline, card.id, f"card-{card.id}") for card in opened]
    with database.transaction() as session:
        for number, minutes in (("A-1", -60), ("A-2", 15), ("A-3", 600), ("A-4", None), ("A-5", 5)):
            entered = register.enter(session, Draft(number=number, address="某某村1号"), Deadlines([]), None, now)
            order = session.get_one(WarningOrder, entered.id)
            order.due_at = now + timedelta(minutes=minutes) if minutes is not None else None
            order.state = "reviewed" if number == "A-5" else order.state
            if number != "A-5":
                wanted.append((order.due_at or register.NEVER, order.id, f"order-{order.id}"))
    ids = [name for _, _, name in sorted(wanted)]
    first = officer.get("/cards").text
    assert re.findall(r'<li id="((?:card|order)-[^"]+)"', first) == ids[: board.PAGE]
    assert 'data-watch="card order"' in first
    further = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert further
    second = officer.get(further.group(1).replace("&amp;", "&")).text
    assert re.findall(r'<li id="((?:card|order)-[^"]+)"', second) == ids[board.PAGE :]
    assert "没有时限" in second
    assert f'待办<b class="count">{len(ids)}</b>' in second
    assert "order-" not in officer.get("/cards?tab=later").text
    pressing = f"/orders/{ids[0].removeprefix('order-')}"
    assert f'action="{pressing}/sign"' in first
    assert officer.post(f"{pressing}/sign", fetched=True).status_code == 200
    assert f'action="{pressing}/sign"' not in officer.get("/cards").text


def test_the_most_pressing_of_many_is_first(officer: Desk, opens: Cards) -> None:
    """Given more running cards than a page shows, when one comes whose half hour is nearly over, then it leads."""
    opens(board.PAGE + 5, facts=None, deadline=utc_now() + timedelta(minutes=20))
    pressing = opens(1, facts=None, deadline=utc_now() + timedelta(minutes=1))[0]
    assert shown(officer.get("/fragments/cards").text)[0] == str(pressing.id)
    assert f'id="alarm-{pressing.id}"' in officer.get("/fragments/status").text
    assert officer.post("/cards/take-next").location == f"/cards/{pressing.id}"
