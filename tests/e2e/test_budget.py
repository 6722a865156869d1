"""What WeChat's API answers, and how many messages it allows."""

from __future__ import annotations

import pytest

from handlers.words import urgent
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Wechat
from tests.e2e.stack import Stack

LOSS = "我刚才被骗了,转了两万块给对方"


def _refused(resident: Wechat) -> list[str]:
    """Error codes WeChat answered for this resident."""
    return [bubble["text"] for bubble in resident.bubbles("refused")]


@pytest.mark.parametrize("code", [45047, 45015])
def test_a_message_beyond_the_budget_waits_for_the_resident(code: int, sandbox: Sandbox, records: Records) -> None:
    """Given WeChat's word that the budget is gone, when a question is to be sent, then it is held, and goes out once
    when the resident writes again."""
    sandbox.misbehave(custom_send={"errcode": code, "times": 1})
    victim = sandbox.wechat()
    victim.says(LOSS)
    records.wait_for_deliveries(victim, lambda fates: fates == ["sent", "held"])

    assert urgent.ASK_PAYEE in victim.says("17000000001")

    records.wait_for_deliveries(victim, lambda fates: set(fates) == {"sent"})
    assert victim.heard().count(urgent.ASK_CALLBACK) == 1
    assert _refused(victim) == []


def test_our_own_ledger_holds_a_message_before_wechat_refuses_it(sandbox: Sandbox, records: Records) -> None:
    """Given a ledger that says nothing is left, when the bot has more to say, then it asks WeChat for nothing and
    waits."""
    victim = sandbox.wechat()
    sandbox.misbehave(custom_send={"errcode": -1})
    victim.says(LOSS)
    contact = "(SELECT contact_id FROM conversations WHERE id = %s)"
    records.ask(f"UPDATE contacts SET reply_left = 0 WHERE id = {contact}", records.id_of(victim))
    sandbox.behave()

    records.wait_for_deliveries(victim, lambda fates: fates == ["sent", "held"])
    assert victim.bubbles("custom") == [] and _refused(victim) == []

    victim.says("17000000001")
    records.wait_for_deliveries(victim, lambda fates: set(fates) == {"sent"})
    assert _refused(victim) == []


def test_a_token_gone_bad_is_renewed_once_and_the_message_sent(
    sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given a token WeChat no longer takes, when a question is sent, then the token is renewed and the question comes
    in the same attempt."""
    sandbox.misbehave(custom_send={"errcode": 40001, "times": 1})
    fetched = hotline.log("worker").count("access token fetched")
    victim = sandbox.wechat()
    victim.says(LOSS)

    victim.wait(urgent.ASK_CALLBACK)
    assert hotline.log("worker").count("access token fetched") <= fetched + 2, "the first of all, and the renewed one"
    records.wait_for_deliveries(victim, lambda fates: fates == ["sent", "sent"])
    assert records.messages(victim, "out")[1]["attempts"] == 1
    assert len(victim.bubbles("custom")) == 1


def test_a_busy_wechat_is_asked_again(sandbox: Sandbox, records: Records) -> None:
    """Given a busy WeChat, when a question is sent, then it is tried again until it goes, and comes once."""
    sandbox.misbehave(custom_send={"errcode": -1, "times": 2})
    victim = sandbox.wechat()
    victim.says(LOSS)

    victim.wait(urgent.ASK_CALLBACK)
    records.wait_for_deliveries(victim, lambda fates: fates == ["sent", "sent"])
    assert records.messages(victim, "out")[1]["attempts"] == 3
    assert len(victim.bubbles("custom")) == 1


def test_what_wechat_will_never_take_is_told_to_staff(sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given an account without the right to send, when a question is sent, then it failed, with a sentence for staff
    and a line in the log, and the next passive reply still goes."""
    sandbox.misbehave(custom_send={"errcode": 48001})
    victim = sandbox.wechat()
    victim.says(LOSS)

    records.wait_for_deliveries(victim, lambda fates: fates == ["sent", "failed"])

    assert "权限" in records.messages(victim, "out")[1]["reason"]
    assert "api_not_authorised" in hotline.log("worker")
    assert victim.says("17000000001")


def test_who_has_left_is_sent_nothing_more(sandbox: Sandbox, records: Records) -> None:
    """Given a question that waits for a busy WeChat, when the resident stops following, then it is not sent, staff see
    why, and the card stays."""
    sandbox.misbehave(custom_send={"errcode": -1})
    victim = sandbox.wechat()
    victim.says(LOSS)
    victim.send(kind="event", event="unsubscribe")
    sandbox.behave()

    records.wait_for_deliveries(victim, lambda fates: fates == ["sent", "failed"])
    assert records.messages(victim, "out")[1]["reason"] == "unfollowed"
    assert victim.bubbles("custom") == [] and _refused(victim) == []
    assert records.card(victim)["state"] == "new"


def test_a_lost_answer_is_not_taken_for_a_refusal(sandbox: Sandbox, records: Records) -> None:
    """Given a message that arrived while its answer was lost, when it is no matter of urgency, then it is not sent
    again by itself."""
    sandbox.misbehave(custom_send={"drop": True, "times": 1})
    resident = sandbox.wechat()
    resident.says("我要举报")
    resident.says("我要举报")

    records.wait_for_deliveries(resident, lambda fates: fates[-1:] == ["unknown"])
    assert len(resident.bubbles("custom")) == 1


def test_an_operator_with_trouble_is_asked_again(sandbox: Sandbox, records: Records) -> None:
    """Given an operator that answers 503 and then loses an answer, when a text is sent, then it arrives once."""
    sandbox.misbehave(sms_send={"errcode": 503, "times": 1})
    first, second = sandbox.sms(), sandbox.sms()
    first.says("你好")
    sandbox.misbehave(sms_send={"drop": True, "times": 1})
    second.says("你好")

    for phone in (first, second):
        records.wait_for_deliveries(phone, lambda fates: fates[0] in ("sent", "delivered"))
        assert len(phone.heard()) == 1
