"""What WeChat's API answers mean: one table of error codes, and the exceptions and outcome its callers deal in.

Source of the codes: WeChat's "global return codes" and the pages of the calls we use. Every error comes with HTTP 200.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What an error code asks us to do."""

    RETRY = "retry"
    REFRESH = "refresh"  # the access token is no longer good: renew it once, then give up
    PERMANENT = "permanent"
    WINDOW_OVER = "window_over"
    BUDGET_USED = "budget_used"
    TOO_LONG = "too_long"
    QUOTA = "quota"
    IP_NOT_ALLOWED = "ip_not_allowed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One error code: what to do, a sentence for staff, a word for the log."""

    verdict: Verdict
    staff: str
    log: str


_TOKEN = "公众号接口凭证失效，系统换新后仍未成功，请联系管理员检查公众号设置。"  # noqa: S105  a sentence, not a secret
_ADDRESS = "本系统的网络地址不在公众号的白名单里，请管理员在公众平台添加。"
_LATER = "微信服务器繁忙，系统会自动重试。"
_RIGHT = "公众号没有发送客服消息的权限，请管理员在公众平台查看接口权限。"
_FORM = "消息格式不被微信接受，没有发出，请联系管理员。"
_ACCOUNT = "公众号的 AppID 或密钥不正确，请管理员核对设置。"
_MEDIA = "这份图片或语音在微信上已失效，可请对方再发一次。"

FACTS: dict[int, Fact] = {
    -1: Fact(Verdict.RETRY, _LATER, "system_busy"),
    45011: Fact(Verdict.RETRY, _LATER, "too_frequent"),
    40001: Fact(Verdict.REFRESH, _TOKEN, "token_invalid"),
    40014: Fact(Verdict.REFRESH, _TOKEN, "token_invalid"),
    42001: Fact(Verdict.REFRESH, _TOKEN, "token_expired"),
    45015: Fact(Verdict.WINDOW_OVER, "距对方上次来信太久，微信已不允许回复，请改用电话联系。", "window_over"),
    45047: Fact(Verdict.BUDGET_USED, "对方上次来信后的回复条数已用完，要等对方再次来信才能发送。", "budget_used"),
    45002: Fact(Verdict.TOO_LONG, "这条消息太长，没有发出，请分成几条再发。", "too_long"),
    45009: Fact(Verdict.QUOTA, "今天的微信接口次数已用完，请明天再发或改用电话联系。", "day_quota"),
    40164: Fact(Verdict.IP_NOT_ALLOWED, _ADDRESS, "ip_not_allowed"),
    89503: Fact(Verdict.IP_NOT_ALLOWED, "本系统的网络地址要由公众号管理员确认后才能使用。", "ip_to_confirm"),
    89506: Fact(Verdict.IP_NOT_ALLOWED, _ADDRESS, "ip_rejected"),
    89507: Fact(Verdict.IP_NOT_ALLOWED, _ADDRESS, "ip_rejected"),
    40003: Fact(Verdict.PERMANENT, "微信找不到这位用户，可能已取消关注，请改用电话联系。", "openid_invalid"),
    43004: Fact(Verdict.PERMANENT, "对方没有关注公众号，消息没有发出，请改用电话联系。", "not_following"),
    43101: Fact(Verdict.PERMANENT, "对方没有同意接收消息，消息没有发出，请改用电话联系。", "user_refuses"),
    48001: Fact(Verdict.PERMANENT, _RIGHT, "api_not_authorised"),
    48002: Fact(Verdict.PERMANENT, "对方关闭了接收公众号消息，请改用电话联系。", "user_blocks"),
    48004: Fact(Verdict.PERMANENT, "公众号的这个接口已被微信封禁，请管理员登录公众平台查看。", "api_banned"),
    50001: Fact(Verdict.PERMANENT, _RIGHT, "api_not_authorised"),
    50002: Fact(Verdict.PERMANENT, "公众号被微信限制使用，请管理员登录公众平台查看。", "account_limited"),
    40007: Fact(Verdict.PERMANENT, _MEDIA, "media_gone"),
    40013: Fact(Verdict.PERMANENT, _ACCOUNT, "app_id_invalid"),
    40125: Fact(Verdict.PERMANENT, _ACCOUNT, "secret_invalid"),
    40008: Fact(Verdict.PERMANENT, _FORM, "message_type_invalid"),
    40035: Fact(Verdict.PERMANENT, _FORM, "parameter_invalid"),
    41001: Fact(Verdict.PERMANENT, _FORM, "token_missing"),
    41006: Fact(Verdict.PERMANENT, _MEDIA, "media_id_missing"),
    44002: Fact(Verdict.PERMANENT, _FORM, "body_empty"),
    44004: Fact(Verdict.PERMANENT, "消息内容是空的，没有发出。", "content_empty"),
    47001: Fact(Verdict.PERMANENT, _FORM, "body_invalid"),
}
_UNLISTED = Fact(Verdict.PERMANENT, "微信没有接受这条消息，没有发出，请联系管理员。", "unlisted")


def fact(code: int) -> Fact:
    """What ``code`` (not 0) means; an unlisted code is permanent, for it is certain only that nothing was sent."""
    return FACTS.get(code, _UNLISTED)


class ApiError(Exception):
    """WeChat answered with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code} {fact(code).log}")
        self.code = code


class NoAnswer(Exception):
    """No usable answer came. ``reason`` is one word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSent(NoAnswer):
    """The request certainly had no effect: trying again is safe."""


class Uncertain(NoAnswer):
    """The request left us: it may or may not have had its effect."""


class SendStatus(StrEnum):
    """What became of an outgoing message. ``unknown``: it may have arrived, so it is not sent again by itself."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """``code`` is WeChat's error code, 0 where there is none; ``reason`` one word for the log, empty when sent."""

    status: SendStatus
    code: int = 0
    reason: str = ""

    @property
    def staff(self) -> str:
        """A Chinese sentence for staff; empty when sent."""
        if self.code:
            return fact(self.code).staff
        return _BY_STATUS[self.status]


_BY_STATUS = {
    SendStatus.SENT: "",
    SendStatus.RETRY: "暂时连不上微信，系统会自动重试。",
    SendStatus.FAILED: _UNLISTED.staff,
    SendStatus.UNKNOWN: "消息可能已经送达，但没有收到微信的确认；为免重复，系统没有再发。",
}
