"""A reward scheme as a document: what a scheme file may say, checked field by field.

Amounts are exact yuan. The structure covers the published local schemes; which of them applies anywhere is never
decided here. What a notice is silent on is left out of an example, and must be settled before a scheme is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    Edges,
    Payout,
    Record,
    Slug,
    Text,
    contiguous,
    mistake,
)


class Kind(StrEnum):
    """``local``: this place's own. ``example``: another place's. ``sample``: made up, for the sandbox."""

    LOCAL = "local"
    EXAMPLE = "example"
    SAMPLE = "sample"


class Level(StrEnum):
    """Whose scheme it is."""

    TOWNSHIP = "township"
    COUNTY = "county"
    DISTRICT = "district"
    CITY = "city"
    PROVINCE = "province"


class Condition(StrEnum):
    """What somebody has to establish about a tip: what it led to, and that it was news."""

    VERIFIED = "verified"
    UNKNOWN_BEFORE = "unknown_before"
    DISSUADED = "dissuaded"
    FUNDS_INTERCEPTED = "funds_intercepted"
    CASE_FILED = "case_filed"
    CASE_SOLVED = "case_solved"
    ARRESTED = "arrested"
    ARREST_APPROVED = "arrest_approved"


class Exclusion(StrEnum):
    """Who gets no reward."""

    ON_DUTY_STAFF = "on_duty_staff"
    SUSPECT = "suspect"
    DETAINED = "detained"
    ALREADY_KNOWN = "already_known"
    UNREACHABLE = "unreachable"
    ALREADY_REWARDED = "already_rewarded"
    OTHER = "other"


class Measure(StrEnum):
    """What a band goes by: yuan, or a number of people or things."""

    LOSS_AVERTED = "loss_averted"
    FUNDS_INTERCEPTED = "funds_intercepted"
    AMOUNT_INVOLVED = "amount_involved"
    ARRESTED = "arrested"
    CARDS = "cards"
    DEVICES = "devices"


class RuleHead(Record):
    """What every rule says. ``addon``: paid on top of another rule's reward. ``conditions``: in a person's words."""

    code: Slug
    name: Text
    outcomes: tuple[Condition, ...] = ()
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
            raise mistake("unit_with_items")
        if self.discretionary:
            raise mistake("discretionary_basis", "discretionary")
        return self


class AmountBandRule(RuleHead):
    """By a sum of money."""

    basis: Literal["amount_band"]
    measure: Literal[Measure.LOSS_AVERTED, Measure.FUNDS_INTERCEPTED, Measure.AMOUNT_INVOLVED]
    bands: Annotated[tuple[AmountBand, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _bands(self) -> AmountBandRule:
        contiguous(self.bands, "bands")
        return self


class CountBandRule(RuleHead):
    """By a number of people or things."""

    basis: Literal["count_band"]
    measure: Literal[Measure.ARRESTED, Measure.CARDS, Measure.DEVICES]
    bands: Annotated[tuple[CountBand, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _bands(self) -> CountBandRule:
        contiguous(self.bands, "bands")
        return self


class RangeRule(RuleHead, Payout):
    """Between two amounts, decided by case."""

    basis: Literal["range"]

    @model_validator(mode="after")
    def _range(self) -> RangeRule:
        if self.max is None:
            raise mistake("range_without_max")
        return self


class DiscretionaryRule(RuleHead):
    """Decided by case without a published amount."""

    basis: Literal["discretionary"]


BandRule = AmountBandRule | CountBandRule
Rule = Annotated[
    FlatRule | AmountBandRule | CountBandRule | RangeRule | DiscretionaryRule, Field(discriminator="basis")
]


class Reporters(Record):
    """Several people, one clue; ``joint``: those who report together share one reward in equal parts."""

    same_clue: Literal["first_registered", "by_contribution"]
    joint: Literal["share_one"] = "share_one"


class Anonymity(Record):
    """The code is the identity of an anonymous reporter: without it no claim."""

    allowed: bool
    code_digits: Annotated[Count, Field(ge=6)] | None = None

    @model_validator(mode="after")
    def _code(self) -> Anonymity:
        if self.allowed and self.code_digits is None:
            raise mistake("anonymous_without_code")
        return self


class Deadline(Record):
    """How long a step may take, counted from an event."""

    step: Literal["notify", "claim", "pay_out"]
    number: Count
    unit: Literal["day", "workday", "month"]
    after: Literal["registered", "verified", "case_solved", "approved", "notified", "claimed"]


class Payment(Record):
    """How the money reaches the reporter."""

    methods: Annotated[tuple[Literal["cash", "transfer", "proxy", "phone_credit"], ...], Field(min_length=1)]
    officers: Annotated[Count, Field(ge=2)] = 2
    receipt: bool = True


SETTLED = ("effective_from", "reporters", "stacking", "anonymity", "approval", "payment")


class Scheme(Record):
    """One version of one scheme. ``effective_to``: the last day in force. None: the notice is silent."""

    id: Slug
    kind: Kind
    name: Text
    issuer: Text
    level: Level
    version: Text
    source: Text
    note: Text | None = None
    published: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)] = (Condition.VERIFIED,)
    exclusions: tuple[Exclusion, ...] = ()
    cap_per_case: Award | None = None
    reporters: Reporters | None = None
    stacking: Literal["highest_only", "add_up"] | None = None
    anonymity: Anonymity | None = None
    deadlines: tuple[Deadline, ...] = ()
    approval: Annotated[tuple[ApprovalStep, ...], Field(min_length=1)] | None = None
    payment: Payment | None = None
    confidentiality: bool | None = None
    claw_back: bool | None = None

    @model_validator(mode="after")
    def _dates(self) -> Scheme:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise mistake("ends_before", "effective_to")
        return self

    @model_validator(mode="after")
    def _nothing_twice(self) -> Scheme:
        for field, names in (
            ("rules", [rule.code for rule in self.rules]),
            ("deadlines", [deadline.step for deadline in self.deadlines]),
        ):
            for position, name in enumerate(names):
                if name in names[:position]:
                    raise mistake("twice", field, position, name=name)
        return self

    @model_validator(mode="after")
    def _ladder(self) -> Scheme:
        if self.approval is None:
            return self
        contiguous(self.approval, "approval")
        first, last = self.approval[0], self.approval[-1]
        if first.start > 0 or last.to is not None:
            raise mistake("ladder_not_whole", "approval")
        return self

    @model_validator(mode="after")
    def _settled(self) -> Scheme:
        if self.kind is Kind.SAMPLE and "示例" not in self.name:
            raise mistake("sample_unnamed", "name")
        if self.kind is Kind.EXAMPLE:
            return self
        for field in SETTLED:
            if getattr(self, field) is None:
                raise mistake("unsettled", field=field)
        for field, position, number, edges in self._all_edges():
            if edges.unsaid:
                raise mistake("edge_unsaid", field, position, *number)
        return self

    def _all_edges(self) -> Iterator[tuple[str, int, tuple[str | int, ...], Edges]]:
        for position, step in enumerate(self.approval or ()):
            yield "approval", position, (), step
        for position, rule in enumerate(self.rules):
            for number, band in enumerate(rule.bands if isinstance(rule, BandRule) else ()):
                yield "rules", position, ("bands", number), band

    def in_force(self, on: date) -> bool:
        """Whether this version's dates hold that day; never for an example."""
        if self.kind is Kind.EXAMPLE or self.effective_from is None:
            return False
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
