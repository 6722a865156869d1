"""A tip, its number and its query code."""

from __future__ import annotations

import re

from handlers.words import general, tip
from tests.e2e.records import Records
from tests.e2e.residents import Phone, Sandbox
from tests.e2e.stack import Stack, until
from tips import telling
from tips.telling import Step

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z]{3}")
NUMBER = re.compile(r"XS[0-9]{6,}")


def report(resident: Phone, subjects: str = "没有") -> tuple[str, str]:
    """Report a tip to the end; its number and code."""
    end = ""
    for said in ("我要举报", "村口有人收银行卡,一张五百块", subjects, "示例镇示例村,昨天下午", "没有"):
        end = resident.says(said)  # type: ignore[attr-defined]
    number, code = NUMBER.search(end), CODE.search(end)
    assert number and code, end
    return number.group(), code.group()


def _wrong(code: str) -> str:
    """A code that is well formed, with another first character."""
    return ("7" if code[0] != "7" else "8") + code[1:]


def test_a_tip_is_told_its_state_by_number_and_code_on_wechat(sandbox: Sandbox, records: Records) -> None:
    """Given a registered tip, when anybody on WeChat sends its number and code, then they hear its state; with a wrong
    code they do not."""
    reporter = sandbox.wechat()
    number, code = report(reporter, "电话17000000101,网址 http://bad-example.example/card")
    (row,) = records.of("tips", reporter)
    assert (row["number"], row["state"]) == (number, "registered")
    assert "村口有人收银行卡" in row["story"]
    assert {subject["kind"] for subject in row["subjects"]} == {"phone", "url"}
    someone = sandbox.wechat()

    assert someone.says("查进度") == general.ASK_CODE
    told = someone.says(f"{number} {code}")

    assert number in told and telling.words()[Step.REGISTERED].status in told
    assert someone.says(f"{number} {_wrong(code)}") == general.WRONG_CODE
    assert someone.says(f"{number} {code.lower().replace('-', ' ')}") == told, "as people copy it"


def test_by_sms_no_state_is_told_even_with_the_right_code(sandbox: Sandbox) -> None:
    """Given a registered tip, when its number and code come by SMS, then no state is told."""
    number, code = report(sandbox.sms())
    resident = sandbox.sms()

    assert resident.says("查进度") == general.NO_STATUS_BY_SMS
    assert resident.says(f"{number} {code}") == general.NO_STATUS_BY_SMS


def test_guessing_codes_is_stopped_after_five_tries(sandbox: Sandbox) -> None:
    """Given a tip, when wrong codes are tried for it, then after five no code is looked at, the right one included."""
    number, code = report(sandbox.wechat())
    guesser = sandbox.wechat()
    for _ in range(5):
        assert guesser.says(f"{number} {_wrong(code)}") == general.WRONG_CODE

    assert guesser.says(f"{number} {code}") == general.TRIED_TOO_OFTEN


def test_the_code_lies_nowhere_in_the_clear_and_is_wiped_from_the_message(
    sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given a code that was told, when the database is searched, then it is not there in the clear; when ten minutes
    have passed, then the message that told it has lost it too, and no log ever had it."""
    reporter = sandbox.wechat()
    number, code = report(reporter)
    assert records.holding(number), "the search finds what is there"
    for written in (code, code.replace("-", "")):
        assert records.holding(written) == []
    conversation = records.id_of(reporter)
    assert (
        records.one("SELECT count(*) FROM messages WHERE conversation_id = %s AND kind = 'secret'", conversation) == 1
    )
    records.wait_for_deliveries(reporter, lambda fates: "passive" not in fates)

    records.ask(
        "UPDATE messages SET created_at = created_at - interval '11 minutes' WHERE conversation_id = %s", conversation
    )

    until(
        lambda: (
            not records.one(
                "SELECT count(*) FROM messages WHERE conversation_id = %s AND kind = 'secret'", conversation
            )
        ),
        "the wiping of the code",
    )
    texts = [message["text"] for message in records.messages(reporter, "out")]
    assert not any(CODE.search(text) for text in texts)
    assert any(number in text and "••••" in text for text in texts)
    for log in (hotline.data_dir / "logs").glob("*.log"):
        assert code not in log.read_text(errors="replace"), log.name


def test_a_code_sent_to_ask_for_the_state_does_not_stay_readable(sandbox: Sandbox, records: Records) -> None:
    """Given a registered tip, when somebody asks with number and code, then nobody can read the code afterwards in
    what they wrote: who reads it could claim in their name."""
    number, code = report(sandbox.wechat())
    asker = sandbox.wechat()

    assert number in asker.says(f"查进度 {number} {code}")

    (question,) = records.messages(asker, "in")
    assert number in question["text"] and code not in question["text"]


def test_a_claim_is_registered_once(sandbox: Sandbox, records: Records) -> None:
    """Given a tip, when the reward is claimed with number and code twice, then there is one claim."""
    reporter = sandbox.wechat()
    number, code = report(reporter)
    assert general.HOW_TO_CLAIM in reporter.says("我要领奖")

    first = reporter.says(f"我要领奖 {number} {code}")
    again = reporter.says(f"领奖 {number} {code}")

    (claim,) = records.of("claims", reporter)
    assert first == general.CLAIMED.format(number=claim["number"])
    assert again == general.CLAIMED_BEFORE.format(number=claim["number"], state=general.CLAIM_STATES["requested"])


def test_a_tip_thought_better_of_is_not_registered(sandbox: Sandbox, records: Records) -> None:
    """Given a tip being told, when the reporter drops it, then nothing is registered."""
    reporter = sandbox.wechat()
    assert tip.ASK_STORY in reporter.says("我要举报")

    assert reporter.says("算了,不报了") == tip.CANCELLED
    assert records.of("tips", reporter) == []


def test_what_was_reported_is_known_when_asked_about(sandbox: Sandbox) -> None:
    """Given a number and a link nobody knows, when a tip names them, then whoever asks about them is told of it."""
    asker = sandbox.wechat()
    question = "17000000202 这个号码是骗子吗"
    assert general.NOT_REPORTED.format(what="号码") in asker.says(question)
    report(sandbox.wechat(), "电话17000000202,网址 http://fraud-0000.example/loan")

    assert general.REPORTED_BEFORE.format(count=1, what="号码") in asker.says(question)
    assert general.REPORTED_BEFORE.format(count=1, what="网址") in sandbox.sms().says(
        "http://fraud-0000.example/loan 这个网址能点吗"
    )
