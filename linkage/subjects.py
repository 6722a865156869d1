"""What tips, stop cards and questions point at, in one normal form: phones, links, accounts, QQ, WeChat ids, apps.

Spaces, full width, spoken digits and +86 are undone by :mod:`nlu.entities`; here a link becomes its registered domain
(Public Suffix List) and names of accounts are told apart.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from nlu.types import Entity

PHONE, URL, ACCOUNT, QQ, WECHAT, APP = "phone", "url", "bank_card", "qq", "wechat", "app"
LONGEST = 200  # characters of one subject
MOST = 200  # subjects of one record
# Everybody's numbers and pages: who names them points at nobody.
_PUBLIC_PHONES = re.compile(r"1(?:10|19|20|22)|12\d{3}|96110|95\d{3}|100(?:00|10|86)")
# A domain of these stands for many owners, so the whole link is the subject.
_SHORTENERS = frozenset("t.cn url.cn dwz.cn suo.im sourl.cn u.nu bit.ly t.co tinyurl.com is.gd w.url.cn".split())
_QQ = re.compile(r"(?:QQ|扣扣|企鹅号?)群?[号:： 是加]*(\d{5,12})(?!\d)", re.IGNORECASE)
# Apps with a name of their own; 微信 or 腾讯会议 in a story point at nobody.
_APP = re.compile(
    r"(?:APP|软件|平台|应用)(?:名字|名称|名)?(?:叫做?|是叫|名为|叫)[“”\"「《]?([A-Za-z0-9\u4e00-\u9fa5]{2,12})"
    r"|[“”\"「《]([A-Za-z0-9\u4e00-\u9fa5 ]{2,16})[“”\"」》](?:这个|的)?(?:APP|软件|平台|应用)",
    re.IGNORECASE,
)
_WECHAT = re.compile(
    r"(?:微信|VX|V信|薇信|威信|卫星号?)群?[号:： 是加]*([A-Za-z][-_A-Za-z0-9]{5,19}|\d{6,12})(?![-_A-Za-z0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing a record points at. ``kind``: phone, url, bank_card, qq, wechat or app; ``value`` in normal form."""

    kind: str
    value: str


def normal(kind: str, value: str) -> Subject | None:
    """The subject of a value as somebody wrote it; None where it points at nobody."""
    value = unicodedata.normalize("NFKC", value).strip()
    if kind == URL:
        value = registered(value)
    elif kind == PHONE:
        value = re.sub(r"[^\d+]", "", value)
        value = value[3:] if re.fullmatch(r"\+861\d{10}", value) else value
        if _PUBLIC_PHONES.fullmatch(value):
            return None
    else:
        value = re.sub(r"[\s-]", "", value) if kind == ACCOUNT else value
        value = value.casefold()
    return Subject(kind, value[:LONGEST]) if value else None


def registered(link: str) -> str:
    """The registered domain of a link ("a.b.example.com/x" → "example.com"); an address or a shortened link whole."""
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", link.strip(), flags=re.IGNORECASE)
    host, _, path = bare.partition("/")
    host = host.rpartition("@")[2].partition(":")[0].rstrip(".").casefold()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    domain = _suffixes().privatesuffix(host) or host
    return f"{domain}/{path}".rstrip("/") if domain in _SHORTENERS and path else domain


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def subjects_of(text: str, entities: Iterable[object]) -> tuple[Subject, ...]:
    """Everything a message points at, each once, in the order of the text's entities; names of accounts last."""
    found = [
        normal(entity.type, entity.value or entity.text)
        for entity in entities
        if isinstance(entity, Entity) and entity.type in (PHONE, URL, ACCOUNT)
    ]
    found += [normal(QQ, one) for one in _QQ.findall(text)]
    found += [normal(WECHAT, one) for one in _WECHAT.findall(text)]
    found += [normal(APP, one or other) for one, other in _APP.findall(text)]
    return tuple(dict.fromkeys(subject for subject in found if subject is not None))[:MOST]
