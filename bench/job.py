"""What the load generator is told and what it reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.crowd import Post


@dataclass(frozen=True, slots=True)
class Account:
    """The Official Account whose platform the generator plays."""

    app_id: str
    token: str
    aes_key: str


@dataclass(frozen=True, slots=True)
class Where:
    """A server on loopback: ``kind`` is wechat (ours), rest (Rasa's channel) or parse (the NLU server alone).

    ``account`` belongs to wechat, ``token`` to parse.
    """

    kind: str
    port: int
    account: Account | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One measurement.

    With ``clients`` that many write at once, each as soon as the last reply is there, for ``seconds``. With
    ``offsets`` each post goes out at its moment (seconds after the start), whatever became of the others.
    """

    where: Where
    posts: list[Post]
    clients: int = 0
    seconds: float = 0.0
    offsets: list[float] = field(default_factory=list)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Job:
        """The job from what :func:`dataclasses.asdict` made of one."""
        where = data.pop("where")
        account = where.pop("account")
        posts = [Post(**post) for post in data.pop("posts")]
        return cls(Where(account=Account(**account) if account else None, **where), posts, **data)


@dataclass(slots=True)
class Outcome:
    """What came of a job. ``latencies``: ms, of every answered post, in an open-loop job from the moment it was due.

    ``silent``: valid answers without a text. ``redelivered``: how often Tencent's cut-off made it deliver again.
    ``failures``: reason → posts without a valid answer. ``replies``: resident and text. ``cpu``: seconds of the
    generator's own.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    silent: int = 0
    redelivered: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    replies: list[tuple[str, str]] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """Posts with a valid answer."""
        return len(self.latencies)

    @property
    def failed(self) -> int:
        """Posts without one."""
        return sum(self.failures.values())

    @property
    def per_second(self) -> float:
        """Answered posts a second."""
        return self.answered / self.seconds if self.seconds else 0.0

    def fail(self, reason: str) -> None:
        """Count one post without a valid answer."""
        self.failures[reason] = self.failures.get(reason, 0) + 1

    def as_json(self) -> dict[str, Any]:
        """For the report to the parent process."""
        return asdict(self)
