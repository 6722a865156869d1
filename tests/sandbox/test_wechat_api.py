"""WeChat's API as the hotline meets it: tokens, the reply budget, error codes, media, and misbehaviour."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox, until

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc3300"
    "00000049454e44ae426082"
)
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64


def test_everybody_gets_the_same_token(sandbox: Sandbox) -> None:
    first, second = sandbox.token(), sandbox.token()
    assert first["access_token"] == second["access_token"]
    assert 7000 < first["expires_in"] <= 7200


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [({"appid": "wx0"}, 40013), ({"secret": "wrong"}, 40125), ({"grant_type": "other"}, 40002)],
)
def test_a_wrong_credential_gets_no_token(sandbox: Sandbox, changes: dict[str, Any], errcode: int) -> None:
    answer = sandbox.token(**changes)
    assert answer["errcode"] == errcode and "access_token" not in answer


def test_tokens_must_be_asked_for_by_post(sandbox: Sandbox) -> None:
    assert sandbox.get("/wechat-api/cgi-bin/stable_token")["errcode"] == 43002


def test_a_forced_refresh_leaves_the_old_token_five_minutes(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    old = sandbox.token()["access_token"]
    new = sandbox.token(force_refresh=True)["access_token"]
    assert old != new
    assert sandbox.custom_send("o-anna", "一", old) == 0
    sandbox.clock.ahead += timedelta(minutes=6)
    assert sandbox.custom_send("o-anna", "二", old) == 42001
    assert sandbox.custom_send("o-anna", "三", new) == 0


def test_twenty_forced_refreshes_a_day(sandbox: Sandbox) -> None:
    codes = [sandbox.token(force_refresh=True).get("errcode", 0) for _ in range(21)]
    assert codes == [0] * 20 + [45009]
    sandbox.clock.ahead += timedelta(days=1)
    assert "access_token" in sandbox.token(force_refresh=True)


def test_a_token_ends_after_two_hours(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    old = sandbox.token()["access_token"]
    sandbox.clock.ahead += timedelta(hours=2)
    assert sandbox.custom_send("o-anna", "一", old) == 42001
    assert sandbox.token()["access_token"] != old


@pytest.mark.parametrize(("query", "errcode"), [({}, 41001), ({"access_token": "made-up"}, 40001)])
def test_a_wrong_token_is_named(sandbox: Sandbox, query: dict[str, str], errcode: int) -> None:
    url = sandbox.url + "/wechat-api/cgi-bin/message/custom/send"
    answer = sandbox.http.post(url, params=query, json={}, timeout=30)
    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)


def test_revoked_tokens_fail_until_a_new_one_is_fetched(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    old = sandbox.token()["access_token"]
    sandbox.post("/api/misbehave", token={"revoke": True, "times": 1})
    new = sandbox.token()["access_token"]
    assert sandbox.custom_send("o-anna", "一", old) == 40001
    assert sandbox.custom_send("o-anna", "一", new) == 0


def test_five_within_48_hours_and_afresh_with_a_new_message(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    assert [sandbox.custom_send("o-anna", str(count)) for count in range(6)] == [0] * 5 + [45047]
    sandbox.send("o-anna", text="还在吗")
    assert sandbox.custom_send("o-anna", "在") == 0
    sandbox.clock.ahead += timedelta(hours=48)
    assert sandbox.custom_send("o-anna", "还在") == 45015
    refused = sandbox.bubbles("o-anna", "refused")
    assert [bubble["text"] for bubble in refused] == ["45047", "45015"]
    assert len(sandbox.bubbles("o-anna", "custom")) == 6


@pytest.mark.parametrize("event", ["subscribe", "SCAN", "CLICK"])
def test_three_within_a_minute_after_an_event(sandbox: Sandbox, event: str) -> None:
    sandbox.send("o-anna", kind="event", event=event)
    assert [sandbox.custom_send("o-anna", str(count)) for count in range(4)] == [0, 0, 0, 45047]
    sandbox.clock.ahead += timedelta(minutes=1)
    assert sandbox.custom_send("o-anna", "五") == 45015


def test_an_event_adds_three_to_what_a_message_allows(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    sandbox.send("o-anna", kind="event", event="CLICK", event_key="举报")
    assert sandbox.custom_send("o-anna", "一") == 0
    budget = sandbox.get("/api/wechat/o-anna")["budget"]
    assert (budget["event"]["left"], budget["message"]["left"]) == (2, 5)


def test_the_budget_of_one_is_not_the_budget_of_another(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    sandbox.send("o-bela", text="在吗")
    assert [sandbox.custom_send("o-anna", str(count)) for count in range(6)][-1] == 45047
    assert sandbox.custom_send("o-bela", "在") == 0
    assert sandbox.bubbles("o-anna", "custom")[-1]["text"] != "在"


def test_unknown_and_departed_residents(sandbox: Sandbox) -> None:
    assert sandbox.custom_send("o-nobody", "在吗") == 40003
    sandbox.send("o-anna", text="在吗")
    sandbox.send("o-anna", kind="event", event="unsubscribe")
    assert sandbox.custom_send("o-anna", "在吗") == 43004
    assert sandbox.get("/api/wechat/o-anna")["following"] is False


def test_texts_up_to_2048_bytes(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    assert sandbox.custom_send("o-anna", "骗" * 682 + "ab") == 0
    assert sandbox.custom_send("o-anna", "骗" * 683) == 45002
    assert sandbox.custom_send("o-anna", "") == 44004


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (b"{", 47001),
        (b"[]", 47001),
        (b'{"touser": "o-anna"}', 47001),
        (b'{"touser": "o-anna", "msgtype": "poem", "poem": {}}', 40008),
        (b'{"touser": "o-anna", "msgtype": "text", "text": "hello"}', 47001),
    ],
)
def test_malformed_sends(sandbox: Sandbox, body: bytes, errcode: int) -> None:
    sandbox.send("o-anna", text="在吗")
    url = sandbox.url + "/wechat-api/cgi-bin/message/custom/send"
    answer = sandbox.http.post(url, params={"access_token": sandbox.token()["access_token"]}, data=body, timeout=30)
    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)


def test_escaped_characters_are_shown_as_escapes_as_wechat_does(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    url = sandbox.url + "/wechat-api/cgi-bin/message/custom/send"
    raw = r'{"touser": "o-anna", "msgtype": "text", "text": {"content": "\u4f60好 \\u597d\u000a\"x\""}}'
    sandbox.http.post(url, params={"access_token": sandbox.token()["access_token"]}, data=raw.encode(), timeout=30)
    assert sandbox.bubbles("o-anna", "custom")[0]["text"] == '\\u4f60好 \\u597d\n"x"'


def test_an_error_code_for_so_many_calls(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    sandbox.post("/api/misbehave", custom_send={"errcode": -1, "times": 2})
    assert [sandbox.custom_send("o-anna", text) for text in "一二三"] == [-1, -1, 0]
    assert [bubble["text"] for bubble in sandbox.bubbles("o-anna", "custom")] == ["三"]


@pytest.mark.parametrize("deliver", [None, False])
def test_a_dropped_answer_says_nothing_about_the_delivery(sandbox: Sandbox, deliver: bool | None) -> None:
    sandbox.send("o-anna", text="在吗")
    sandbox.post("/api/misbehave", custom_send={"drop": True, "deliver": deliver, "times": 1})
    with pytest.raises(requests.ConnectionError):
        sandbox.custom_send("o-anna", "一")
    assert [bubble["text"] for bubble in sandbox.bubbles("o-anna", "custom")] == ([] if deliver is False else ["一"])


def test_a_delayed_message_arrives_though_the_caller_is_gone(sandbox: Sandbox) -> None:
    sandbox.send("o-anna", text="在吗")
    token = sandbox.token()["access_token"]
    sandbox.post("/api/misbehave", custom_send={"delay": 1.5, "times": 1})
    with contextlib.suppress(requests.ReadTimeout):
        sandbox.custom_send("o-anna", "一", token, timeout=0.3)
        pytest.fail("the answer was not delayed")
    assert [bubble["text"] for bubble in until(lambda: sandbox.bubbles("o-anna", "custom"))] == ["一"]
    assert sandbox.custom_send("o-anna", "二") == 0


def upload(sandbox: Sandbox, content: bytes, content_type: str) -> dict[str, Any]:
    files = {"file": ("a.bin", content, content_type)}
    answer = sandbox.http.post(sandbox.url + "/api/media", files=files, timeout=30)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


def download(sandbox: Sandbox, media_id: str, token: str = "") -> requests.Response:
    params = {"access_token": token or sandbox.token()["access_token"], "media_id": media_id}
    return sandbox.http.get(sandbox.url + "/wechat-api/cgi-bin/media/get", params=params, timeout=30)


def test_a_picture_comes_as_bytes_and_for_three_days(sandbox: Sandbox) -> None:
    media = upload(sandbox, PNG, "application/octet-stream")
    assert (media["kind"], media["content_type"]) == ("image", "image/png")
    answer = download(sandbox, media["media_id"])
    assert answer.content == PNG and answer.headers["Content-Type"] == "image/png"
    sandbox.clock.ahead += timedelta(days=3)
    assert download(sandbox, media["media_id"]).json()["errcode"] == 40007


def test_a_video_comes_as_an_address(sandbox: Sandbox) -> None:
    media = upload(sandbox, MP4, "video/mp4")
    address = download(sandbox, media["media_id"]).json()["video_url"]
    assert sandbox.http.get(address, timeout=30).content == MP4
    sandbox.post("/api/misbehave", media={"video_url": False})
    assert download(sandbox, media["media_id"]).content == MP4


def test_media_errors_come_as_json_under_200(sandbox: Sandbox) -> None:
    media = upload(sandbox, PNG, "image/png")
    sandbox.post("/api/misbehave", media={"errcode": -1, "times": 1})
    answer = download(sandbox, media["media_id"])
    assert (answer.status_code, answer.json()["errcode"]) == (200, -1)
    assert download(sandbox, "unknown").json()["errcode"] == 40007
    assert download(sandbox, media["media_id"], "made-up").json()["errcode"] == 40001


def test_what_a_browser_might_run_is_only_a_download(sandbox: Sandbox) -> None:
    media = upload(sandbox, b"<script>alert(1)</script>", "text/html")
    answer = sandbox.http.get(f"{sandbox.url}/api/media/{media['media_id']}", timeout=30)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"


def test_an_empty_upload_is_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    answer = sandbox.http.post(sandbox.url + "/api/media", files={"file": ("a.png", b"", "image/png")}, timeout=30)
    assert answer.status_code == 400
