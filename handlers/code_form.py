"""Asking for a tip's number and query code, for progress or a claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from conversations import forms
from conversations.forms import Question, Said, Values
from conversations.inbound import Reply
from conversations.models import FormState
from handlers import claiming, tip_more
from handlers.turn import Turn
from handlers.words import general as words
from nlu.types import Intent
from storage.clock import china_date
from tips import codes, registry, telling
from tips.models import Tip

NAME = "code"
NUMBER = re.compile(r"(?<![0-9A-Za-z])XS ?-?([0-9]{6,9})(?![0-9])", re.IGNORECASE)

ADDS = re.compile(r"补充|追加|新(?:的)?(?:情况|线索|证据)|再加|添加|还有(?:情况|线索|证据)|又(?:看到|发现|来)")
ATTEMPT = re.compile(r"[0-9A-Za-z]{4}")  # something that may be meant as a number or a code


class CodeForm:
    """The form of a number and a code."""

    name = NAME

    def questions(self, values: Values) -> Sequence[Question]:
        """One question for both."""
        return (Question("code", ("number", "code"), words.ASK_CODE, words.AGAIN_CODE, words.CODE_LABELS, tries=3),)

    def read(self, said: Said, values: Values) -> dict[str, Any]:
        """The number and the code in a message."""
        found: dict[str, Any] = {}
        number = NUMBER.search(said.text)
        if number:
            found["number"] = f"XS{number.group(1)}"
        code = codes.find(NUMBER.sub(" ", said.text))
        if code:
            found["code"] = code
        return found


def mentions(text: str) -> bool:
    """Whether a text carries a tip's number or a valid query code."""
    code = codes.find(NUMBER.sub(" ", text))
    return bool(NUMBER.search(text)) or (code is not None and codes.normalise(code) is not None)


def is_all(text: str) -> bool:
    """Whether a text is a tip's number, a query code or both and nothing else."""
    rest, found = codes.CODE.subn("", NUMBER.sub("", text))
    return (bool(found) or bool(NUMBER.search(text))) and not re.search(r"\w", rest)


def purpose_of(turn: Turn) -> str:
    """What somebody who sends a number or a code wants: to add something, to claim, or to know how it stands."""
    if ADDS.search(turn.text):
        return "add"
    return "claim" if turn.intent is Intent.CLAIM_REWARD else "progress"


def start(turn: Turn, purpose: str) -> list[Reply]:
    """Ask for number and code, or use what the message brings. ``purpose``: progress, claim or add."""
    record = forms.begin(turn.session, turn.conversation, NAME, turn.now)
    record.values = {"purpose": purpose}
    turn.form = record
    return _go_on(turn)


def answer(turn: Turn) -> list[Reply] | None:
    """A message while number and code are being asked for; None when it speaks of something else."""
    record = turn.form
    assert record is not None
    if not CodeForm().read(turn.said(), record.values) and not ATTEMPT.search(turn.text):
        return None
    return _go_on(turn)


def _go_on(turn: Turn) -> list[Reply]:
    record = turn.form
    assert record is not None
    form = CodeForm()
    forms.absorb(form, record, turn.said())
    # Whoever reads the code afterwards could claim in the reporter's name.
    turn.message.text = codes.CODE.sub(words.HIDDEN_CODE, turn.message.text)
    question = forms.next_question(form, record)
    values = record.values
    if question is not None:
        text = forms.prompt(record, question, turn.now, bubble=turn.bubble)
        return [Reply(text)] if text else []
    forms.end(turn.session, record, FormState.DONE, turn.now)
    # The code was given to be checked, not to be kept.
    record.values = {"purpose": values["purpose"]}
    if "code" not in values or "number" not in values:
        return [Reply(words.WRONG_CODE)]
    return _checked(turn, values)


def _checked(turn: Turn, values: Values) -> list[Reply]:
    try:
        tip = registry.find_by_code(turn.session, turn.contact, values["number"], values["code"], turn.now)
    except registry.TooManyTries:
        return [Reply(words.TRIED_TOO_OFTEN)]
    if values["purpose"] == "add" and tip is not None:
        return tip_more.start(turn, tip)
    if values["purpose"] == "progress" and turn.by_sms:
        return [Reply(words.NO_STATUS_BY_SMS)]
    if tip is None:
        return [Reply(words.WRONG_CODE)]
    if values["purpose"] == "progress":
        telling.knows(turn.session, tip, turn.contact)
        return [Reply(_status(tip) + claiming.status(turn, tip.id))]
    return [claiming.claim(turn, tip.id)]


def _status(tip: Tip) -> str:
    date = china_date(tip.registered_at)
    return words.TIP_STATUS.format(
        number=tip.number, state=telling.words()[telling.step_of(tip)].status, date=f"{date.month}月{date.day}日"
    )
