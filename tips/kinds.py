"""What a tip is about: the kinds of the reward rules, told from the reporter's words or from what the tip names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from linkage.subjects import ACCOUNT, APP, PHONE, QQ, URL, WECHAT, Subject


class Kind(StrEnum):
    """诈骗电话、短信、网址、APP、账号, 两卡买卖, 窝点, 引流, 偷越国境, 其他."""

    PHONE = "phone"
    SMS = "sms"
    URL = "url"
    APP = "app"
    ACCOUNT = "account"
    CARDS = "cards"
    DEN = "den"
    LURING = "luring"
    BORDER = "border"
    OTHER = "other"


_CARDS = "(?:银行|电话|手机|电信|流量|信用|储蓄|对公)卡|两卡|电话号卡|对公账户|对公户|四件套|三件套|U盾|卡"
# In this order: what somebody does comes before what they do it with.
BY_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.BORDER,
        re.compile(r"偷渡|偷越|蛇头|非法出境|非法入境|走小路出境|(?:去|到|往|出境)[^，。]{0,6}(?:缅北|缅甸|妙瓦底)"),
    ),
    (
        Kind.CARDS,
        re.compile(
            rf"(?:收购?|买|卖|出租|出售|出借|租|借|办了?卖?)[^，。,;；]{{0,6}}(?:{_CARDS})(?!住)|(?:{_CARDS})[^，。,;；]{{0,4}}(?:买|卖|出租|收购)|跑分"
        ),
    ),
    (
        Kind.DEN,
        re.compile(
            r"窝点|据点|话务|机房|GOIP|猫池|多卡宝|(?:租房|出租屋|屋里|房里|楼里|宾馆|酒店|工作室|公司里)[^，。]{0,12}(?:打电话|骗|电脑|手机)",
            re.IGNORECASE,
        ),
    ),
    (
        Kind.LURING,
        re.compile(
            r"引流|吸粉|地推|拉(?:人)?(?:进|入)?群|拉人头|拉好友|进群送|扫码(?:送|领)|送(?:礼品|鸡蛋)[^，。]{0,8}(?:扫码|进群|加)"
        ),
    ),
    (Kind.SMS, re.compile(r"短信|信息说|发信息")),
    (Kind.APP, re.compile(r"(?<![A-Za-z])APP|软件|小程序", re.IGNORECASE)),
    (Kind.URL, re.compile(r"网址|网站|链接|网页")),
)
BY_SUBJECT = {
    URL: Kind.URL,
    APP: Kind.APP,
    PHONE: Kind.PHONE,
    ACCOUNT: Kind.ACCOUNT,
    QQ: Kind.ACCOUNT,
    WECHAT: Kind.ACCOUNT,
}
_CALLED = re.compile(r"电话|来电|打给")


def derive(text: str, subjects: Iterable[Subject] = ()) -> Kind | None:
    """The kind of a tip; None where nothing tells."""
    for kind, said in BY_WORDS:
        if said.search(text):
            return kind
    named = [BY_SUBJECT[subject.kind] for subject in subjects if subject.kind in BY_SUBJECT]
    if named:
        return named[0]
    return Kind.PHONE if _CALLED.search(text) else None
