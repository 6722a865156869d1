"""Who writes: regulars who come back, and residents who are new."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bench.texts import Texts

NEW = 4  # every fourth message comes from somebody who has never written before


@dataclass(frozen=True, slots=True)
class Post:
    """One message of one resident; ``resident`` has the shape of an OpenID."""

    resident: str
    text: str


class Crowd:
    """Makes the messages of the whole benchmark. The same seed makes the same ones."""

    def __init__(self, regulars: int, seed: int = 20) -> None:
        self._random = Random(seed)
        self._texts = Texts(self._random)
        self._known = 0
        self._regulars = [self._stranger() for _ in range(regulars)]

    def regulars(self) -> list[Post]:
        """A first message of every regular."""
        return [Post(resident, self._texts.fresh()) for resident in self._regulars]

    def posts(self, count: int) -> list[Post]:
        """Messages for one measurement, each from somebody else: three regulars, one new, …

        A resident writes once per measurement, so that their own messages lie seconds apart, as they do in life.
        """
        regulars = iter(self._random.sample(self._regulars, len(self._regulars)))
        posts = []
        for number in range(count):
            known = next(regulars, "") if number % NEW else ""
            posts.append(Post(known or self._stranger(), self._texts.fresh()))
        return posts

    def strangers(self, count: int) -> list[Post]:
        """Messages of as many residents who have never written before."""
        return [Post(self._stranger(), self._texts.fresh()) for _ in range(count)]

    def _stranger(self) -> str:
        self._known += 1
        return f"oBench{self._known:022d}"
