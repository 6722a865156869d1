"""A reward scheme as a document: what a scheme file may say, checked field by field.

Amounts are yuan in the file (a whole number, or a quoted decimal) and integer 分 in the model. The structure
covers the published local schemes; which of them applies anywhere is never decided here.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from rewards.schemes.bands import (
    AmountBand,
    ApprovalStep,
    Award,
    Count,
    CountBand,
    Payout,
    Record,
    Slug,
    Text,
    contiguous,
)


class Level(StrEnum):
    """Whose scheme it is."""

    TOWNSHIP = "township"
    COUNTY = "county"
    DISTRICT = "district"
    CITY = "city"
    PROVINCE = "province"


class Outcome(StrEnum):
    """What a tip must have led to."""

    VERIFIED = "verified"
    DISSUADED = "dissuaded"
    FUNDS_INTERCEPTED = "funds_intercepted"
    CASE_FILED = "case_filed"
    ARRESTED = "arrested"
    ARREST_APPROVED = "arrest_approved"


class Condition(StrEnum):
    """What must hold for every reward of a scheme."""

    VERIFIED = "verified"
    UNKNOWN_BEFORE = "unknown_before"
    OUTCOME = "outcome"


class Exclusion(StrEnum):
    """Who gets no reward."""

    ON_DUTY_STAFF = "on_duty_staff"
    SUSPECT = "suspect"
    ALREADY_KNOWN = "already_known"
    UNREACHABLE = "unreachable"
    ALREADY_REWARDED = "already_rewarded"


class RuleHead(Record):
    """What every rule says. ``addon``: paid on top of another rule's reward."""

    code: Slug
    name: Text
    outcome: Outcome = Outcome.VERIFIED
    conditions: tuple[Text, ...] = ()
    cap_per_case: Award | None = None
    addon: bool = False


class FlatRule(RuleHead, Payout):
    """So much per case, per person or per item."""

    basis: Literal["per_case", "per_person", "per_item"]
    unit: Text | None = None  # what an item is

    @model_validator(mode="after")
    def _complete(self) -> FlatRule:
        if (self.basis == "per_item") != (self.unit is not None):
            raise ValueError("`unit` stands with per_item, and only there")
        if self.discretionary:
            raise ValueError("use the basis `discretionary`")
        return self


class AmountBandRule(RuleHead):
    """By a sum of money."""

    basis: Literal["amount_band"]
    measure: Literal["loss_averted", "funds_intercepted", "amount_involved"]
    bands: Annotated[tuple[AmountBand, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _bands(self) -> AmountBandRule:
        contiguous(self.bands)
        return self


class CountBandRule(RuleHead):
    """By a number of people or things."""

    basis: Literal["count_band"]
    measure: Literal["arrested", "cards", "devices"]
    bands: Annotated[tuple[CountBand, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _bands(self) -> CountBandRule:
        contiguous(self.bands)
        return self


class RangeRule(RuleHead, Payout):
    """Between two amounts, decided by case."""

    basis: Literal["range"]

    @model_validator(mode="after")
    def _range(self) -> RangeRule:
        if self.max is None:
            raise ValueError("a range needs a max")
        return self


class DiscretionaryRule(RuleHead):
    """Decided by case without a published amount."""

    basis: Literal["discretionary"]


Rule = Annotated[
    FlatRule | AmountBandRule | CountBandRule | RangeRule | DiscretionaryRule, Field(discriminator="basis")
]


class Reporters(Record):
    """Several people, one clue; ``joint``: those who report together."""

    same_clue: Literal["first_registered", "by_contribution"]
    joint: Literal["share_one"] = "share_one"


class Anonymity(Record):
    """The code is the identity of an anonymous reporter: without it no claim."""

    allowed: bool
    code_digits: Annotated[int, Field(strict=True, ge=6)] | None = None

    @model_validator(mode="after")
    def _code(self) -> Anonymity:
        if self.allowed and self.code_digits is None:
            raise ValueError("code_digits (at least 6) is needed where anonymous reports are allowed")
        return self


class Deadline(Record):
    """How long a step may take, counted from an event."""

    step: Literal["notify", "claim", "pay_out"]
    number: Count
    unit: Literal["day", "workday", "month"]
    after: Literal["registered", "verified", "approved", "notified", "claimed"]


class Payment(Record):
    """How the money reaches the reporter."""

    methods: Annotated[tuple[Literal["cash", "transfer", "proxy"], ...], Field(min_length=1)]
    officers: Annotated[int, Field(strict=True, ge=2)] = 2
    receipt: bool = True


class Scheme(Record):
    """One version of one scheme. ``sample``: an example, in force nowhere."""

    id: Slug
    name: Text
    issuer: Text
    level: Level
    version: Text
    published: date | None = None
    effective_from: date
    effective_to: date | None = None  # the last day in force
    sample: bool = False
    source: Text
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]
    exclusions: tuple[Exclusion, ...] = ()
    reporters: Reporters
    stacking: Literal["highest_only", "add_up"]
    anonymity: Anonymity
    deadlines: tuple[Deadline, ...] = ()
    approval: Annotated[tuple[ApprovalStep, ...], Field(min_length=1)]
    payment: Payment
    confidentiality: bool = True
    claw_back: bool = True

    @model_validator(mode="after")
    def _consistent(self) -> Scheme:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("effective_to is before effective_from")
        names = {"rule": [rule.code for rule in self.rules], "deadline": [str(it.step) for it in self.deadlines]}
        for what, values in names.items():
            doubled = sorted({value for value in values if values.count(value) > 1})
            if doubled:
                raise ValueError(f"{what} {doubled[0]!r} stands there twice")
        if self.sample and "示例" not in self.name:
            raise ValueError("the name of a sample scheme must say 示例")
        return self

    @model_validator(mode="after")
    def _ladder(self) -> Scheme:
        contiguous(self.approval)
        if self.approval[0].first > 1 or self.approval[-1].last is not None:
            raise ValueError("the approval ladder must begin at 0 and be open above")
        return self

    def in_force(self, on: date) -> bool:
        """Whether this version's dates hold that day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
