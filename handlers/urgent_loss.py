"""A fresh loss: the card first, the fixed advice first, then the questions; every answer is saved at once.

The bot opens and enriches the card. It never closes one and never says that a payment is stopped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from conversations import forms, staffing
from conversations.forms import Progress, Question
from conversations.inbound import Reply
from conversations.models import FormRecord, FormState
from handlers import loss_form
from handlers.answers import is_skip
from handlers.loss_form import LossForm, fen
from handlers.loss_words import echo, read_back
from handlers.turn import Turn
from handlers.words import urgent as words
from nlu.types import Intent
from stops import cards, timers
from stops.facts import LossFacts, TransferFacts
from stops.models import CardKind, StopCard
from stops.record import Change

# Said alone these drop the matter; the second group does so anywhere in a short text.
DOUBTS = re.compile(
    r"^[嗯哦额那就,，\s]*(?:算了|取消|不报了|不用了|不办了|没事|不要了|撤销|不弄了)[吧了啊嘛,，。.!！\s]*$"
    r"|没事了|是误会|误会了|误会一场|不用管|不用麻烦|搞错了[,，]?不是骗|没被骗|钱回来了|不是诈骗"
)
# "要我转到安全账户" tells the story, "转过去了" that it has happened.
PAID = re.compile(
    r"(?:转|打|汇|付|给|充|交|存|扫)(?:账|款|钱)?(?:了|过去|出去|掉|完)|被骗了|钱(?:已经|都)?(?:没|扣|转走|到他)"
)
NOT_PAID = re.compile(r"没有?(?:转|打|汇|付|给|充|交)|还没|未转|没转成")
DOUBT_AT_MOST = 20  # characters; a longer text is a story
TOLD = {"amount", "payee_account", "payee_name", "payee_bank", "time_said", "screenshot", "callback_phone"}


def handle(turn: Turn) -> list[Reply]:
    """A message that speaks of a loss, outside or inside the form."""
    card = cards.open_card_of(turn.session, turn.conversation, turn.now)
    if card is not None and turn.form is not None and turn.form.name == loss_form.NAME:
        return answer(turn) or []
    if card is not None and card.kind == CardKind.DISSUADE and _has_paid(turn):
        cards.money_has_gone(turn.session, card, turn.now)
        return _begin(turn, card, words.ADVICE)
    if card is not None:
        return further(turn, card)
    about_to_pay = turn.understanding.about_to_pay
    card = _open(turn)
    return _begin(turn, card, words.ABOUT_TO_PAY if about_to_pay else words.ADVICE)


def _begin(turn: Turn, card: StopCard, advice: str) -> list[Reply]:
    """The fixed advice, and the first question."""
    staffing.request_staff(turn.session, turn.conversation, "urgent_loss", turn.now)
    record = forms.begin(turn.session, turn.conversation, loss_form.NAME, turn.now)
    record.subject_id = card.id
    record.values = {
        **({"sender": turn.contact.sender} if turn.by_sms else {}),
        **({"about_to_pay": True} if card.kind == CardKind.DISSUADE else {}),
    }
    turn.form = record
    forms.absorb(_form(turn), record, turn.said())
    _save(turn, card, record.values)
    return [Reply(advice, urgent=True), *_ask(turn, card, record, "")]


def _open(turn: Turn) -> StopCard:
    return cards.open_card(
        turn.session,
        turn.conversation,
        turn.now,
        about_to_pay=turn.understanding.about_to_pay,
        first_urgent_at=turn.inbound.received_at,
    )


def alert_only(turn: Turn) -> None:
    """A loss told to a member of staff who holds the conversation: card and alert, not a word from the bot."""
    card = cards.open_card_of(turn.session, turn.conversation, turn.now) or _open(turn)
    _add(turn, card)


def _add(turn: Turn, card: StopCard) -> Sequence[str]:
    """More about a loss nobody is asking about: beside what was collected before. Returns the values that are new."""
    record = turn.session.scalar(
        select(FormRecord)
        .where(FormRecord.subject_id == card.id, FormRecord.conversation_id == turn.conversation.id)
        .order_by(FormRecord.created_at.desc())
        .limit(1)
    )
    if record is None:
        record = forms.note(turn.session, turn.conversation, loss_form.NAME, card.id, turn.now)
    progress = forms.absorb(_form(turn), record, replace(turn.said(), asked=""))
    _save(turn, card, record.values)
    return progress.changed


def answer(turn: Turn) -> list[Reply] | None:
    """A message while the form is open: taken, saved and followed by the next question."""
    record = turn.form
    assert record is not None and record.subject_id is not None
    card = cards.locked(turn.session, record.subject_id)
    if card.kind == CardKind.DISSUADE and _has_paid(turn):
        cards.money_has_gone(turn.session, card, turn.now)
        record.values = {key: value for key, value in record.values.items() if key != "about_to_pay"}
        forms.absorb(_form(turn), record, turn.said())
        _save(turn, card, record.values)
        return [Reply(words.ADVICE, urgent=True), *_ask(turn, card, record, "")]
    if doubts(turn.text) and record.prompt != "confirm":
        return doubt(turn)
    asked = record.prompt
    skip = is_skip(turn.text) and asked != "confirm"
    progress = forms.absorb(_form(turn), record, turn.said(), skip=skip, bubble=turn.bubble)
    if asked == "confirm" and "confirmed" not in record.values:
        return _corrected(turn, card, record, progress)
    changes = _save(turn, card, record.values)
    return _ask(turn, card, record, _lead(turn, card, progress, changes))


def _has_paid(turn: Turn) -> bool:
    said = PAID.search(turn.text) and not NOT_PAID.search(turn.text)
    return bool(said) and turn.intent is Intent.URGENT_LOSS and not turn.understanding.about_to_pay


def doubts(text: str) -> bool:
    """Whether a text takes the loss back."""
    return len(text) <= DOUBT_AT_MOST and bool(DOUBTS.search(text))


def doubt(turn: Turn) -> list[Reply]:
    """ "It was a misunderstanding": perhaps said under instruction, so the card stays and an officer phones."""
    card = cards.open_card_of(turn.session, turn.conversation, turn.now)
    if card is None:
        return []
    cards.doubt(turn.session, card, turn.now)
    if turn.form is not None and turn.form.name == loss_form.NAME:
        forms.end(turn.session, turn.form, FormState.CANCELLED, turn.now)
        timers.drop(turn.session, card, (timers.REMIND,))
    return [Reply(words.DOUBTED.format(number=card.number), urgent=True)]


def further(turn: Turn, card: StopCard) -> list[Reply]:
    """More about a loss whose form is finished: onto the same card."""
    text = words.ADDED if TOLD & set(_add(turn, card)) else words.STILL_OPEN
    return [Reply(text.format(number=card.number), urgent=True)]


def _form(turn: Turn) -> LossForm:
    return LossForm(by_sms=turn.by_sms, now=turn.now)


def _lead(turn: Turn, card: StopCard, progress: Progress, changes: Sequence[Change]) -> str:
    if turn.evidence is not None:
        return words.EVIDENCE_KEPT
    if progress.skipped:
        return words.LEFT_OUT
    return echo(card, changes) or (words.TAKEN if progress.changed else "")


def _save(turn: Turn, card: StopCard, values: dict[str, Any]) -> list[Change]:
    return cards.enrich(turn.session, card, facts_of(values, turn.understanding.fraud_type), turn.now)


def _ask(turn: Turn, card: StopCard, record: FormRecord, lead: str) -> list[Reply]:
    question = forms.next_question(_form(turn), record)
    if question is None:
        return _finish(turn, card, record)
    timers.remind_later(turn.session, card, turn.now)
    if question.key == "confirm":
        question = Question("confirm", ("confirmed",), read_back(card), "", tries=99)
    new = record.prompt != question.key
    text = forms.prompt(record, question, turn.now, bubble=turn.bubble)
    if not text:
        return []
    return [Reply(f"{lead}{text}" if lead and new else text, urgent=True)]


def _corrected(turn: Turn, card: StopCard, record: FormRecord, progress: Progress) -> list[Reply]:
    if doubts(turn.text) and not progress.changed:
        return doubt(turn)
    _save(turn, card, record.values)
    timers.remind_later(turn.session, card, turn.now)
    record.prompted_at = turn.now
    if progress.changed and set(progress.changed) != {"story"}:
        return [Reply(read_back(card), urgent=True)]
    return [Reply(words.WHICH_WRONG, urgent=True)] if not turn.bubble else []


def _finish(turn: Turn, card: StopCard, record: FormRecord) -> list[Reply]:
    forms.end(turn.session, record, FormState.DONE, turn.now)
    timers.drop(turn.session, card, (timers.REMIND,))
    phone = card.callback_phone
    phrase = words.DONE_BEFORE_PAYING if card.kind == CardKind.DISSUADE else words.DONE
    text = phrase.format(number=card.number, phone=words.TAIL.format(tail=phone[-4:]) if phone else words.PHONE)
    if record.values.get("method") in ("normal", "next_day"):
        text = f"{words.MAY_CANCEL}\n{text}"
    return [Reply(text, urgent=True)]


def prompt_again(turn_form: FormRecord, card: StopCard, now: datetime, *, by_sms: bool) -> str:
    """The words of the question that stands open, for when a burst of bubbles has settled or a digression ended."""
    form = LossForm(by_sms=by_sms, now=now)
    question = forms.next_question(form, turn_form)
    if question is None:
        return ""
    if question.key == "confirm":
        question = Question("confirm", ("confirmed",), read_back(card), "", tries=99)
    return forms.prompt(turn_form, question, now, bubble=False)


def facts_of(values: dict[str, Any], fraud_type: str) -> LossFacts:
    """Form values as the facts of a card. A later transfer went to the first one's payee unless told otherwise."""
    items = values.get("amount") or [{}]
    return LossFacts(
        callback_phone=values.get("callback_phone", ""),
        victim_name=values.get("victim_name", ""),
        third_party=bool(values.get("third_party")),
        fraud_type=fraud_type,
        story=values.get("story", ""),
        confirmed="confirmed" in values,
        transfers=tuple(_transfer(values, item, first=place == 0) for place, item in enumerate(items)),
    )


def _transfer(values: dict[str, Any], item: dict[str, Any], *, first: bool) -> TransferFacts:
    own = values if first else item
    payee = item if "payee_account" in item else values
    moment = own.get("transferred_at")
    return TransferFacts(
        amount_fen=fen(item.get("yuan")),
        amount_said=values.get("amount_said", "") if first and "yuan" not in item else "",
        approximate=bool(item.get("approximate")),
        transferred_at=datetime.fromisoformat(moment) if moment else None,
        time_said=str(own.get("time_said", ""))[:64],
        time_approximate=bool(own.get("time_approximate")),
        method=own.get("method") or values.get("method", ""),
        payer_bank=values.get("payer_bank", ""),
        payer_account=values.get("payer_account", ""),
        payee_name=payee.get("payee_name", ""),
        payee_account=payee.get("payee_account", ""),
        payee_bank=payee.get("payee_bank", ""),
        order_number=own.get("order_number", ""),
        evidence_id=values.get("screenshot", "") if first else "",
    )
