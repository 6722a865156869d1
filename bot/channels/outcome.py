"""What became of one outgoing message: the same shape for every channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The result of handing one message to a provider.

    ``sent``: the provider took it; ``code`` is the provider's own number of the message, or empty.
    ``retry``: it was not taken and may be sent again later. ``failed``: it never will be.
    ``unknown``: it left us and no readable answer came; sending again is safe only with an idempotent provider.
    Except when sent, ``code`` is the provider's error code or ours; ``reason`` is the provider's wording.
    Neither ever holds a number or a text of a resident.
    """

    status: Literal["sent", "retry", "failed", "unknown"]
    code: str
    reason: str
