"""Phone numbers, bank card numbers and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nlu.types import Entity

_PHONE: Final = re.compile(
    r"(?<![\d+])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d|[- ]\d{4})"
    r"|(?<![\d+])(?:\+?86[- ]?)?1[3-9](?:[- ]\d{2,4}){3}(?!\d)"
    r"|(?<![\d] )(?<!\d)1 [3-9](?: \d){9}(?! ?\d)"
    r"|(?<![\d+])\(?0(?:10|2\d|[3-9]\d{2})\)?[- ]?\d{7,8}(?:-\d{1,4})?(?!\d)"
    r"|(?<!\d)[48]00[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)"
    r"|(?<![\d.¥￥了走掉钱,、])(?:95\d{3,6}|100(?:86|10)|1010\d{4}|106\d{6,12})(?![\d.元块万千])"
    r"|(?<!\d)(?:\+|00)(?!86)[1-9]\d{0,2}[- ]?\d{3,4}[- ]?\d{3,4}[- ]?\d{0,4}(?!\d)"
)
_SPOKEN: Final = re.compile(
    r"(?<![一二三四五六七八九零幺])[幺一][三四五六七八九][零一二三四五六七八九幺]{9}(?![零一二三四五六七八九幺])"
)
_SPOKEN_DIGITS: Final = str.maketrans("零一二三四五六七八九幺", "01234567891")
_LOCAL: Final = re.compile(r"(?:电话|座机|号码|打)[^\d\n]{0,4}(?<!\d)([2-8]\d{2,3}[- ]?\d{4})(?!\d|[元块万千])")


def phones(text: str) -> Iterator[Entity]:
    """Mobile (11 digits), fixed, 400/800, 95xxx and foreign (with +) numbers in folded ``text``."""
    for found in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if digits.startswith("86") and len(digits) == 13:
            digits = digits[2:]
        foreign = found.group().startswith(("+", "00")) and len(digits) != 11
        value = "+" + digits.removeprefix("00") if foreign else digits
        yield Entity("phone", found.group(), *found.span(), value)
    for found in _SPOKEN.finditer(text):
        yield Entity("phone", found.group(), *found.span(), found.group().translate(_SPOKEN_DIGITS))
    for found in _LOCAL.finditer(text):
        yield Entity("phone", found.group(1), *found.span(1), re.sub(r"\D", "", found.group(1)))


_CARD: Final = re.compile(r"(?<![\d./-])\d(?:[ -]?\d){14,18}(?![\d/-]|[ ]\d)")
_ACCOUNT: Final = re.compile(r"(?:卡号|账号|帐号|账户|帐户|收款人?|尾号|银行卡)[^\d\n]{0,8}(\d(?:[ -]?\d){8,29})(?!\d)")
_ID_NUMBER: Final = re.compile(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx]")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number holds (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def bank_cards(text: str) -> Iterator[Entity]:
    """Card numbers of 15 to 19 digits, and whatever is called an account number; wrong ones are flagged."""
    for pattern, group in ((_ACCOUNT, 1), (_CARD, 0)):
        for found in pattern.finditer(text):
            digits = re.sub(r"\D", "", found.group(group))
            if _MOBILE.fullmatch(digits) or _ID_NUMBER.fullmatch(digits) or len(set(digits)) == 1:
                continue
            valid = 15 <= len(digits) <= 19 and luhn(digits)
            yield Entity("bank_card", found.group(group), *found.span(group), digits, valid=valid)


_TLD: Final = (
    "com|cn|net|org|top|vip|cc|xyz|info|me|io|co|app|shop|site|online|club|icu"
    "|link|live|pro|wang|tv|biz|ltd|fun|win|bid|"
    "work|store|tech|space|website|ink|cyou|buzz|gov|edu|mobi|asia|hk|tw|us|uk"
    "|ru|jp|kr|in|la|ph|kh|mm|example|test|one|"
    "life|today|group|cloud|finance|loan|bet|bar|ren|red|pub|zone|plus|click|wiki|so|gg|ly|im|to|pw|tk|ml|ga|cf|gq"
)
_DOT: Final = (
    r"(?:\.|\s?[点。]\s?(?=(?:com|example|cn|net|top|vip|cc|xyz|org|[a-z0-9-]{2,30}[点.。](?:com|example"
    r"|cn|net|top|vip|cc|xyz|org))(?![a-z]))|\s?[\[(【]\s?[.点]\s?[\])】]\s?|\s?\bdot\b\s?)"
)
_PATH: Final = r"(?::\d{2,5})?(?:[/?#][a-z0-9\-._~:/?#\[\]@!$&'*+;=%]*)?"
_URL: Final = re.compile(
    rf"(?<![a-z0-9@.])(?:(?:https?|hxxps?|ftp)\s?:\s?/\s?/\s?)?(?:[a-z0-9](?:[a-z0-9-]{{0,62}}){_DOT}){{1,6}}(?:{_TLD})(?![a-z0-9-]){_PATH}"
    rf"|(?<![a-z0-9@.])(?:https?|hxxps?)\s?:\s?/\s?/\s?[a-z0-9.\-一-龥]{{1,100}}{_PATH}"
    rf"|(?<![a-z0-9@.])(?:https?://)?(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]"
    rf"|2[0-4]\d|1?\d?\d)){{3}}(?![\d.]){_PATH}"
)
_SCHEME: Final = re.compile(r"^(?:https?|hxxps?|ftp)\s?:\s?/\s?/\s?")
_TAIL: Final = ".,!?;:)]}'\"*"


def urls(text: str) -> Iterator[Entity]:
    """Links with or without scheme, obfuscated dots included; the value is host + path."""
    for found in _URL.finditer(text):
        surface = found.group().rstrip(_TAIL)
        host = _SCHEME.sub("", surface)
        head, slash, path = host.partition("/")
        head = re.sub(r"\s*(?:\[\.\]|\(\.\)|【[.点]】|\[点\]|\(点\)|\bdot\b|[点。])\s*", ".", head)
        yield Entity(
            "url", surface, found.start(), found.start() + len(surface), re.sub(r"\s", "", head) + slash + path
        )
