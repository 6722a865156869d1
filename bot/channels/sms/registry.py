"""Which providers this installation knows, from its settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.channels.sms.adapter import Adapter
from bot.channels.sms.gate import CallbackGate
from bot.channels.sms.generic import GenericAdapter
from bot.channels.sms.mas import MasAccount, MasAdapter
from storage.settings import REQUIRED_BY_PROVIDER, Settings, SettingsError

# At DEBUG these write URLs and requests, which hold residents' numbers.
_TALKATIVE = ("urllib3.connectionpool", "tencentcloud_sdk_common")


def build(settings: Settings) -> dict[str, Adapter]:
    """Every adapter whose settings are complete, by its name.

    Raises :class:`SettingsError` for settings that are complete but unusable.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        return {name: make(settings) for name, make in _MAKERS.items() if _complete(settings, name)}
    except ValueError as error:
        raise SettingsError(str(error)) from error


def sending(settings: Settings, adapters: Mapping[str, Adapter]) -> Adapter:
    """The adapter that ``HOTLINE_SMS_PROVIDER`` names. Raises :class:`SettingsError` when it is not set up."""
    try:
        return adapters[settings.sms_provider]
    except KeyError as error:
        raise SettingsError(f"HOTLINE_SMS_PROVIDER is {settings.sms_provider!r}, which is not set up") from error


def _complete(settings: Settings, provider: str) -> bool:
    return all(str(getattr(settings, key)).strip() for key in REQUIRED_BY_PROVIDER[provider])


def _gate(settings: Settings) -> CallbackGate:
    return CallbackGate(settings.sms_callback_secret, settings.sms_callback_peers)


def _generic(settings: Settings) -> Adapter:
    return GenericAdapter(
        settings.sms_generic_secret,
        settings.sms_generic_send_url,
        settings.sms_generic_freshness,
        settings.sms_signature,
    )


def _aliyun(settings: Settings) -> Adapter:
    from bot.channels.sms.aliyun import AliyunAdapter  # the SDK costs half a second and 30 MB: only where it is used

    return AliyunAdapter(
        _gate(settings),
        settings.sms_aliyun_access_key_id,
        settings.sms_aliyun_access_key_secret,
        settings.sms_aliyun_endpoint,
        settings.sms_aliyun_sign_name,
        settings.sms_aliyun_template,
    )


def _tencent(settings: Settings) -> Adapter:
    from bot.channels.sms.tencent import TencentAdapter  # an SDK as well

    return TencentAdapter(
        _gate(settings),
        settings.sms_tencent_secret_id,
        settings.sms_tencent_secret_key,
        settings.sms_tencent_endpoint,
        settings.sms_tencent_region,
        settings.sms_tencent_app_id,
        settings.sms_tencent_sign_name,
        settings.sms_tencent_template,
    )


def _mas(settings: Settings) -> Adapter:

    account = MasAccount(
        settings.sms_mas_url,
        settings.sms_mas_ec_name,
        settings.sms_mas_ap_id,
        settings.sms_mas_secret_key,
        settings.sms_mas_sign,
        settings.sms_mas_add_serial,
    )
    return MasAdapter(_gate(settings), account, settings.sms_signature)


_MAKERS: dict[str, Callable[[Settings], Adapter]] = {
    "generic": _generic,
    "aliyun": _aliyun,
    "tencent": _tencent,
    "mas": _mas,
}
