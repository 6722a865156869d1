"""What is asked about a fresh loss, in the order of the station's practice.

Order: callback phone, payee, amount with time and way, paying side, story, name, read-back. Whatever is said early is
taken (``handlers/loss_reading.py``); what cannot be right is asked about once, at once, and kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from conversations.forms import Question, Said, Values
from handlers import loss_reading
from handlers.words import urgent as words
from stops.plausible import CLOCKS_DIFFER, PLATFORMS, account_fault, amount_fault, payee_kind, phone_fault

NAME = "urgent_loss"
MOST_FURTHER = 4  # transfers after the first that are asked about one by one


class LossForm:
    """The form of an urgent loss. ``by_sms`` changes wording: no request for the payer's own card.

    ``now`` tells which times lie in the future.
    """

    name = NAME

    def __init__(self, *, by_sms: bool, now: datetime) -> None:
        self._by_sms = by_sms
        self._now = now

    def questions(self, values: Values) -> Sequence[Question]:
        """All questions that apply now."""
        story = Question("story", ("story_told",), words.ASK_STORY_BEFORE_PAYING, tries=1)
        if values.get("about_to_pay"):
            return (self._callback(values), story)
        return (
            *self._rechecks(values, "phone"),
            self._callback(values),
            *self._rechecks(values, "account"),
            self._payee(values),
            *self._rechecks(values, "amount", "time"),
            Question(
                "payment", ("amount", "time_said", "method"), words.ASK_PAYMENT, words.AGAIN_PAYMENT, words.LABELS
            ),
            *self._exact(values),
            *self._clock(values),
            *self._further(values),
            Question("payer", ("payer_bank",), words.ASK_PAYER_SMS if self._by_sms else words.ASK_PAYER, tries=1),
            Question("story", ("story_told",), words.ASK_STORY, tries=1),
            Question("name", ("victim_name",), words.ASK_NAME, words.AGAIN_NAME, tries=1),
            Question("confirm", ("confirmed",), "", "", tries=99),
        )

    def read(self, said: Said, values: Values) -> dict[str, Any]:
        """Everything the message tells about the loss."""
        return loss_reading.read(said, values)

    def _callback(self, values: Values) -> Question:
        if self._by_sms and values.get("sender"):
            ask = words.ASK_CALLBACK_SMS.format(tail=str(values["sender"])[-4:])
        else:
            ask = words.ASK_CALLBACK_THIRD if values.get("third_party") else words.ASK_CALLBACK
        return Question("callback", ("callback_phone",), ask, words.AGAIN_CALLBACK)

    def _payee(self, values: Values) -> Question:
        needs = ("screenshot",) if "screenshot" in values else ("payee_account", "payee_name", "payee_bank")
        again = words.AGAIN_PAYEE
        if "order_number" in values and "payee_account" not in values:
            again = words.ORDER_NOT_ACCOUNT
        return Question("payee", needs, words.ASK_PAYEE_SMS if self._by_sms else words.ASK_PAYEE, again, words.LABELS)

    def _rechecks(self, values: Values, *names: str) -> Iterator[Question]:
        """What cannot be right is asked about once."""
        for name in names:
            fault = self._fault(values, name)
            if fault:
                yield Question(f"recheck_{name}", (f"recheck_{name}ed",), words.RECHECK[fault], tries=1)

    def _fault(self, values: Values, name: str) -> str:
        match name:
            case "phone":
                return phone_fault(str(values.get("callback_phone", "")))
            case "account":
                return account_fault(
                    str(values.get("payee_account", "")),
                    corporate=payee_kind(str(values.get("payee_name", ""))) == "corporate",
                    platform=values.get("payee_bank") in PLATFORMS,
                )
            case "amount":
                yuan = next((item.get("yuan") for item in values.get("amount", ())), None)
                return amount_fault(fen(yuan)) or ("amount_unread" if yuan is None and "amount_said" in values else "")
            case _:
                moment = values.get("transferred_at")
                late = bool(moment) and datetime.fromisoformat(str(moment)) > self._now + CLOCKS_DIFFER
                return "time_future" if late else ""

    @staticmethod
    def _exact(values: Values) -> tuple[Question, ...]:
        if any(item.get("approximate") for item in values.get("amount", ())):
            return (Question("exact", ("exact_amount",), words.EXACT_AMOUNT, tries=1),)
        return ()

    @staticmethod
    def _clock(values: Values) -> tuple[Question, ...]:
        if "time_said" in values:
            return (Question("clock", ("transferred_at",), words.ASK_CLOCK, tries=1),)
        return ()

    @staticmethod
    def _further(values: Values) -> Iterator[Question]:
        """When each further transfer was made, and whether to the same account."""
        for ordinal, item in enumerate(values.get("amount", ()), start=1):
            if ordinal > 1 and "time_said" not in item and ordinal <= MOST_FURTHER + 1:
                ask = words.ASK_FURTHER.format(ordinal=ordinal, yuan=item.get("yuan", ""))
                yield Question(f"more_{ordinal}", (f"more_{ordinal}",), ask, tries=1)


def fen(yuan: str | None) -> int | None:
    """Yuan as a decimal string in fen."""
    return None if yuan in (None, "") else int(Decimal(str(yuan)) * 100)
