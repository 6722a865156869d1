"""Sending by 云MAS and by the two SDKs, to a local server that plays the provider."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.channels.outcome import SendOutcome
from bot.channels.sms.adapter import Adapter, OutgoingSms
from bot.channels.sms.aliyun import AliyunAdapter
from bot.channels.sms.gate import CallbackGate
from bot.channels.sms.mas import MasAccount, MasAdapter
from bot.channels.sms.sending import TIMEOUT, Timeout, split_endpoint
from bot.channels.sms.tencent import TencentAdapter
from tests.channels.sms.operator import SECRET, SHORT, operator, own_certificate

GATE = CallbackGate(SECRET)
OUT = OutgoingSms("out-1", "+8617000000001", "请先停止转账。", "c-7", "20260001")
# The Tencent SDK 3.1 still calls utcfromtimestamp, which Python 3.12 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")


def mas(url: str, timeout: Timeout = TIMEOUT) -> Adapter:
    account = MasAccount(url + "/sms/norsubmit", "某单位", "ap", "geheim", "SIGN9", "01")
    return MasAdapter(GATE, account, "反诈专线", timeout=timeout)


def aliyun(url: str, timeout: Timeout = TIMEOUT) -> Adapter:
    return AliyunAdapter(GATE, "access-key", "access-secret", url, "反诈专线", "SMS_100000", timeout)


def tencent(url: str, timeout: Timeout = TIMEOUT) -> Adapter:
    return TencentAdapter(GATE, "secret-id", "secret-key", url, "ap-guangzhou", "1400", "反诈专线", "449739", timeout)


MAKERS: list[Callable[..., Adapter]] = [mas, aliyun, tencent]
TENCENT_OK = {"SendStatusSet": [{"SerialNo": "sn-1", "Code": "Ok", "Message": "send success"}], "RequestId": "r"}


def say(content: object) -> bytes:
    return json.dumps(content).encode()


def test_mas_sends_base64_json_with_the_vendors_mac() -> None:
    with operator(body=say({"rspcod": "success", "success": True, "msgGroup": "g-1"})) as peer:
        assert mas(peer.url).send(OUT) == SendOutcome("sent", "g-1", "")
    [heard] = peer.heard
    order = json.loads(base64.b64decode(heard.body, validate=True))
    content = "【反诈专线】请先停止转账。"
    assert heard.path == "/sms/norsubmit"
    assert order == {
        "ecName": "某单位",
        "apId": "ap",
        "secretKey": "geheim",
        "mobiles": "17000000001",
        "content": content,
        "sign": "SIGN9",
        "addSerial": "01",
        "mac": hashlib.md5(f"某单位apgeheim17000000001{content}SIGN901".encode(), usedforsecurity=False).hexdigest(),
    }


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, say({"rspcod": "IllegalMac", "success": False}), SendOutcome("failed", "IllegalMac", "")),
        (200, say({"rspcod": "success", "success": False}), SendOutcome("failed", "success", "")),
        (200, say({}), SendOutcome("failed", "rejected", "")),
        (200, b"[]", SendOutcome("unknown", "broken_answer", "")),
        (200, b"<html>", SendOutcome("unknown", "broken_answer", "")),
        (200, b"", SendOutcome("unknown", "broken_answer", "")),
        (404, b"", SendOutcome("failed", "http_404", "")),
        (502, b"<html>", SendOutcome("retry", "http_502", "")),
    ],
)
def test_what_mas_answers(status: int, body: bytes, outcome: SendOutcome) -> None:
    with operator(status=status, body=body) as peer:
        assert mas(peer.url).send(OUT) == outcome


def test_aliyun_sends_the_neutral_template_only() -> None:
    with operator(body=say({"Code": "OK", "Message": "OK", "BizId": "b-1", "RequestId": "r"})) as peer:
        assert aliyun(peer.url).send(OUT) == SendOutcome("sent", "b-1", "")
    [heard] = peer.heard
    assert {name: values[0] for name, values in heard.query.items()} == {
        "PhoneNumbers": "17000000001",
        "SignName": "反诈专线",
        "TemplateCode": "SMS_100000",
        "TemplateParam": '{"code": "20260001"}',
        "OutId": "out-1",
    }
    assert heard.headers["x-acs-action"] == "SendSms"
    assert heard.headers["Authorization"].startswith("ACS3-HMAC-SHA256 Credential=access-key,")
    assert "停止" not in str(heard)


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (
            200,
            {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发分钟级流控Permits:1"},
            SendOutcome("retry", "isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"),
        ),
        (200, {"Code": "isv.DAY_LIMIT_CONTROL"}, SendOutcome("failed", "isv.DAY_LIMIT_CONTROL", "")),
        (
            200,
            {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "17000000001invalid mobile number"},
            SendOutcome("failed", "isv.MOBILE_NUMBER_ILLEGAL", "…invalid mobile number"),
        ),
        (200, {}, SendOutcome("unknown", "broken_answer", "")),
        (200, [], SendOutcome("unknown", "broken_answer", "")),
        (400, {"Code": "InvalidAccessKeyId.NotFound"}, SendOutcome("failed", "InvalidAccessKeyId.NotFound", "")),
        (400, {"Code": "Throttling.User"}, SendOutcome("retry", "Throttling.User", "")),
        (429, {"Code": "Busy"}, SendOutcome("retry", "Busy", "")),
        (503, {"Code": "ServiceUnavailable"}, SendOutcome("retry", "ServiceUnavailable", "")),
        (500, {"Code": "Odd"}, SendOutcome("retry", "Odd", "")),
    ],
)
def test_what_aliyun_answers(status: int, content: object, outcome: SendOutcome) -> None:
    with operator(status=status, body=say(content)) as peer:
        assert aliyun(peer.url).send(OUT) == outcome
    assert len(peer.heard) == 1  # the SDK does not try again by itself


def test_a_gateways_page_instead_of_aliyuns_answer_leaves_it_open() -> None:
    with operator(status=502, body=b"<html>", content_type="text/html") as peer:
        assert aliyun(peer.url).send(OUT) == SendOutcome("unknown", "broken_answer", "")


def test_tencent_sends_the_neutral_template_only() -> None:
    with operator(body=say({"Response": TENCENT_OK})) as peer:
        assert tencent(peer.url).send(OUT) == SendOutcome("sent", "sn-1", "")
    [heard] = peer.heard
    assert json.loads(heard.body) == {
        "PhoneNumberSet": ["+8617000000001"],
        "SmsSdkAppId": "1400",
        "SignName": "反诈专线",
        "TemplateId": "449739",
        "TemplateParamSet": ["20260001"],
        "SessionContext": "out-1",
    }
    assert heard.headers["X-TC-Action"] == "SendSms"
    assert heard.headers["Authorization"].startswith("TC3-HMAC-SHA256 Credential=secret-id/")


def tencent_status(code: str) -> object:
    return {"Response": {"SendStatusSet": [{"Code": code, "Message": "m"}], "RequestId": "r"}}


def tencent_error(code: str) -> object:
    return {"Response": {"Error": {"Code": code, "Message": "m"}, "RequestId": "r"}}


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (200, tencent_status("InternalError.Timeout"), SendOutcome("unknown", "InternalError.Timeout", "m")),
        (200, tencent_status("InternalError.OtherError"), SendOutcome("retry", "InternalError.OtherError", "m")),
        (
            200,
            tencent_status("LimitExceeded.PhoneNumberThirtySecondLimit"),
            SendOutcome("retry", "LimitExceeded.PhoneNumberThirtySecondLimit", "m"),
        ),
        (
            200,
            tencent_status("FailedOperation.PhoneNumberInBlacklist"),
            SendOutcome("failed", "FailedOperation.PhoneNumberInBlacklist", "m"),
        ),
        (200, tencent_error("RequestLimitExceeded"), SendOutcome("retry", "RequestLimitExceeded", "")),
        (200, tencent_error("AuthFailure.SecretIdNotFound"), SendOutcome("failed", "AuthFailure.SecretIdNotFound", "")),
        (200, {"Response": {"RequestId": "r"}}, SendOutcome("unknown", "broken_answer", "")),
        (200, {"Response": {"SendStatusSet": [], "RequestId": "r"}}, SendOutcome("unknown", "broken_answer", "")),
        (200, {}, SendOutcome("unknown", "broken_answer", "")),
        (200, [], SendOutcome("unknown", "broken_answer", "")),
        (502, {}, SendOutcome("retry", "ServerNetworkError", "")),
    ],
)
def test_what_tencent_answers(status: int, content: object, outcome: SendOutcome) -> None:
    with operator(status=status, body=say(content)) as peer:
        assert tencent(peer.url).send(OUT) == outcome
    assert len(peer.heard) == 1


@pytest.mark.parametrize("make", MAKERS)
def test_a_closed_port_never_took_it(make: Callable[..., Adapter]) -> None:
    with operator() as peer:
        pass
    assert make(peer.url).send(OUT) == SendOutcome("retry", "not_connected", "")


@pytest.mark.parametrize("make", MAKERS)
def test_a_name_that_does_not_exist_never_took_it(make: Callable[..., Adapter]) -> None:
    assert make("http://nowhere.invalid").send(OUT) == SendOutcome("retry", "not_connected", "")


@pytest.mark.parametrize("make", MAKERS)
def test_a_certificate_nobody_trusts_gets_nothing(make: Callable[..., Adapter], tmp_path: Path) -> None:
    with operator(tls=own_certificate(tmp_path)) as peer:
        assert make(f"https://127.0.0.1:{peer.port}").send(OUT) == SendOutcome("retry", "not_connected", "")
    assert not peer.heard


@pytest.mark.parametrize("make", MAKERS)
def test_silence_leaves_it_open(make: Callable[..., Adapter]) -> None:
    with operator(silent=True) as peer:
        assert make(peer.url, timeout=SHORT).send(OUT) == SendOutcome("unknown", "read_timeout", "")
    assert len(peer.heard) == 1


@pytest.mark.parametrize("make", MAKERS)
def test_a_dropped_connection_leaves_it_open(make: Callable[..., Adapter]) -> None:
    with operator(drops=True) as peer:
        assert make(peer.url).send(OUT) == SendOutcome("unknown", "broken_answer", "")
    assert len(peer.heard) == 1


def test_the_outcome_is_the_same_while_another_error_is_handled() -> None:
    with operator(body=say(tencent_error("AuthFailure"))) as peer:
        try:
            raise TimeoutError
        except TimeoutError:
            outcome = tencent(peer.url).send(OUT)
    assert outcome == SendOutcome("failed", "AuthFailure", "")


@pytest.mark.parametrize(
    ("endpoint", "split"),
    [
        ("sms.tencentcloudapi.com", ("https", "sms.tencentcloudapi.com")),
        ("https://dysmsapi.aliyuncs.com/", ("https", "dysmsapi.aliyuncs.com")),
        ("http://127.0.0.1:8082", ("http", "127.0.0.1:8082")),
    ],
)
def test_an_endpoint_is_https_unless_it_says_otherwise(endpoint: str, split: tuple[str, str]) -> None:
    assert split_endpoint(endpoint) == split
