"""The SMS operator: signed both ways, once per id, receipts, parts."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
import requests

from sandbox.splitting import split, units
from tests.sandbox.conftest import Sandbox, until
from tests.sandbox.intake import Intake

PHONE = "+8617000000001"


def order(sandbox: Sandbox, sms_id: str, text: str = "您好", secret: str = "", age: int = 0) -> requests.Response:
    body = json.dumps({"id": sms_id, "to": PHONE, "text": text, "conversation": "c1"}, ensure_ascii=False).encode()
    timestamp = str(int(time.time()) - age)
    key = (secret or sandbox.settings.sms_generic_secret).encode()
    digest = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Hotline-Timestamp": timestamp, "X-Hotline-Signature": "sha256=" + digest}
    return sandbox.http.post(sandbox.url + "/sms-operator/send", data=body, headers=headers, timeout=30)


def inbox(sandbox: Sandbox, direction: str) -> list[dict[str, Any]]:
    answer = sandbox.http.get(f"{sandbox.url}/api/sms/{PHONE}", timeout=30)
    messages = answer.json()["messages"] if answer.ok else []
    return [message for message in messages if message["direction"] == direction]


def test_a_text_arrives_signed(sandbox: Sandbox, intake: Intake) -> None:
    answer = sandbox.post(f"/api/sms/{PHONE}/send", text="我被骗了", id="m-1")
    assert not intake.forged
    (text,) = intake.texts
    assert (text["id"], text["from"], text["text"]) == ("m-1", PHONE, "我被骗了")
    assert "parts" not in text and text["sent_at"].endswith("+00:00")
    assert [(each["id"], each["accepted"], each["tries"]) for each in answer["texts"]] == [("m-1", True, 1)]
    assert inbox(sandbox, "mo")[0]["status"] == "accepted"


def test_one_part_as_given(sandbox: Sandbox, intake: Intake) -> None:
    sandbox.post(f"/api/sms/{PHONE}/send", text="后半", parts={"reference": 9, "total": 2, "index": 2})
    assert intake.texts[0]["parts"] == {"reference": 9, "total": 2, "index": 2}


def test_a_long_text_is_cut_as_a_handset_does(sandbox: Sandbox, intake: Intake) -> None:
    sandbox.post(f"/api/sms/{PHONE}/send", text="骗" * 135, split=True)
    assert [(text["parts"]["index"], text["parts"]["total"], len(text["text"])) for text in intake.texts] == [
        (1, 3, 67),
        (2, 3, 67),
        (3, 3, 1),
    ]
    assert len({text["id"] for text in intake.texts}) == 3
    assert len({text["parts"]["reference"] for text in intake.texts}) == 1


def test_a_text_that_was_not_taken_is_posted_again(sandbox: Sandbox, intake: Intake) -> None:
    intake.sms_status = 503
    answer = sandbox.post(f"/api/sms/{PHONE}/send", text="在吗")
    assert [(each["status"], each["accepted"], each["tries"]) for each in answer["texts"]] == [(503, False, 3)]
    assert len({text["id"] for text in intake.texts}) == 1 and len(intake.texts) == 3
    assert inbox(sandbox, "mo")[0]["status"] == "refused"


def test_a_refusal_is_final(sandbox: Sandbox, intake: Intake) -> None:
    intake.sms_status = 403
    answer = sandbox.post(f"/api/sms/{PHONE}/send", text="在吗")
    assert answer["texts"][0]["tries"] == 1


def test_an_ordered_text_appears_once_and_is_reported(sandbox: Sandbox, intake: Intake) -> None:
    first, again = order(sandbox, "r-1"), order(sandbox, "r-1")
    assert first.json() == {"accepted": True, "duplicate": False}
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    until(lambda: intake.reports)
    assert intake.reports == [{"id": "r-1", "status": "delivered", "reason": ""}]
    (sms,) = until(lambda: [sms for sms in inbox(sandbox, "mt") if sms["receipt"] == "accepted"])
    assert (sms["text"], sms["parts"], sms["requests"], sms["status"]) == ("您好", 1, 2, "delivered")


@pytest.mark.parametrize(("secret", "age"), [("another", 0), ("", 301), ("", -400)])
def test_forged_and_stale_orders_are_refused(sandbox: Sandbox, secret: str, age: int) -> None:
    assert order(sandbox, "r-1", secret=secret, age=age).status_code == 403
    assert inbox(sandbox, "mt") == []


def test_an_order_without_text_is_refused(sandbox: Sandbox) -> None:
    assert order(sandbox, "r-1", text="").status_code == 400


def test_a_failed_receipt(sandbox: Sandbox, intake: Intake) -> None:
    sandbox.post("/api/misbehave", sms_send={"receipt": "failed", "reason": "关机", "receipt_delay": 0})
    order(sandbox, "r-1")
    until(lambda: intake.reports)
    assert intake.reports == [{"id": "r-1", "status": "failed", "reason": "关机"}]


def test_no_receipt(sandbox: Sandbox, intake: Intake) -> None:
    sandbox.post("/api/misbehave", sms_send={"receipt": "none", "times": 1})
    order(sandbox, "r-1")
    order(sandbox, "r-2")
    until(lambda: intake.reports)
    assert [report["id"] for report in intake.reports] == ["r-2"]


def test_an_error_and_a_dropped_answer(sandbox: Sandbox) -> None:
    sandbox.post("/api/misbehave", sms_send={"errcode": 503, "times": 1})
    assert order(sandbox, "r-1").status_code == 503
    assert inbox(sandbox, "mt") == []
    sandbox.post("/api/misbehave", sms_send={"drop": True, "times": 1})
    with pytest.raises(requests.ConnectionError):
        order(sandbox, "r-1")
    assert order(sandbox, "r-1").json()["duplicate"] is True
    assert len(inbox(sandbox, "mt")) == 1


@pytest.mark.parametrize(("text", "parts"), [("", 1), ("骗" * 70, 1), ("骗" * 71, 2), ("骗" * 134, 2), ("骗" * 135, 3)])
def test_parts(text: str, parts: int) -> None:
    assert len(split(text)) == parts
    assert "".join(split(text)) == text


def test_a_surrogate_pair_is_two_units_and_stays_together() -> None:
    text = "骗" * 66 + "😀" + "骗" * 66
    assert units("😀") == 2
    first, second, third = split(text)
    assert (first, second[0], len(third)) == ("骗" * 66, "😀", 1)
