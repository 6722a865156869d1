"""The pretend group robots check what the real ones check."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox

TEXT: dict[str, Any] = {"msgtype": "text", "text": {"content": "止付单 ZF100001"}}


def wecom(sandbox: Sandbox, body: Any = TEXT, key: str = "sandbox") -> int:
    answer = sandbox.http.post(f"{sandbox.url}/wecom/cgi-bin/webhook/send", params={"key": key}, json=body, timeout=10)
    assert answer.status_code == 200
    code: int = answer.json()["errcode"]
    return code


def dingtalk(sandbox: Sandbox, secret: str = "", age: int = 0, access: str = "sandbox") -> int:
    secret = secret or sandbox.settings.dingtalk_robot_secret
    stamp = str((int(time.time()) - age) * 1000)
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    query = {"access_token": access, "timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    answer = sandbox.http.post(f"{sandbox.url}/dingtalk/robot/send", params=query, json=TEXT, timeout=10)
    assert answer.status_code == 200
    code: int = answer.json()["errcode"]
    return code


def arrived(sandbox: Sandbox, name: str) -> list[str]:
    return [post["text"] for post in sandbox.get("/api/robots")[name] if post["arrived"]]


def test_what_arrives_and_what_is_refused(sandbox: Sandbox) -> None:
    assert wecom(sandbox) == 0
    assert wecom(sandbox, key="other") == 93000
    assert wecom(sandbox, body={"msgtype": "text"}) == 40008
    assert wecom(sandbox, body=["x"]) == 40008
    assert arrived(sandbox, "wecom") == ["止付单 ZF100001"]
    assert dingtalk(sandbox) == 0
    assert dingtalk(sandbox, secret="SECother") == 310000
    assert dingtalk(sandbox, age=3700) == 310000
    assert dingtalk(sandbox, access="other") == 300001
    assert arrived(sandbox, "dingtalk") == ["止付单 ZF100001"]


def test_twenty_a_minute(sandbox: Sandbox) -> None:
    assert [wecom(sandbox) for _ in range(21)] == [0] * 20 + [45009]


def test_told_to_fail(sandbox: Sandbox) -> None:
    sandbox.post("/api/misbehave", wecom={"errcode": -1, "times": 1}, dingtalk={"drop": True, "times": 1})
    assert wecom(sandbox) == -1
    with pytest.raises(requests.ConnectionError):
        dingtalk(sandbox)
    assert (arrived(sandbox, "wecom"), len(arrived(sandbox, "dingtalk"))) == ([], 1)
    assert (wecom(sandbox), dingtalk(sandbox)) == (0, 0)
    sandbox.http.delete(f"{sandbox.url}/api/state", timeout=10)
    assert sandbox.get("/api/robots") == {"wecom": [], "dingtalk": []}
