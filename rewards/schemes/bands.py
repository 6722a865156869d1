"""Money, payouts and bands: the building blocks of a reward rule."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]


def fen(yuan: object) -> int:
    """Yuan as a scheme file writes them, in 分. A binary fraction is refused: quote decimals."""
    if isinstance(yuan, bool) or not isinstance(yuan, int | str):
        # pydantic turns a ValueError, not a TypeError, into an error with a place
        raise ValueError("expected yuan as a whole number or a quoted decimal")  # noqa: TRY004
    try:
        value = Decimal(yuan) * 100
    except InvalidOperation as error:
        raise ValueError(f"not an amount in yuan: {yuan!r}") from error
    if not value.is_finite() or value < 0 or value != value.to_integral_value():
        raise ValueError(f"not an amount in yuan: {yuan!r}")
    return int(value)


Money = Annotated[int, BeforeValidator(fen)]
Award = Annotated[Money, Field(gt=0)]
Count = Annotated[int, Field(strict=True, ge=1)]


class Record(BaseModel):
    """Immutable, and strict about unknown keys: a misspelt key must not become a missing rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Payout(Record):
    """What is paid: one ``amount``, or up to ``max`` (from ``min``), or ``discretionary``. In 分."""

    amount: Award | None = None
    min: Money | None = None
    max: Award | None = None
    discretionary: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Payout:
        ways = (self.amount is not None, self.min is not None or self.max is not None, self.discretionary)
        if sum(ways) != 1:
            raise ValueError("say exactly one of: amount, min/max, discretionary")
        if self.min is not None and self.max is None:
            raise ValueError("min needs a max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        return self


class Edges(Record):
    """Where a band begins and ends. Each edge says whether its value is inside; no ``to``: open above."""

    start: int = Field(alias="from")
    from_included: bool
    to: int | None = None
    to_included: bool | None = None

    @model_validator(mode="after")
    def _edges(self) -> Edges:
        if (self.to is None) != (self.to_included is None):
            raise ValueError("`to` and `to_included` stand together or not at all")
        if self.last is not None and self.last < self.first:
            raise ValueError("the band is empty")
        return self

    @property
    def first(self) -> int:
        """The lowest whole value inside (分, or pieces)."""
        return self.start if self.from_included else self.start + 1

    @property
    def last(self) -> int | None:
        """The highest whole value inside; None: no limit."""
        if self.to is None:
            return None
        return self.to if self.to_included else self.to - 1


class CountBand(Edges, Payout):
    """A band of a number of people or things."""

    start: Annotated[int, Field(strict=True, ge=0)] = Field(alias="from")
    to: Annotated[int, Field(strict=True, ge=0)] | None = None


class AmountBand(Edges, Payout):
    """A band of a sum of money; its edges are yuan in the file, 分 here."""

    start: Money = Field(alias="from")
    to: Money | None = None


class ApprovalStep(Edges):
    """Who approves a reward of this size."""

    start: Money = Field(alias="from")
    to: Money | None = None
    approver: Text


def contiguous(bands: Sequence[Edges]) -> None:
    """Raise ValueError unless every value from the first edge on lies in exactly one band."""
    for number, (lower, upper) in enumerate(pairwise(bands), start=1):
        if lower.last is None or upper.first <= lower.last:
            raise ValueError(f"band {number + 1} overlaps band {number}")
        if upper.first != lower.last + 1:
            raise ValueError(f"no band holds the values between band {number} and band {number + 1}")
