"""Chinese and mixed numerals as people write money: 两万三, 1万5千, 3k, 一千零五十, 壹万."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {
    c: i
    for i, group in enumerate(("零", "一壹幺", "二贰两俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for c in group
}
SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000, "廿": 20, "卅": 30}
BIG_UNITS = {"万": 10_000, "w": 10_000, "皮": 10_000, "亿": 100_000_000}
_TOKEN = re.compile(
    r"\d[\d,]*(?:\.\d+)?|[十拾百佰千仟k廿卅万w皮亿几数半]|[零一壹幺二贰两俩三叁仨四肆五伍六陆七柒八捌九玖]"
)


def value_of(numeral: str) -> tuple[Decimal, bool]:
    """Value and vagueness (几, 数, two digits side by side: 三四千) of a numeral; nothing readable: 0."""
    reader = _Reader()
    for piece in _TOKEN.findall(numeral):
        reader.take(piece)
    return reader.total(), reader.vague


class _Reader:
    """Reads the tokens from left to right; ``_unit`` is the last unit, for 两万三 (= 23,000)."""

    def __init__(self) -> None:
        self.vague = False
        self._sum = Decimal(0)  # closed 亿 and 万 groups
        self._group = Decimal(0)
        self._digit: Decimal | None = None
        self._unit = Decimal(1)
        self._after_zero = False

    def take(self, piece: str) -> None:
        if piece[0].isascii() and piece[0].isdigit():
            self._number(Decimal(piece.replace(",", "")))
        elif piece in DIGITS:
            self._number(Decimal(DIGITS[piece]))
            self._after_zero = self._after_zero or piece == "零"
        elif piece in "几数":
            # 十几万, 几千: the lower end, marked vague.
            self.vague = True
            if self._digit is None:
                self._digit = Decimal(0 if self._group or self._sum else 1)
        elif piece == "半":
            self._digit = (self._digit or Decimal(0)) + Decimal("0.5") * (self._unit if self._unit > 1 else 1)
            self._unit = Decimal(1)
        else:
            self._multiply(piece)

    def _number(self, number: Decimal) -> None:
        if self._digit is not None and number and self._digit and not self._after_zero:
            self.vague = True  # 三四千: the lower one
            return
        self._digit = number

    def _multiply(self, piece: str) -> None:
        self._after_zero = False
        if piece in BIG_UNITS:
            unit = Decimal(BIG_UNITS[piece])
            group = self._group + (self._digit or 0)
            if piece == "亿" or not group:
                self._sum = (self._sum + (group or (0 if self._sum else 1))) * unit
            else:
                self._sum += group * unit
            self._group = Decimal(0)
        elif piece in ("廿", "卅"):
            self._group += SMALL_UNITS[piece]
            unit = Decimal(10)
        else:
            unit = Decimal(SMALL_UNITS[piece])
            self._group += (Decimal(1) if self._digit is None else self._digit) * unit
        self._digit, self._unit = None, unit

    def total(self) -> Decimal:
        rest = self._digit or Decimal(0)
        if rest and self._unit >= 100 and not self._after_zero and rest < 10:
            rest *= self._unit / 10  # 两万三, 一千二, 1万5
        return self._sum + self._group + rest
