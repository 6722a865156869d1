"""Greetings, thanks, a bare yes or no, and what has nothing to do with fraud."""

from __future__ import annotations

from conversations.inbound import Reply
from conversations.models import Holder
from handlers.turn import Turn
from handlers.waiting import place_in_line
from handlers.words import general as words


def greet(turn: Turn) -> list[Reply]:
    """What this line is and what one can say; who waits for a person hears that they do."""
    if turn.conversation.holder == Holder.WAITING:
        return [Reply(place_in_line(turn) + words.EMERGENCY)]
    return [Reply(words.GREETING.format(name=turn.services.settings.hotline_name) + _number(turn))]


def followed(turn: Turn) -> list[Reply]:
    """The greeting of somebody who just followed the account."""
    return [Reply(words.FOLLOWED.format(name=turn.services.settings.hotline_name) + _number(turn))]


def _number(turn: Turn) -> str:
    number = turn.services.settings.hotline_number
    return words.OUR_NUMBER.format(number=number) if number else ""


def thank_bye(turn: Turn) -> list[Reply]:
    """A word back."""
    return [Reply(words.THANKS)]


def affirm(turn: Turn) -> list[Reply]:
    """A yes to nothing in particular."""
    return [Reply(words.GOOD)]


def deny(turn: Turn) -> list[Reply]:
    """A no to nothing in particular, "I was not cheated" included."""
    return [Reply(words.DENIED)]


def out_of_scope(turn: Turn) -> list[Reply]:
    """What this line is for."""
    return [Reply(words.OUT_OF_SCOPE)]
