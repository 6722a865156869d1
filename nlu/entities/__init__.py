"""Entities of a text, by code: amounts, times, phones, cards, links, banks, apps, with exact offsets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice

from nlu.entities.amount import amounts
from nlu.entities.contact import bank_cards, phones, urls
from nlu.entities.folding import fold
from nlu.entities.names import names
from nlu.entities.transfers import mark_transfers
from nlu.entities.when import times
from nlu.types import Entity

__all__ = ["extract"]

# Longer than any story a channel delivers; the rest of a longer text is not searched.
LONGEST = 20_000
MOST = 200  # of one kind: no message holds more that anybody could use


def extract(text: str, now: datetime) -> tuple[Entity, ...]:
    """Entities in the order they stand; none overlap. Never raises; time grows with the length of the text.

    ``now``: timezone-aware, what "yesterday" is measured from.
    """
    folded = fold(text[:LONGEST])
    # Where two readings overlap the earlier kind wins.
    readings = (urls(folded), phones(folded), bank_cards(folded), times(folded, now), amounts(folded), names(folded))
    taken = bytearray(len(folded))
    kept: list[Entity] = []
    for reading in readings:
        _keep(reading, taken, kept)
    kept.sort(key=lambda entity: entity.start)
    marked = mark_transfers(folded, kept)
    return tuple(_original(entity, text[entity.start : entity.end]) for entity in marked)


def _original(entity: Entity, surface: str) -> Entity:
    """The entity with its text as written; the path of a link keeps its case."""
    if entity.type != "url":
        return replace(entity, text=surface)
    host, slash, path = entity.value.partition("/")
    return replace(entity, text=surface, value=host + slash + (surface[-len(path) :] if path else ""))


def _keep(reading: Iterable[Entity], taken: bytearray, kept: list[Entity]) -> None:
    for entity in islice(reading, MOST):
        if entity.start < entity.end and not any(taken[entity.start : entity.end]):
            taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
            kept.append(entity)
