"""Money, payouts and bands: the building blocks of a reward rule.

A mistake is a :class:`PydanticCustomError` whose type is a key of ``words.MISTAKES``; ``at`` in its context are the
steps from the checked part to the line that is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

FEN = Decimal("0.01")
MOST = Decimal(10) ** 10  # yuan
Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=400)]
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=64)]


def mistake(kind: str, *at: str | int, **values: object) -> PydanticCustomError:
    """A mistake with a sentence of its own in ``words.MISTAKES``."""
    return PydanticCustomError(kind, kind, {"at": at, **values})


def yuan(said: object) -> Decimal:
    """Yuan as a scheme file writes them, exact to the 分."""
    try:
        value = Decimal(said) if isinstance(said, str | int | Decimal) and not isinstance(said, bool) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not 0 <= value < MOST or value != value.quantize(FEN):
        raise mistake("not_yuan", said=str(said))
    return value.quantize(FEN)


def whole(said: object) -> int:
    """A whole number as a scheme file writes it."""
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) <= 9:
        return int(said)
    raise mistake("not_whole", said=str(said))


Money = Annotated[Decimal, BeforeValidator(yuan)]
Award = Annotated[Money, Field(gt=0)]
Whole = Annotated[int, BeforeValidator(whole), Field(ge=0)]
Count = Annotated[int, BeforeValidator(whole), Field(ge=1)]


class Record(BaseModel):
    """Immutable, and strict about unknown keys: a misspelt key must not become a missing rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Payout(Record):
    """What is paid, in yuan: one ``amount``, or up to ``max`` (from ``min``), or ``discretionary``."""

    amount: Award | None = None
    min: Money | None = None
    max: Award | None = None
    discretionary: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Payout:
        ways = (self.amount is not None, self.min is not None or self.max is not None, self.discretionary)
        if sum(ways) != 1:
            raise mistake("not_one_way")
        if self.min is not None and self.max is None:
            raise mistake("min_without_max", "min")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise mistake("min_above_max", "min")
        return self

    @property
    def least(self) -> Decimal:
        """The least that may be paid; zero where nothing is said."""
        return self.amount if self.amount is not None else self.min or Decimal(0)

    @property
    def most(self) -> Decimal | None:
        """The most that may be paid; None: no limit is published."""
        return self.amount if self.amount is not None else self.max


class Edges(Record):
    """Where a band begins and ends; no ``to``: open above.

    Each edge says whether its value is inside. Only an example may leave that open, as its notice does.
    """

    step: ClassVar[Decimal] = FEN  # between two neighbouring values
    start: Decimal = Field(alias="from")
    from_included: bool | None = None
    to: Decimal | None = None
    to_included: bool | None = None

    @model_validator(mode="after")
    def _edges(self) -> Edges:
        if self.to is None and self.to_included is not None:
            raise mistake("included_without_edge", "to_included")
        if self.to is not None and (self.to < self.start or self._is_empty(self.to)):
            raise mistake("empty_band")
        return self

    def _is_empty(self, to: Decimal) -> bool:
        if self.from_included is None or self.to_included is None:
            return to == self.start
        return self.start + (0 if self.from_included else self.step) > to - (0 if self.to_included else self.step)

    def holds(self, value: Decimal) -> bool | None:
        """Whether a value is inside; None: it lies on an edge of which the notice does not say."""
        if value == self.start:
            return self.from_included
        if self.to is not None and value == self.to:
            return self.to_included
        return self.start < value and (self.to is None or value < self.to)

    @property
    def unsaid(self) -> bool:
        """Whether an edge does not say which side it belongs to."""
        return self.from_included is None or (self.to is not None and self.to_included is None)


class CountBand(Edges, Payout):
    """A band of a number of people or things."""

    step: ClassVar[Decimal] = Decimal(1)
    start: Annotated[Decimal, BeforeValidator(whole)] = Field(alias="from")
    to: Annotated[Decimal, BeforeValidator(whole)] | None = None


class AmountBand(Edges, Payout):
    """A band of a sum of money in yuan."""

    start: Money = Field(alias="from")
    to: Money | None = None


class ApprovalStep(Edges):
    """Who approves a reward of this size: so many different approvers; ``logins``: only these, empty: any."""

    start: Money = Field(alias="from")
    to: Money | None = None
    approver: Text
    approvals: Count = 1
    logins: tuple[Slug, ...] = ()


def contiguous(bands: Sequence[Edges], field: str) -> None:
    """Raise unless every value from the first edge on lies in exactly one band."""
    for number, (lower, upper) in enumerate(pairwise(bands), start=1):
        fault = _fault(lower, upper)
        if fault:
            raise mistake(fault, field, number, lower=number, upper=number + 1)


def _fault(lower: Edges, upper: Edges) -> str:
    if lower.to is None or upper.start < lower.to:
        return "overlap"
    if upper.start == lower.to:
        return _at_one_edge(lower.to_included, upper.from_included)
    first = upper.start + (0 if upper.from_included else upper.step)
    last = lower.to - (0 if lower.to_included else lower.step)
    return "gap" if first > last + upper.step else ""


def _at_one_edge(below: bool | None, above: bool | None) -> str:
    if below is None and above is None:
        return ""
    if below is None or above is None:
        return "half_said"
    if below == above:
        return "edge_in_both" if below else "edge_in_none"
    return ""
