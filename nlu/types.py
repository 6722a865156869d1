"""What understanding a text yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Intent(StrEnum):
    """The intents of the Rasa model, highest precedence first."""

    URGENT_LOSS = "urgent_loss"
    SEEK_HELP = "seek_help"
    CLAIM_REWARD = "claim_reward"
    CHECK_PROGRESS = "check_progress"
    REPORT_TIP = "report_tip"
    CHECK_SUSPICIOUS = "check_suspicious"
    CONSULT = "consult"
    HANDOVER = "handover"
    UNSUBSCRIBE = "unsubscribe"
    CANCEL = "cancel"
    AFFIRM = "affirm"
    DENY = "deny"
    GREET = "greet"
    THANK_BYE = "thank_bye"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Entity:
    """One fact in a text; ``text == source[start:end]``.

    ``type``: amount, phone, bank_card, url, time, bank, app. ``value`` is the normal form: yuan as a decimal
    string, a phone as digits (mobile: 11), a card as digits, a host+path, a canonical bank or app name; for
    a time it is empty and ``begin``/``end_at`` hold the interval (equal for a moment).
    ``approximate``: the amount or time is vague. ``valid``: checksum and range hold (cards: Luhn).
    ``transfer``: this amount is the one that was transferred, where several stand in one text.
    """

    type: str
    text: str
    start: int
    end: int
    value: str = ""
    approximate: bool = False
    valid: bool = True
    transfer: bool = False
    begin: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the hotline makes of one text.

    ``intent`` is the decision after safety net and model; ``source`` says who decided (``model``, ``rules``).
    ``urgent`` and ``wants_person`` are the safety net's own words. ``degraded``: no model answered in time.
    ``alternatives``: intents with confidence, best first. ``confident``: the model's best is above its threshold.
    ``about_to_pay``: the money has not gone yet but is about to.
    """

    intent: Intent
    confidence: float
    source: str
    urgent: bool = False
    wants_person: bool = False
    about_to_pay: bool = False
    degraded: bool = False
    confident: bool = True
    alternatives: tuple[tuple[Intent, float], ...] = ()
    entities: tuple[Entity, ...] = field(default=())
    fraud_type: str = ""
    model: str = ""

    def of(self, kind: str) -> tuple[Entity, ...]:
        """The entities of one type, in the order they stand in the text."""
        return tuple(entity for entity in self.entities if entity.type == kind)
