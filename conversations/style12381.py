"""Outgoing SMS in the style of the national warning number 12381: nothing a fraudster's text would have.

No links, no numbers but 110, 96110 and the hotline's own, and never a request for codes, cards, passwords or ID.
"""

from __future__ import annotations

import re
import unicodedata

ALLOWED = frozenset({"110", "96110"})

# What staff read when a text breaks a rule.
LINK = "短信里不能有网址或链接"
NUMBER = "短信里只能出现 110、96110 和本热线的号码"
REQUEST = "短信里不能索要验证码、密码、银行卡号或身份证号"

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]?")
_CLAUSE = re.compile(r"[，,：:。！？!?；;\n]")
_LINK = re.compile(
    r"https?:|www\.|://|[a-z0-9-]+\.(?:[a-z0-9-]+\.)*[a-z]{2,}(?![a-z])|\.(?:中国|公司|网络)|\d{1,3}(?:\.\d{1,3}){3}",
    re.IGNORECASE,
)
_UNIT = r"(?!\s*(?:[元块万亿千百角分年月日天时点秒个人名次条笔件份张位岁周%]|小时))"
_AMOUNT_BEFORE = r"(?<![\d.,¥])"
# Numbers one can dial, by their form; amounts, dates and codes of ours do not have it.
_DIALLED = (
    re.compile(r"\+\d[\d \-]{5,}\d"),
    re.compile(_AMOUNT_BEFORE + r"1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)"),
    re.compile(_AMOUNT_BEFORE + r"(?:400|800)[ \-]?\d{3,4}[ \-]?\d{3,4}(?!\d)"),
    re.compile(_AMOUNT_BEFORE + r"0\d{2,3}[ \-]?\d{7,8}(?!\d)"),
    re.compile(_AMOUNT_BEFORE + r"106\d{5,}"),
    re.compile(_AMOUNT_BEFORE + r"(?:95\d{3,6}|96\d{3,4}|100\d{2}|12\d{3}|11\d|12[0-2])(?!\d|[.,]\d)" + _UNIT),
    re.compile(r"(?:拨打|致电|回拨|电话|热线|客服|短信至|发送至)[是为:\s]*(\d[\d \-]+\d)(?!\d)" + _UNIT),
)
_WANTED = re.compile(r"验证码|校验码|动态码|动态口令|密码|口令|卡号|身份证|证件号|CVV|安全码", re.IGNORECASE)
_ASKING = re.compile(r"告诉|提供|发给|发送|发来|发我|回复|填写|输入|报给|报一下|说一下|给我|告知|上传|是多少|是什么")
_FORBIDDING = re.compile(r"不要|不得|不会|不能|不用|不必|不向|别|勿|绝不|从不|无需|拒绝")
_PAYEE = re.compile(r"对方|收款")  # whose account the police must know
_ORDERING = re.compile(r"请|麻烦|需要您|把您|将您")
_DESCRIBING = re.compile(r"凡是|骗子|诈骗|冒充|对方")


def violations(text: str, hotline_number: str) -> list[str]:
    """The rules ``text`` breaks, in words for staff; empty when it may go. ``hotline_number`` may be empty."""
    folded = unicodedata.normalize("NFKC", text)
    found = []
    if _LINK.search(folded):
        found.append(LINK)
    if _foreign_numbers(folded, hotline_number):
        found.append(NUMBER)
    if any(_asks(sentence) for sentence in _SENTENCE.findall(folded)):
        found.append(REQUEST)
    return found


def _foreign_numbers(text: str, hotline_number: str) -> bool:
    allowed = ALLOWED | {_digits(hotline_number)}
    for pattern in _DIALLED:
        for match in pattern.finditer(text):
            if _digits(match[pattern.groups]) not in allowed:
                return True
    return False


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _asks(sentence: str) -> bool:
    """Whether one clause asks for a secret: what forbids it, or tells how a fraud goes, is advice."""
    describes = bool(_DESCRIBING.search(sentence))
    return any(
        _WANTED.search(clause)
        and _ASKING.search(clause)
        and not _FORBIDDING.search(clause)
        and not _PAYEE.search(clause)
        and (not describes or _ORDERING.search(clause))
        for clause in _CLAUSE.split(sentence)
    )
