"""What a resident wrote, without what tells who they or others are: names, numbers, links. Amounts and times stay.

For training data only. It hides a word too much rather than one too little, and it cannot know every name: whoever
labels a message sees this text, and it is this text that is exported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from nlu.entities import extract
from nlu.entities.folding import fold
from nlu.types import Entity

PHONE, CARD, LINK, ACCOUNT, NAME, SOMEBODY = "17000000000", "6222000000000000", "example.com", "wx0000", "某某", "某"
_ROUNDS = 4
_LONG_RUN = re.compile(r"\d{10,}")  # more digits than a sum of money has
_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))  # only where a time stands matters here
# Short numbers of the state and of companies, known to everybody.
_PUBLIC = re.compile(r"1(?:10|19|20|22|14)|96110|12[13]\d{2}|1234\d|100(?:00|10|86|99)|95\d{3}")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")
_CJK = "\u3400-\u9fff"
_EDGE = r"[\s,.:;!?。、，：；！？…—()（）【】\"'“”‘’]"
_MAIL = re.compile(r"[a-z0-9._%+-]+\s?@\s?[a-z0-9-]+(?:\s?\.\s?[a-z0-9-]+)+")
_ID_NUMBER = re.compile(
    r"(?<!\d)[1-8]\d{5}[ -]?(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ -]?\d{3}[\dx](?![\da-z])"
)
_LONG = re.compile(  # ten digits and more, and no date
    r"(?<!\d)(?<!\d[ .-])(?!(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}(?!\d))\d(?:[ .-]?\d){9,}"
)
_CODE = re.compile(r"(?<![0-9a-z])(?:[0-9a-z]{4}[-—–_ ]?){2}[0-9a-z]{3}[-—–_ ]?[0-9a-z]{3}(?![0-9a-z])")
_HANDLE = re.compile(
    r"(?:微信|weixin|wx|vx|v信|薇信|qq|扣扣|抖音|快手|支付宝|账号|帐号|账户|id|用户名|号码|号)(?:号码?)?\s*(?:是|为|[:：])?\s*"
    r"(?P<handle>[a-z0-9][a-z0-9_-]{4,})"
)
_TOKEN = re.compile(r"(?<![0-9a-z])(?=[0-9a-z_-]*\d)(?=[0-9a-z_-]*[a-z])[0-9a-z][0-9a-z_-]{6,}(?![0-9a-z])")
_DIGITS = re.compile(r"\d(?:[ \-—–.·_()*/]{0,2}\d){6,}x?|\d{5,}x?")
_MORE_DIGITS = re.compile(r"(?:[ .-]?\d)+")
_SAID = "零〇○一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_SPOKEN = re.compile(rf"[{_SAID}](?:[\s,，、-]?[{_SAID}]){{4,}}")
_SAID_DIGITS = str.maketrans(_SAID, "00012345678912123456789")
_KINDS = {"phone": PHONE, "bank_card": CARD, "url": LINK}


@dataclass(frozen=True, slots=True)
class _Names:
    """Patterns of names, from ``anonymise.yml``; the group ``name`` is what is hidden."""

    introduced: re.Pattern[str]
    titled: re.Pattern[str]
    familiar: re.Pattern[str]
    free: re.Pattern[str]


def training_text(text: str, known: Iterable[str] = ()) -> str:
    """One line without personal values; ``known``: names the records hold, hidden wherever they stand. Never raises."""
    text = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())
    for name in sorted({name.strip() for name in known}, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, NAME)
    text = _without_numbers(text)
    return _without_names(text)


def _without_numbers(text: str) -> str:
    """No phones, cards, links or whatever else looks like somebody's number; what is hidden may make a longer one."""
    for _ in range(_ROUNDS):
        shown, text = text, _with_numbers_hidden(text)
        if text == shown:
            break
    return text


def _with_numbers_hidden(text: str) -> str:
    hidden: list[tuple[int, int, str]] = []
    taken = bytearray(len(text))
    for start, end, shown in _numbers(text, fold(text)):
        if start < end and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            hidden.append((start, end, shown))
    for start, end, shown in sorted(hidden, reverse=True):
        text = text[:start] + shown + text[end:]
    return text


def _numbers(text: str, folded: str) -> Iterator[tuple[int, int, str]]:
    """What stands where and becomes what; where two overlap the earlier counts. Sums and times become themselves."""
    for found in _MAIL.finditer(folded):
        yield *found.span(), f"name@{LINK}"
    for found in _ID_NUMBER.finditer(folded):
        yield *found.span(), _zeros(found.group())
    entities = extract(text, _ANY_MOMENT)
    for entity in entities:
        if entity.type in _KINDS:
            yield entity.start, _end(entity, folded), _shown(entity)
    for found in _LONG.finditer(folded):
        yield *found.span(), _zeros(found.group())
    for entity in entities:
        yield entity.start, entity.end, _shown(entity)
    yield from _other_numbers(folded, text)


def _zeros(number: str) -> str:
    return re.sub(r"[\da-z]", "0", number)


def _end(entity: Entity, folded: str) -> int:
    """Where an entity ends; digits that follow a short phone number belong to it."""
    more = _MORE_DIGITS.match(folded, entity.end)
    return more.end() if more and entity.type == "phone" and len(entity.value) < len(PHONE) else entity.end


def _shown(entity: Entity) -> str:
    """What an entity becomes: what is nobody's stays."""
    if entity.type not in _KINDS:
        return _zeros(entity.text) if _LONG_RUN.search(entity.text) else entity.text
    if entity.type == "phone" and _PUBLIC.fullmatch(entity.value):
        return entity.text
    return _KINDS[entity.type]


def _other_numbers(folded: str, text: str) -> Iterator[tuple[int, int, str]]:
    for found in _HANDLE.finditer(folded):
        yield *found.span("handle"), ACCOUNT
    for pattern in (_CODE, _TOKEN):
        for found in pattern.finditer(folded):
            if any(char.isdigit() for char in found.group()):
                yield *found.span(), _zeros(found.group())
    for found in _DIGITS.finditer(folded):
        if not _PUBLIC.fullmatch(found.group()):
            yield *found.span(), _zeros(found.group())
    for found in _SPOKEN.finditer(text):
        if not _PUBLIC.fullmatch(found.group().translate(_SAID_DIGITS)):
            yield *found.span(), re.sub(f"[{_SAID}]", "零", found.group())


def _without_names(text: str) -> str:
    names = _names()
    text = names.introduced.sub(lambda found: _hide(found, NAME), text)
    text = names.titled.sub(lambda found: _hide(found, SOMEBODY), text)
    text = names.familiar.sub(lambda found: _hide(found, SOMEBODY), text)
    return names.free.sub(lambda found: _hide(found, NAME), text)


def _hide(found: re.Match[str], shown: str) -> str:
    start, end = found.span("name")
    return found.group()[: start - found.start()] + shown + found.group()[end - found.start() :]


@lru_cache(maxsize=1)
def _names() -> _Names:
    data = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    common, other = ("".join(data[key].split()) for key in ("surnames", "ambiguous"))
    compound, no_names, titles, after = (
        "|".join(sorted(data[key].split(), key=len, reverse=True))
        for key in ("compound", "no_names", "titles", "after")
    )
    given = f"(?:(?![{re.escape(''.join(data['not_in_names'].split()))}])[{_CJK}])"
    any_surname = f"(?!{no_names})(?:{compound}|[{common}{other}])"
    sure = f"(?!{no_names})(?:{compound}|[{common}])"
    begins = "|".join(["^", f"(?<={_EDGE})", *(f"(?<={word})" for word in data["before"].split())])
    ends = f"(?=$|{_EDGE}|{after})"
    return _Names(
        introduced=re.compile(f"(?:{'|'.join(data['introduced'])})(?P<name>{any_surname}{given}{{1,2}})"),
        titled=re.compile(
            f"(?<![谢基宿扮])(?P<name>{sure}{given}{{0,2}}?|(?!{no_names})[{other}])(?:{titles})(?![额共数计之])"
        ),
        familiar=re.compile(f"[小老阿](?P<name>[{common}]){ends}"),
        free=re.compile(f"(?:{begins})(?P<name>{sure}{given}{{1,2}}){ends}"),
    )
