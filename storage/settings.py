"""Every setting of the program, in one typed class.

Values come from environment variables with the prefix ``HOTLINE_`` or from a ``.env`` file; a given value
always wins over a generated one. ``docs/settings.md`` lists the same keys (a test compares the two).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Mode(StrEnum):
    """How the program was started: with a pretend outside world, or for real residents."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class SettingsError(Exception):
    """A setting is missing or unusable; the text names the setting and says what to do."""


class Settings(BaseSettings):
    """All keys. Times are seconds, sizes bytes, addresses URLs, unless a name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", env_file=".env", extra="ignore")

    mode: Mode = Field(Mode.SANDBOX, description="`sandbox` or `production`")
    data_dir: Path = Field(Path("data"), description="where the program keeps its files")
    database_url: str = Field("", description="PostgreSQL URL; empty: an embedded server")
    redis_url: str = Field("", description="Redis URL; empty: an embedded server")
    nlu_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="addresses of NLU servers, comma-separated; empty: one is started"
    )
    nlu_token: str = Field("", description="token the NLU servers demand")
    nlu_timeout: float = Field(1.5, description="seconds one message may wait for the model", gt=0)
    bind: str = Field("127.0.0.1", description="address the three web processes listen on")
    intake_port: int = Field(8080, description="port of the public intake")
    console_port: int = Field(8081, description="port of the staff console")
    sandbox_port: int = Field(8082, description="port of the sandbox")
    intake_workers: int = Field(2, description="intake processes", ge=1)
    intake_threads: int = Field(16, description="threads of one intake process", ge=1)
    trusted_proxies: int = Field(0, description="reverse proxies in front of the web processes", ge=0)
    console_https: bool = Field(False, description="console is reached by HTTPS: secure cookies, HSTS")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    data_key: str = Field("", description="base64 of 32 bytes: encrypts personal data; losing it loses the data")
    secret_key: str = Field("", description="signs the console's session cookies")
    admin_password: str = Field("", description="password of the first console login `admin`; empty: generated")

    wechat_app_id: str = Field("", description="AppID of the Official Account")
    wechat_app_secret: str = Field("", description="AppSecret of the Official Account")
    wechat_token: str = Field("", description="Token of the server configuration")
    wechat_aes_key: str = Field("", description="EncodingAESKey, 43 characters")
    wechat_token_previous: str = Field("", description="the Token before, during a rotation")
    wechat_aes_key_previous: str = Field("", description="the EncodingAESKey before, during a rotation")
    wechat_api_base: str = Field("https://api.weixin.qq.com", description="address of WeChat's API")
    wechat_freshness: int = Field(600, description="seconds a signed timestamp may differ from our clock", gt=0)
    wechat_passive_deadline: float = Field(
        4.5, description="seconds after receipt until which a reply still goes passively", gt=0, le=5
    )
    wechat_reply_limit: int = Field(5, description="customer-service messages per resident message")
    wechat_reply_window: int = Field(48 * 3600, description="seconds in which they may be sent")
    wechat_event_reply_limit: int = Field(3, description="customer-service messages after a menu click, follow, scan")
    wechat_event_reply_window: int = Field(60, description="seconds in which these may be sent")

    sms_provider: str = Field("generic", description="`generic`, `aliyun`, `tencent` or `mas`: who sends")
    sms_callback_secret: str = Field("", description="path secret of callbacks without authentication")
    sms_callback_peers: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="networks (CIDR) that may post these callbacks, comma-separated; empty: any"
    )
    sms_signature: str = Field("", description="signature in front of every outgoing text, without 【】")
    sms_generic_secret: str = Field("", description="HMAC secret of the generic provider")
    sms_generic_send_url: str = Field("", description="address the generic provider accepts texts at")
    sms_generic_freshness: int = Field(300, description="seconds a signed timestamp may differ from our clock")
    sms_aliyun_access_key_id: str = Field("", description="Aliyun AccessKey ID")
    sms_aliyun_access_key_secret: str = Field("", description="Aliyun AccessKey secret")
    sms_aliyun_endpoint: str = Field("dysmsapi.aliyuncs.com", description="Aliyun SMS endpoint")
    sms_aliyun_sign_name: str = Field("", description="Aliyun signature name")
    sms_aliyun_template: str = Field("", description="Aliyun template code, one parameter `code`")
    sms_tencent_secret_id: str = Field("", description="Tencent Cloud SecretId")
    sms_tencent_secret_key: str = Field("", description="Tencent Cloud SecretKey")
    sms_tencent_endpoint: str = Field("sms.tencentcloudapi.com", description="Tencent SMS endpoint")
    sms_tencent_region: str = Field("ap-guangzhou", description="Tencent Cloud region")
    sms_tencent_app_id: str = Field("", description="Tencent SmsSdkAppId")
    sms_tencent_sign_name: str = Field("", description="Tencent signature name")
    sms_tencent_template: str = Field("", description="Tencent template id, one parameter")
    sms_mas_url: str = Field("", description="address of 云MAS's send interface")
    sms_mas_ec_name: str = Field("", description="云MAS ecName")
    sms_mas_ap_id: str = Field("", description="云MAS apId")
    sms_mas_secret_key: str = Field("", description="云MAS secretKey")
    sms_mas_sign: str = Field("", description="云MAS signature code")
    sms_mas_add_serial: str = Field("", description="云MAS extension number")
    sms_join_timeout: int = Field(60, description="seconds to wait for the missing parts of a long text", gt=0)

    hotline_name: str = Field("反诈专线", description="how the hotline calls itself")
    office_hours: str = Field("", description="office hours in words, e.g. `每天 8:00–22:00`; empty: not stated")
    hotline_number: str = Field("", description="the hotline's own number, shown to residents; empty: not shown")
    reward_scheme: Path | None = Field(None, description="file of the reward scheme in force; empty: none")
    payee_keep_days: int | None = Field(
        None, description="days after a reward's payment until who received it is erased; empty: kept", ge=0
    )
    order_deadlines: Path | None = Field(
        None, description="file of the time limits of warning orders; empty: none, so no deadline is shown"
    )
    villages: Path | None = Field(
        None, description="file of the villages and communities; empty: `villages.yml` in the data folder, else none"
    )
    media_max_bytes: int = Field(20 * 1024 * 1024, description="largest media file kept as evidence")
    wecom_robot_url: str = Field("", description="webhook of the WeCom group robot that alerts staff; empty: none")
    dingtalk_robot_url: str = Field("", description="webhook of the DingTalk group robot; empty: none")
    dingtalk_robot_secret: str = Field(
        "", description="the DingTalk robot's signing secret (加签), SEC…; empty: unsigned"
    )
    fallback_contact: str = Field(
        "", description="district anti-fraud centre as staff should read it, name and number; empty: only 110 is named"
    )
    alert_after: int = Field(
        60, description="seconds a waiting conversation may go unanswered before staff see a warning"
    )

    @field_validator("nlu_urls", "sms_callback_peers", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("payee_keep_days", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return None if value == "" else value

    @property
    def sandbox(self) -> bool:
        """Whether the pretend outside world stands in for WeChat and the operator."""
        return self.mode is Mode.SANDBOX


# What production cannot run without, beside what the chosen SMS provider needs.
REQUIRED_IN_PRODUCTION = (
    "data_key",
    "secret_key",
    "nlu_token",
    "wechat_app_id",
    "wechat_app_secret",
    "wechat_token",
    "wechat_aes_key",
)
REQUIRED_BY_PROVIDER = {
    "generic": ("sms_generic_secret", "sms_generic_send_url"),
    "aliyun": (
        "sms_callback_secret",
        "sms_aliyun_access_key_id",
        "sms_aliyun_access_key_secret",
        "sms_aliyun_sign_name",
        "sms_aliyun_template",
    ),
    "tencent": (
        "sms_callback_secret",
        "sms_tencent_secret_id",
        "sms_tencent_secret_key",
        "sms_tencent_app_id",
        "sms_tencent_sign_name",
        "sms_tencent_template",
    ),
    "mas": (
        "sms_callback_secret",
        "sms_mas_url",
        "sms_mas_ec_name",
        "sms_mas_ap_id",
        "sms_mas_secret_key",
        "sms_mas_sign",
    ),
}


def missing_settings(settings: Settings) -> list[str]:
    """Names of the environment variables that production still needs; empty when complete."""
    if settings.sms_provider not in REQUIRED_BY_PROVIDER:
        return ["HOTLINE_SMS_PROVIDER"]
    needed = REQUIRED_IN_PRODUCTION + REQUIRED_BY_PROVIDER[settings.sms_provider]
    return [f"HOTLINE_{key.upper()}" for key in needed if not str(getattr(settings, key)).strip()]


def _generated(settings: Settings) -> dict[str, str]:
    """Sandbox secrets: made once, kept in the data folder, readable by the owner only."""
    path = settings.data_dir / "secrets.json"
    if path.exists():
        known: dict[str, str] = json.loads(path.read_text())
    else:
        known = {}
    wanted: dict[str, Callable[[], str]] = {
        "data_key": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
        "secret_key": lambda: secrets.token_hex(32),
        "nlu_token": lambda: secrets.token_hex(16),
        "admin_password": lambda: secrets.token_urlsafe(9),
        "wechat_app_id": lambda: "wx" + secrets.token_hex(8),
        "wechat_app_secret": lambda: secrets.token_hex(16),
        "wechat_token": lambda: secrets.token_hex(12),
        "wechat_aes_key": lambda: base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        "sms_generic_secret": lambda: secrets.token_hex(24),
        "sms_callback_secret": lambda: secrets.token_hex(32),
        "dingtalk_robot_secret": lambda: "SEC" + secrets.token_hex(32),
    }
    fresh = {key: make() for key, make in wanted.items() if key not in known}
    if fresh:
        known.update(fresh)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(known, out, indent=1)
        partial.replace(path)
    return {key: known[key] for key in wanted}


def load(**overrides: object) -> Settings:
    """Read the settings and complete or check them.

    In sandbox mode empty secrets are generated and empty addresses point at the sandbox. In production an
    empty secret raises :class:`SettingsError` naming every missing variable.
    """
    settings = Settings(**overrides)  # type: ignore[arg-type]
    settings.data_dir = settings.data_dir.expanduser().resolve()
    if settings.sandbox:
        base = f"http://127.0.0.1:{settings.sandbox_port}"
        defaults = {
            **_generated(settings),
            "wechat_api_base": base + "/wechat-api",
            "sms_generic_send_url": base + "/sms-operator/send",
            "wecom_robot_url": base + "/wecom/cgi-bin/webhook/send?key=sandbox",
            "dingtalk_robot_url": base + "/dingtalk/robot/send?access_token=sandbox",
        }
        for key, value in defaults.items():
            given = key in settings.model_fields_set and str(getattr(settings, key)).strip()
            if not given:
                setattr(settings, key, value)
    else:
        missing = missing_settings(settings)
        if missing:
            raise SettingsError("production mode: these settings are empty: " + ", ".join(missing))
        _check_keys(settings)
    return settings


def _check_keys(settings: Settings) -> None:
    try:
        good = len(base64.b64decode(settings.data_key, validate=True)) == 32
    except ValueError:
        good = False
    if not good:
        raise SettingsError("HOTLINE_DATA_KEY must be base64 of exactly 32 bytes")
    if len(settings.wechat_aes_key) != 43:
        raise SettingsError("HOTLINE_WECHAT_AES_KEY must have 43 characters")


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process, loaded once."""
    return load()
