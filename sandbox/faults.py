"""How the outside world is told to misbehave: one section per interface, each for ever or for n calls."""

from __future__ import annotations

import threading
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class Limited(BaseModel):
    """``times``: for so many calls; unset: until taken back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    times: int | None = Field(default=None, ge=1)


F = TypeVar("F", bound=Limited)


class Fault(Limited):
    """What may go wrong with one answer.

    ``delay``: seconds before the answer, after the work was done. ``errcode``: answer this error instead.
    ``drop``: close the connection without an answer. ``deliver``: whether the work is done all the same; unset:
    yes with ``drop``, no with ``errcode``.
    """

    delay: float = Field(default=0.0, ge=0, le=120)
    errcode: int = 0
    drop: bool = False
    deliver: bool | None = None

    @property
    def delivers(self) -> bool:
        """Whether the message arrives whatever the answer says."""
        return not self.errcode if self.deliver is None else self.deliver


class SmsFault(Fault):
    """``errcode`` is an HTTP status. ``receipt``: what the receipt says, or that none comes."""

    errcode: int = Field(default=0, ge=0, le=599)
    receipt: Literal["delivered", "failed", "none"] = "delivered"
    reason: str = ""
    receipt_delay: float = Field(default=0.3, ge=0, le=120)


class TokenFault(Fault):
    """``revoke``: every token given out so far stops working at once."""

    revoke: bool = False


class MediaFault(Fault):
    """``video_url`` false: a video comes as bytes, not as JSON with its address as Tencent documents."""

    video_url: bool = True


class DeliveryFault(Limited):
    """Deliveries of one resident message to the hotline.

    ``duplicate``: so many deliveries whatever the answers. ``overlap``: these at once, not one after another.
    ``delay_cutoff``: seconds until WeChat cuts and sends again. ``resign``: each delivery with a fresh timestamp,
    nonce and ciphertext, not the same request again.
    """

    duplicate: int = Field(default=1, ge=1, le=10)
    overlap: bool = False
    delay_cutoff: float = Field(default=5.0, gt=0, le=60)
    resign: bool = False


class FaultPlan(BaseModel):
    """The body of ``POST /api/misbehave``: a section that is not given stays as it is."""

    model_config = ConfigDict(extra="forbid")

    custom_send: Fault = Fault()
    wechat_delivery: DeliveryFault = DeliveryFault()
    sms_send: SmsFault = SmsFault()
    token: TokenFault = TokenFault()
    media: MediaFault = MediaFault()
    wecom: Fault = Fault()
    dingtalk: Fault = Fault()


class Section(Generic[F]):
    """The fault of one interface; well again after the last of its ``times``."""

    def __init__(self, well: F) -> None:
        self._well = well
        self._lock = threading.Lock()
        self._fault = well

    def put(self, fault: F) -> None:
        """Put a fault in force."""
        with self._lock:
            self._fault = fault

    def clear(self) -> None:
        """Behave again."""
        self.put(self._well)

    def take(self) -> F:
        """The fault of the next call, which it counts."""
        with self._lock:
            fault = self._fault
            if fault.times is not None:
                left = fault.times - 1
                self._fault = fault.model_copy(update={"times": left}) if left else self._well
            return fault

    def active(self) -> dict[str, object]:
        """What differs from good behaviour, as JSON; empty when well."""
        with self._lock:
            return self._fault.model_dump(mode="json", exclude_defaults=True)


class Faults:
    """The plan in force, section by section."""

    def __init__(self) -> None:
        self.custom_send = Section(Fault())
        self.wechat_delivery = Section(DeliveryFault())
        self.sms_send = Section(SmsFault())
        self.token = Section(TokenFault())
        self.media = Section(MediaFault())
        self.wecom = Section(Fault())
        self.dingtalk = Section(Fault())

    def apply(self, plan: FaultPlan) -> None:
        """Put the given sections in force."""
        for name in plan.model_fields_set:
            getattr(self, name).put(getattr(plan, name))

    def clear(self) -> None:
        """Behave again everywhere."""
        for name in FaultPlan.model_fields:
            getattr(self, name).clear()

    def active(self) -> dict[str, object]:
        """The sections that misbehave now."""
        found = {name: getattr(self, name).active() for name in FaultPlan.model_fields}
        return {name: fault for name, fault in found.items() if fault}
