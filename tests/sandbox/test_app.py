"""Who may use the sandbox, and how it is steered."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import chats, phones
from sandbox.app import create_app
from storage.settings import Mode, Settings, SettingsError
from tests.sandbox.conftest import Sandbox
from tests.sandbox.intake import Intake


def test_not_in_production(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="production"):
        create_app(settings.model_copy(update={"mode": Mode.PRODUCTION}))


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 403), ("10.0.0.1", 403)])
def test_only_this_machine(settings: Settings, peer: str, status: int) -> None:
    client = create_app(settings).test_client()
    for path in ("/", "/healthz", "/api/residents", "/wechat-api/cgi-bin/media/get", "/static/js/main.js"):
        with client.get(path, environ_base={"REMOTE_ADDR": peer}) as answer:
            assert answer.status_code == status


def test_other_sites_in_the_same_browser_are_refused(sandbox: Sandbox) -> None:
    def status(**headers: str) -> int:
        found: int = sandbox.http.delete(sandbox.url + "/api/state", headers=headers, timeout=30).status_code
        return found

    assert status(Origin="https://evil.example") == 403
    assert status(Host="evil.example") == 400
    assert status(Origin=sandbox.url) == 204


def test_every_answer_has_a_strict_policy(sandbox: Sandbox) -> None:
    for path in ("/", "/static/js/main.js", "/api/residents"):
        policy = sandbox.http.get(sandbox.url + path, timeout=30).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy


def test_nothing_is_inline() -> None:
    page = (Path(create_app.__code__.co_filename).parent / "templates" / "page.html").read_text()
    assert "<style" not in page and " style=" not in page and " onclick=" not in page
    assert page.count("<script") == page.count('<script type="module" src=')


def test_new_residents_have_ids_like_real_ones(sandbox: Sandbox) -> None:
    openids = {sandbox.post("/api/residents", channel="wechat")["id"] for _ in range(3)}
    numbers = [sandbox.post("/api/residents", channel="sms")["id"] for _ in range(2)]
    assert len(openids) == 3 and all(len(openid) == 28 for openid in openids)
    assert numbers == ["+8617000000001", "+8617000000002"]
    listing = sandbox.get("/api/residents")
    assert [one["name"] for one in listing["sms"]] == ["居民 1", "居民 2"]


def test_a_view_that_is_still_the_newest_is_not_sent_again(sandbox: Sandbox, intake: Intake) -> None:
    sandbox.send("o-anna", text="在吗")
    sandbox.send("o-bela", text="在吗")
    revision = sandbox.get("/api/wechat/o-anna")["revision"]
    path = f"{sandbox.url}/api/wechat/o-anna?revision={revision}"
    assert sandbox.http.get(path, timeout=30).status_code == 204
    sandbox.send("o-anna", text="还在吗")
    assert sandbox.http.get(path, timeout=30).status_code == 200


@pytest.mark.parametrize("path", ["/api/wechat/o-nobody", "/api/sms/+8617000000009", "/api/media/none"])
def test_unknown_is_404(sandbox: Sandbox, path: str) -> None:
    assert sandbox.http.get(sandbox.url + path, timeout=30).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/misbehave", {"unknown": {}}),
        ("/api/misbehave", {"custom_send": {"delay": -1}}),
        ("/api/misbehave", {"sms_send": {"errcode": 45047}}),
        ("/api/wechat/o-anna/send", {"kind": "poem"}),
        ("/api/sms/+8617000000001/send", {}),
        ("/api/residents", {"channel": "pigeon"}),
    ],
)
def test_bad_requests_say_which_field(sandbox: Sandbox, path: str, body: dict[str, object]) -> None:
    answer = sandbox.http.post(sandbox.url + path, json=body, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["field"]


def test_sections_are_set_one_by_one_and_taken_back_together(sandbox: Sandbox) -> None:
    sandbox.post("/api/misbehave", custom_send={"errcode": -1})
    active = sandbox.post("/api/misbehave", sms_send={"delay": 2})
    assert active == {"custom_send": {"errcode": -1}, "sms_send": {"delay": 2.0}}
    assert sandbox.http.delete(sandbox.url + "/api/misbehave", timeout=30).status_code == 204
    assert sandbox.get("/api/misbehave") == {}


def test_reset_forgets_all_but_the_token(sandbox: Sandbox, intake: Intake) -> None:
    token = sandbox.token()["access_token"]
    sandbox.send("o-anna", text="在吗")
    sandbox.post("/api/sms/+8617000000001/send", text="在吗")
    sandbox.http.delete(sandbox.url + "/api/state", timeout=30)
    assert sandbox.get("/api/residents") == {"wechat": [], "sms": []}
    assert sandbox.custom_send("o-anna", "在", token) == 40003
    sandbox.send("o-anna", text="在吗")
    assert sandbox.custom_send("o-anna", "在", token) == 0


def test_the_memory_is_bounded(sandbox: Sandbox, intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "MAX_CHATS", 2)
    monkeypatch.setattr(phones, "MAX_PHONES", 2)
    for name in ("o-anna", "o-bela", "o-anna", "o-cleo"):
        sandbox.send(name, text="在吗")
    assert [one["openid"] for one in sandbox.get("/api/residents")["wechat"]] == ["o-anna", "o-cleo"]
    for number in ("10000001", "10000002", "10000003"):
        sandbox.post(f"/api/sms/{number}/send", text="在吗")
    assert [one["number"] for one in sandbox.get("/api/residents")["sms"]] == ["10000002", "10000003"]
