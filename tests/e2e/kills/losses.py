"""Residents who tell of a loss to the end: they answer what they are asked, and write again when nothing was taken."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.e2e.kills.steps import Steps
from tests.e2e.residents import Sandbox, Sms, Wechat

PATIENCE = 240.0  # seconds a resident waits for an answer before the test calls them unanswered
SILENCE = (
    90.0  # seconds after which somebody on WeChat asks once whether anybody is there: it may hold us to its budget
)
ANYBODY = "在吗"
THINKING = (0.3, 2.5)  # seconds between reading a question and sending the answer
LOOK = 0.4  # seconds between two looks at the phone
AGAIN = (1.0, 3.0)  # seconds before a resident whose message was not taken writes it again
PATIENT = 5  # times as long at most, the oftener it was not taken
MOST = 60  # messages one resident sends at most
THE_END = "都记好了"
# What a question is known by, the step it belongs to, and what is answered; the first that fits counts.
SCRIPT = (
    (("能接通吗",), "phone", "是"),
    (("能接通的电话", "没看清电话号码"), "phone", "{phone}"),
    (("请核对一下", "哪一项不对"), "read back", "对"),
    (("钱转到哪里", "收款方还差", "收款账号可能", "收款账号好像"), "payee", "{account} 张小三 农业银行"),
    (("转了多少钱", "还差", "准确金额", "几点几分"), "payment", "十分钟前转的,一共20000元,实时到账"),
    (("哪家银行或哪个支付平台",), "payer", "工商银行手机银行"),
    (("请用一句话说说经过",), "story", "对方冒充京东客服,说我开了百万保障要取消"),
    (("叫什么名字", "转账人的姓名"), "name", "李小四"),
)


@dataclass(slots=True)
class Said:
    """One message of a resident. ``taken``: at least one delivery of it was answered with 200."""

    text: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Bubble:
    """What a resident read. ``via``: passive, custom or mt; ``id``: the phone's own, ``sms`` texts carry ours."""

    id: str
    via: str
    text: str


@dataclass(slots=True)
class Told:
    """What one resident did and saw, whatever the hotline says of it. ``waits``: seconds for each answer.

    ``asked_again``: when nothing had come for :data:`SILENCE`.
    """

    channel: str
    sender: str
    said: list[Said] = field(default_factory=list)
    bubbles: dict[str, Bubble] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    asked_again: list[datetime] = field(default_factory=list)
    finished: bool = False
    trouble: str = ""


class Loss(threading.Thread):
    """One resident."""

    def __init__(self, sandbox_url: str, number: int, random: Random, steps: Steps) -> None:
        super().__init__(name=f"resident-{number}", daemon=True)
        self._random = random
        self._steps = steps
        self._sandbox = Sandbox(sandbox_url)
        self._looking = threading.Lock()
        self._unread: list[Bubble] = []
        self._answers = {"account": luhn(f"622200000{number:06d}"), "phone": f"1700000{5000 + number}"}
        self._phone = self._new_phone("sms" if number % 3 == 2 else "wechat")
        self.told = Told(self._phone.channel, self._phone.sender)

    def run(self) -> None:
        """Tell it to the end."""
        try:
            self._tell()
        except Exception as error:  # noqa: BLE001 the report says what went wrong with whom
            self.told.trouble = f"{type(error).__name__}: {error}"
        finally:
            self._sandbox.close()

    def look(self) -> None:
        """See what the phone shows. The run looks, too, at the end of a round; the resident reads it all later."""
        with self._looking:
            shown = [bubble for bubble in self._shown() if bubble.id not in self.told.bubbles]
            self.told.bubbles.update({bubble.id: bubble for bubble in shown})
            self._unread += shown

    def _read(self) -> list[Bubble]:
        """What was not read yet, oldest first."""
        self.look()
        with self._looking:
            new, self._unread = self._unread, []
        return new

    def _tell(self) -> None:
        self._steps.enter("told")
        self._say("我刚才被骗了,转了两万块给对方")
        asked, asked_at = "", time.monotonic()
        said_at = asked_at
        nudged_at = 0.0
        while True:
            new = self._read()
            if new and said_at:
                self.told.waits.append(time.monotonic() - said_at)
                said_at = 0.0
            if any(THE_END in bubble.text for bubble in new):
                self.told.finished = True
                return
            asked = question([bubble.text for bubble in new]) or asked
            if asked:
                time.sleep(self._random.uniform(*THINKING))
                more = self._read()
                if any(THE_END in bubble.text for bubble in more):
                    self.told.finished = True
                    return
                asked = question([bubble.text for bubble in more]) or asked
                said_at = asked_at = self._answer(asked)
                asked = ""
            silent = time.monotonic() - asked_at
            if silent > SILENCE and nudged_at < asked_at and self.told.channel == "wechat":
                self.told.asked_again.append(datetime.now(UTC))
                self._say(ANYBODY)
                nudged_at = time.monotonic()
            if silent > PATIENCE:
                self.told.trouble = f"no question for {PATIENCE:.0f} s after {self.told.said[-1].text!r}"
                return
            time.sleep(LOOK)

    def _answer(self, asked: str) -> float:
        _, step, text = next(entry for entry in SCRIPT if _fits(entry[0], asked))
        self._steps.enter(step)
        self._say(text.format(**self._answers))
        return time.monotonic()

    def _say(self, text: str) -> None:
        """Send until it was taken: who reads that the service is out of order writes again."""
        tried = 0
        while len(self.told.said) < MOST:
            said = Said(text, False)
            self.told.said.append(said)
            said.taken = self._send(text)
            if said.taken:
                return
            tried += 1
            time.sleep(self._random.uniform(*AGAIN) * min(tried, PATIENT))
        raise AssertionError(f"{MOST} messages and no end")

    def _send(self, text: str) -> bool:
        if isinstance(self._phone, Sms):
            return all(item["accepted"] for item in self._phone.send(text)["texts"])
        return any(delivery["status"] == 200 for delivery in self._phone.send(text=text)["deliveries"])

    def _shown(self) -> list[Bubble]:
        if isinstance(self._phone, Sms):
            return [Bubble(text["id"], "mt", text["text"]) for text in self._phone.texts("mt")]
        found: dict[str, Any] = self._sandbox.find(f"/api/wechat/{self._phone.sender}") or {"messages": []}
        shown = found["messages"]
        return [
            Bubble(f"{item['at']}/{item['id']}", item["via"], item["text"])
            for item in shown
            if item["via"] in ("passive", "custom")
        ]

    def _new_phone(self, channel: str) -> Wechat | Sms:
        if channel == "sms":
            return self._sandbox.sms()
        return self._sandbox.wechat()


def _fits(marks: Iterable[str], text: str) -> bool:
    return any(mark in text for mark in marks)


def question(said: Iterable[str]) -> str:
    """The last of these texts that is a question of the script; empty where there is none."""
    asking = [text for text in said if any(_fits(entry[0], text) for entry in SCRIPT)]
    return asking[-1] if asking else ""


def luhn(digits: str) -> str:
    """The digits with the check digit of a bank card."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"
