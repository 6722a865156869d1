"""A picture, voice, video, place or something else without words, when nothing is being asked."""

from __future__ import annotations

from conversations.inbound import Kind, Reply
from handlers.turn import Turn
from handlers.words import general as words

KEPT = {
    Kind.IMAGE: words.KEPT_IMAGE,
    Kind.VOICE: words.KEPT_VOICE,
    Kind.VIDEO: words.KEPT_VIDEO,
    Kind.LOCATION: words.KEPT_LOCATION,
}


def handle(turn: Turn) -> list[Reply]:
    """Say that it is kept and ask for a sentence."""
    return [Reply(KEPT.get(turn.inbound.kind, words.KEPT_OTHER))]
