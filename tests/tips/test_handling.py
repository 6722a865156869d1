"""Who has a tip in hand, and that of two at once one wins and the other is told."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from conversations.models import Staff
from linkage import clusters
from linkage.subjects import Subject
from tests.tips.conftest import Station
from tips import amending, handling, linking, registry, words
from tips.models import Outcome, TipState, TipTransfer
from tips.record import HeldByOther, TipError


def offer(station: Station, tip_id: uuid.UUID, by: Staff, **to: Any) -> uuid.UUID:
    transfer: TipTransfer = station.do(handling.offer, tip_id, by, "他管这片", **to)
    return transfer.id


def test_every_change_has_a_named_person_and_a_reason(station: Station) -> None:
    tip = station.told()
    with pytest.raises(TipError, match=words.GIVE_REASON):
        station.do(registry.set_state, tip, TipState.CHECKING, station.wang, reason=" ")
    station.do(registry.set_state, tip, TipState.CHECKING, station.wang, reason="打电话核")
    assert station.tip(tip).holder_id == station.wang.id
    assert station.events(tip) == [
        ("registered", None, ""),
        ("taken", station.wang.id, ""),
        ("state", station.wang.id, "打电话核"),
    ]
    with pytest.raises(HeldByOther, match="王警官"):
        station.do(registry.set_state, tip, TipState.CONFIRMED, station.chen, reason="查实了")


def test_a_tip_is_assigned_to_an_officer_once(station: Station) -> None:
    tip = station.told()
    with pytest.raises(TipError, match=words.NO_OFFICER):
        station.do(handling.assign, tip, station.agent.id, station.wang, "忙")
    station.do(handling.assign, tip, station.chen.id, station.wang, "他管这片")
    assert station.events(tip)[-1] == ("assigned", station.wang.id, "王警官 → 陈警官：他管这片")
    with pytest.raises(HeldByOther, match="陈警官"):
        station.do(handling.assign, tip, station.li.id, station.wang, "换人")
    station.do(handling.take_over, tip, station.li, "陈警官休假")
    assert station.tip(tip).holder_id == station.li.id


def test_it_stays_with_the_holder_until_the_colleague_accepts(station: Station) -> None:
    tip = station.told()
    refused = offer(station, tip, station.wang, to_id=station.chen.id)
    assert station.tip(tip).holder_id == station.wang.id
    with pytest.raises(TipError, match=words.STILL_PENDING):
        offer(station, tip, station.wang, to_id=station.li.id)
    with pytest.raises(TipError, match=words.NOT_YOURS_TO_ANSWER):
        station.do(handling.answer, refused, Outcome.ACCEPTED, station.li, "")
    with pytest.raises(TipError, match=words.GIVE_REASON):
        station.do(handling.answer, refused, Outcome.REFUSED, station.chen, "")
    station.do(handling.answer, refused, Outcome.REFUSED, station.chen, "不归我们管")
    assert station.tip(tip).holder_id == station.wang.id
    accepted = offer(station, tip, station.wang, to_id=station.chen.id)
    station.do(handling.answer, accepted, Outcome.ACCEPTED, station.chen, "")
    assert station.tip(tip).holder_id == station.chen.id
    with pytest.raises(TipError, match="陈警官已经答复过"):
        station.do(handling.answer, accepted, Outcome.WITHDRAWN, station.chen, "晚了")
    assert [what for what, *_ in station.events(tip)][-4:] == ["offered", "refused", "offered", "accepted"]


def test_a_unit_outside_takes_it_over_by_the_holders_word(station: Station) -> None:
    tip = station.told()
    transfer = offer(station, tip, station.wang, unit="某派出所")
    with pytest.raises(TipError, match=words.NOT_YOURS_TO_ANSWER):
        station.do(handling.answer, transfer, Outcome.ACCEPTED, station.chen, "接了")
    with pytest.raises(TipError, match=words.STILL_PENDING):
        station.do(registry.set_state, tip, TipState.CLOSED, station.wang, reason="办结")
    station.do(handling.answer, transfer, Outcome.ACCEPTED, station.wang, "值班员某某，今天上午接收")
    assert (station.tip(tip).unit, station.tip(tip).holder_id) == ("某派出所", station.wang.id)


def test_a_transfer_goes_to_one_and_is_answered_or_pending_in_the_database_too(station: Station) -> None:
    tip = station.told()
    offer(station, tip, station.wang, to_id=station.chen.id)
    for damage in (
        "UPDATE tip_transfers SET outcome = 'accepted'",
        "UPDATE tip_transfers SET unit = '某派出所'",
        "INSERT INTO tip_transfers (id, tip_id, from_id, to_id, asked_at, outcome)"
        " SELECT gen_random_uuid(), tip_id, from_id, to_id, asked_at, outcome FROM tip_transfers",
    ):
        with pytest.raises(IntegrityError), station.database.transaction() as session:
            session.execute(text(damage))


def test_who_is_gone_holds_nothing_and_is_offered_nothing(station: Station) -> None:
    held, offered = station.told("o1"), station.told("o2")
    station.do(handling.assign, held, station.chen.id, station.chen, "")
    transfer = offer(station, offered, station.wang, to_id=station.chen.id)
    assert station.do(handling.give_up_all, station.chen, station.wang) == 1
    assert station.tip(held).holder_id is None
    assert station.tip(offered).holder_id == station.wang.id
    with pytest.raises(TipError):
        station.do(handling.answer, transfer, Outcome.ACCEPTED, station.chen, "")


def at_once(*acts: Callable[[], object]) -> list[TipError]:
    """Run acts at the same moment; what was refused."""
    together, refused = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        together.wait()
        try:
            act()
        except TipError as error:
            refused.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.parametrize("round_", range(3))
def test_of_two_officers_at_once_one_wins_and_the_other_is_told(station: Station, round_: int) -> None:
    tip = station.told()
    refused = at_once(
        lambda: station.do(registry.set_state, tip, TipState.CHECKING, station.wang, reason="我来"),
        lambda: station.do(registry.set_state, tip, TipState.CLOSED, station.chen, reason="重复了"),
    )
    (error,) = refused
    holder = station.tip(tip).holder_id
    winner = station.wang if holder == station.wang.id else station.chen
    assert winner.name in str(error)
    assert [what for what, *_ in station.events(tip)].count("state") == 1
    offered = station.told("o2")
    transfer = offer(station, offered, station.wang, to_id=station.chen.id)
    assert (
        len(
            at_once(
                lambda: station.do(handling.answer, transfer, Outcome.ACCEPTED, station.chen, ""),
                lambda: station.do(handling.answer, transfer, Outcome.WITHDRAWN, station.wang, "先不转"),
            )
        )
        == 1
    )


def test_kind_and_village_are_corrected_over_nobodys_unseen_change(station: Station) -> None:
    tip = station.told()
    villages = ("样例东村", "样例西村")
    was = {"kind": "phone", "village": "样例东村"}
    station.do(amending.amend, tip, station.wang, {"kind": "cards", "village": "样例西村"}, was, villages)
    assert (station.tip(tip).kind, station.tip(tip).village) == ("cards", "样例西村")
    assert station.events(tip)[-1][2] == "类型：诈骗电话 → 两卡买卖；村（社区）：样例东村 → 样例西村"
    with station.database.transaction() as session:
        known = clusters.known_by_index(session, clusters.index_of(Subject("phone", "17000000009")))
        assert known.places == ("样例西村",)
    with pytest.raises(TipError, match="王警官刚改过（类型：诈骗电话 → 两卡买卖"):
        station.do(amending.amend, tip, station.chen, {"kind": "den"}, was, villages)
    with pytest.raises(TipError, match=words.NO_SUCH_VILLAGE):
        station.do(amending.amend, tip, station.wang, {"village": "某村"}, {"village": "样例西村"}, villages)
    assert station.do(amending.amend, tip, station.wang, {"kind": "cards"}, {"kind": "cards"}, villages) == []


@pytest.mark.parametrize("first", [0, 1])
def test_a_duplicate_points_at_the_earliest_whichever_is_named_first(station: Station, first: int) -> None:
    tips = [station.told(f"o{number}") for number in range(3)]
    pair = tips[1:] if first else tips[:0:-1]
    station.do(linking.mark_duplicate, *pair, station.wang, "同一个号码")
    assert station.tip(tips[2]).duplicate_of == tips[1]
    station.do(linking.mark_duplicate, tips[1], tips[0], station.wang, "也是它")
    assert [station.tip(tip).duplicate_of for tip in tips] == [None, tips[0], tips[0]]
    with pytest.raises(TipError):
        station.do(linking.mark_duplicate, tips[2], tips[0], station.wang, "又一次")
    with pytest.raises(TipError, match=words.ITSELF):
        station.do(linking.mark_duplicate, tips[0], tips[0], station.wang, "自己")
    station.do(linking.unmark_duplicate, tips[2], station.wang, "看错了")
    assert station.tip(tips[2]).duplicate_of is None
    assert [what for what, *_ in station.events(tips[2])][-2:] == ["duplicate", "unduplicate"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_joint_report_is_the_same_in_any_order(station: Station, order: tuple[int, ...]) -> None:
    tips = [station.told(f"o{number}") for number in range(4)]
    one, two, three = (tips[place] for place in order)
    station.do(linking.join, one, two, station.wang, "一起来的")
    station.do(linking.join, three, tips[3], station.wang, "一起来的")
    station.do(linking.join, two, tips[3], station.wang, "都是一起的")
    assert len({station.tip(tip).joint_id for tip in tips}) == 1
    assert station.tip(one).joint_id is not None
    with pytest.raises(TipError, match=words.JOINED_ALREADY):
        station.do(linking.join, three, one, station.wang, "又一次")
    with pytest.raises(TipError):
        station.do(linking.mark_duplicate, one, two, station.wang, "重复")
    for tip in (one, two, three):
        station.do(linking.leave, tip, station.wang, "不是一起的")
    assert [station.tip(tip).joint_id for tip in tips] == [None] * 4
