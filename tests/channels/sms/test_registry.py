"""Which adapters an installation gets from its settings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.channels.sms.registry import build, sending
from storage.settings import Settings, SettingsError
from tests.channels.sms.operator import NOW, SECRET, post

GENERIC = {"sms_generic_secret": "s", "sms_generic_send_url": "http://127.0.0.1:9"}
CLOUD = {
    "sms_callback_secret": SECRET,
    "sms_aliyun_access_key_id": "a",
    "sms_aliyun_access_key_secret": "b",
    "sms_aliyun_sign_name": "c",
    "sms_aliyun_template": "d",
    "sms_tencent_secret_id": "a",
    "sms_tencent_secret_key": "b",
    "sms_tencent_app_id": "c",
    "sms_tencent_sign_name": "d",
    "sms_tencent_template": "e",
    "sms_mas_url": "http://127.0.0.1:9",
    "sms_mas_ec_name": "a",
    "sms_mas_ap_id": "b",
    "sms_mas_secret_key": "c",
    "sms_mas_sign": "d",
}


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[call-arg, arg-type]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, []),
        (GENERIC, ["generic"]),
        (GENERIC | {"sms_callback_secret": SECRET}, ["generic"]),
        (GENERIC | {"sms_generic_secret": "  "}, []),
        (CLOUD, ["aliyun", "tencent", "mas"]),
        (GENERIC | CLOUD | {"sms_tencent_template": ""}, ["generic", "aliyun", "mas"]),
    ],
)
def test_only_complete_providers_exist(given: dict[str, object], names: list[str]) -> None:
    adapters = build(settings(**given))
    assert list(adapters) == names
    assert all(adapter.name == name for name, adapter in adapters.items())


def test_the_sending_adapter_is_the_named_one() -> None:
    chosen = settings(**GENERIC, **CLOUD, sms_provider="mas")
    assert sending(chosen, build(chosen)).name == "mas"
    for provider in ("aliyun", "pigeon"):
        other = settings(**GENERIC, sms_provider=provider)
        with pytest.raises(SettingsError, match="HOTLINE_SMS_PROVIDER"):
            sending(other, build(other))


@pytest.mark.parametrize("broken", [{"sms_callback_secret": "short"}, {"sms_callback_peers": "everyone"}])
def test_unusable_settings_are_named(broken: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        build(settings(**CLOUD | broken))


def test_peers_and_freshness_come_from_the_settings() -> None:
    adapters = build(settings(**GENERIC, **CLOUD, sms_callback_peers="203.0.113.0/24, 198.51.100.1"))
    for peer in ("203.0.113.9", "198.51.100.1"):
        assert adapters["tencent"].receive(post(b"{}", peer=peer, now=NOW)).items


def test_the_sdks_are_loaded_only_where_they_are_used() -> None:
    code = (
        "import sys; from bot.channels.sms.registry import build; from storage.settings import Settings\n"
        "build(Settings(_env_file=None, sms_generic_secret='s', sms_generic_send_url='http://127.0.0.1:9'))\n"
        "print([name for name in sys.modules if name.startswith(('alibabacloud', 'tencentcloud'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
