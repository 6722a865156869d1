"""Distinct messages over all intents, drawn from the sentences in texts.yml."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from random import Random

import yaml

SENTENCES = Path(__file__).with_name("texts.yml")
_SLOT = re.compile(r"\{(\w+)\}")
_CHOICES = {
    "day": "刚才 今天上午 今天中午 今天下午 昨天 昨天晚上 前天 上周五 上个星期 这个月初".split(),
    "app": "微信 QQ 抖音 快手 支付宝 闲鱼 小红书 陌陌".split(),
    "bank": "工行 农行 建行 中行 交行 邮储 农商行 招行".split(),
    "place": "小区门口 村委会旁边 地铁口 菜市场 学校后门 汽车站 城中村 商场三楼 工业园 出租屋".split(),
    "site": "etc bank-card kuaidi butie daikuan yibao huodong lipin".split(),
}


class Texts:
    """Draws messages; no text comes twice from one object. ``without``: intents nobody has here."""

    def __init__(self, random: Random, without: Collection[str] = ()) -> None:
        data = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
        data = {intent: texts for intent, texts in data.items() if intent not in without}
        self._random = random
        self._sentences: list[list[str]] = [intent["texts"] for intent in data.values()]
        self._shares: list[int] = [intent["share"] for intent in data.values()]
        self._given: set[str] = set()

    def fresh(self) -> str:
        """A message that was not drawn before."""
        while True:
            sentences = self._random.choices(self._sentences, self._shares)[0]
            text = _SLOT.sub(lambda slot: self._fill(slot.group(1)), self._random.choice(sentences))
            if text not in self._given:
                self._given.add(text)
                return text

    def _fill(self, slot: str) -> str:
        draw = self._random
        if slot in _CHOICES:
            return draw.choice(_CHOICES[slot])
        match slot:
            case "yuan":
                return str(draw.randint(10, 999) * draw.choice((10, 50, 100)))
            case "clock":
                return f"{draw.randint(6, 23)}点{draw.randint(1, 59)}分"
            case "phone":  # made up: four zeros in a row
                return f"1{draw.choice('3578')}{draw.randint(0, 9)}0000{draw.randint(0, 9999):04d}"
            case "card":
                return f"62000000{draw.randint(0, 10**8 - 1):08d}000"
            case "url":
                return f"http://{self._fill('site')}{draw.randint(1, 9999)}.example/{draw.randint(1, 99)}"
            case "code":
                return f"{draw.randint(1000, 9999)}-{draw.randint(1000, 9999)}"
            case "d2" | "d3" | "d4":
                digits = int(slot[1])
                return str(draw.randint(10 ** (digits - 1), 10**digits - 1))
        raise ValueError(f"texts.yml has an unknown slot: {slot}")
