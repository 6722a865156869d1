"""One running hotline for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.records import Records
from tests.e2e.residents import Sandbox
from tests.e2e.stack import Stack

HERE = Path(__file__).parent
MEDIA_LIMIT = 100_000  # bytes
JOIN_TIMEOUT = 3  # seconds a missing part of a long text is waited for
# Made up: what the two cloud providers need before their callbacks are taken.
PROVIDERS = {
    "SMS_ALIYUN_ACCESS_KEY_ID": "made-up-id",
    "SMS_ALIYUN_ACCESS_KEY_SECRET": "made-up-secret",
    "SMS_ALIYUN_SIGN_NAME": "示例",
    "SMS_ALIYUN_TEMPLATE": "SMS_0000",
    "SMS_TENCENT_SECRET_ID": "made-up-id",
    "SMS_TENCENT_SECRET_KEY": "made-up-secret",
    "SMS_TENCENT_APP_ID": "0000",
    "SMS_TENCENT_SIGN_NAME": "示例",
    "SMS_TENCENT_TEMPLATE": "0000",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives the whole; the first test also waits for the start, training included."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(500))


@pytest.fixture(scope="session")
def hotline() -> Iterator[Stack]:
    """The running hotline, ended when all tests are done."""
    stack = Stack(SMS_JOIN_TIMEOUT=str(JOIN_TIMEOUT), MEDIA_MAX_BYTES=str(MEDIA_LIMIT), **PROVIDERS)
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        left = stack.stop()
    assert not left, f"processes were left behind: {left}\n{stack.process.returncode=}"
    assert stack.process.returncode == 0


@pytest.fixture(scope="session")
def _sandbox(hotline: Stack) -> Iterator[Sandbox]:
    sandbox = Sandbox(hotline.url("sandbox"))
    yield sandbox
    sandbox.close()


@pytest.fixture
def sandbox(_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The pretend outside world, well behaved before and after each test."""
    _sandbox.behave()
    yield _sandbox
    _sandbox.behave()


@pytest.fixture(scope="session")
def records(hotline: Stack) -> Records:
    """What the hotline knows."""
    return Records(hotline)
