"""A fresh loss: the card first, the fixed advice first, then the questions; every answer is saved at once.

The bot opens and enriches the card. It never closes one and never says that a payment is stopped.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from conversations import forms, staffing
from conversations.forms import Progress, Question
from conversations.inbound import Reply
from conversations.models import FormRecord, FormState
from handlers import loss_form
from handlers.answers import is_skip
from handlers.loss_form import LossForm
from handlers.turn import Turn
from handlers.words import urgent as words
from nlu.types import Intent
from stops import cards
from stops.facts import LossFacts, TransferFacts
from stops.models import CardKind, StopCard
from storage.clock import CHINA

# Said alone these drop the matter; the second group does so anywhere in a short text.
DOUBTS = re.compile(
    r"^[嗯哦额那就,，\s]*(?:算了|取消|不报了|不用了|不办了|没事|不要了|撤销|不弄了)[吧了啊嘛,，。.!！\s]*$"
    r"|没事了|是误会|误会了|误会一场|不用管|不用麻烦|搞错了[,，]?不是骗|没被骗|钱回来了|不是诈骗"
)
DOUBT_AT_MOST = 20  # characters; a longer text is a story


def handle(turn: Turn) -> list[Reply]:
    """A message that speaks of a loss, outside or inside the form."""
    card = cards.open_card_of(turn.session, turn.conversation, turn.now)
    if card is not None and (turn.form is None or turn.form.name != loss_form.NAME):
        return further(turn, card)
    if card is not None:
        return answer(turn) or []
    about_to_pay = turn.understanding.about_to_pay
    card = cards.open_card(turn.session, turn.conversation, turn.now, about_to_pay=about_to_pay)
    staffing.request_staff(turn.session, turn.conversation, "urgent_loss", turn.now)
    record = forms.begin(turn.session, turn.conversation, loss_form.NAME, turn.now)
    record.subject_id = card.id
    record.values = {
        **({"sender": turn.contact.sender} if turn.by_sms else {}),
        **({"about_to_pay": True} if about_to_pay else {}),
    }
    turn.form = record
    forms.absorb(_form(turn), record, turn.said())
    _save(turn, card, record)
    advice = words.ABOUT_TO_PAY if about_to_pay else words.ADVICE
    return [Reply(advice, urgent=True), *_ask(turn, card, record, "")]


def alert_only(turn: Turn) -> None:
    """A loss told to a member of staff who holds the conversation: card and alert, not a word from the bot."""
    card = cards.open_card_of(turn.session, turn.conversation, turn.now)
    if card is None:
        card = cards.open_card(turn.session, turn.conversation, turn.now, about_to_pay=turn.understanding.about_to_pay)
    said = turn.said()
    values = LossForm(by_sms=turn.by_sms).read(said, {})
    cards.enrich(turn.session, card, facts_of(values, turn.understanding.fraud_type), turn.now)


def answer(turn: Turn) -> list[Reply] | None:
    """A message while the form is open: taken, saved and followed by the next question."""
    record = turn.form
    assert record is not None and record.subject_id is not None
    card = cards.load(turn.session, record.subject_id)
    assert card is not None
    if card.kind == CardKind.DISSUADE and _has_paid(turn):
        cards.money_has_gone(turn.session, card, turn.now)
        record.values = {key: value for key, value in record.values.items() if key != "about_to_pay"}
        forms.absorb(_form(turn), record, turn.said())
        _save(turn, card, record)
        return [Reply(words.ADVICE, urgent=True), *_ask(turn, card, record, "")]
    if doubts(turn.text) and record.prompt != "confirm":
        return doubt(turn)
    asked = record.prompt
    progress = forms.absorb(_form(turn), record, turn.said(), skip=is_skip(turn.text) and asked != "confirm")
    if asked == "confirm" and "confirmed" not in record.values:
        return _corrected(turn, card, record, progress)
    _save(turn, card, record)
    return _ask(turn, card, record, _lead(turn, progress))


def _has_paid(turn: Turn) -> bool:
    return turn.intent is Intent.URGENT_LOSS and not turn.understanding.about_to_pay


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
    return [Reply(words.DOUBTED.format(number=card.number), urgent=True)]


def further(turn: Turn, card: StopCard) -> list[Reply]:
    """More about a loss whose form is finished: onto the same card."""
    values = LossForm(by_sms=turn.by_sms).read(turn.said(), {})
    values.pop("story", None)
    cards.enrich(turn.session, card, facts_of(values, ""), turn.now)
    told = {"amount", "payee_account", "payee_name", "payee_bank", "time_said", "screenshot", "callback_phone"}
    text = words.ADDED if told & set(values) else words.STILL_OPEN
    return [Reply(text.format(number=card.number), urgent=True)]


def _form(turn: Turn) -> LossForm:
    return LossForm(by_sms=turn.by_sms)


def _lead(turn: Turn, progress: Progress) -> str:
    if turn.evidence is not None:
        return words.EVIDENCE_KEPT
    if progress.skipped:
        return words.LEFT_OUT
    return words.TAKEN if progress.changed else ""


def _save(turn: Turn, card: StopCard, record: FormRecord) -> None:
    cards.enrich(turn.session, card, facts_of(record.values, turn.understanding.fraud_type), turn.now)


def _ask(turn: Turn, card: StopCard, record: FormRecord, lead: str) -> list[Reply]:
    question = forms.next_question(_form(turn), record)
    if question is None:
        return _finish(turn, card, record)
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
    _save(turn, card, record)
    record.prompted_at = turn.now
    if progress.changed and set(progress.changed) != {"story"}:
        return [Reply(read_back(card), urgent=True)]
    return [Reply(words.WHICH_WRONG, urgent=True)] if not turn.bubble else []


def _finish(turn: Turn, card: StopCard, record: FormRecord) -> list[Reply]:
    forms.end(turn.session, record, FormState.DONE, turn.now)
    phone = card.callback_phone
    phrase = words.DONE_BEFORE_PAYING if card.kind == CardKind.DISSUADE else words.DONE
    text = phrase.format(number=card.number, phone=words.TAIL.format(tail=phone[-4:]) if phone else words.PHONE)
    if record.values.get("method") in ("normal", "next_day"):
        text = f"{words.MAY_CANCEL}\n{text}"
    return [Reply(text, urgent=True)]


def prompt_again(turn_form: FormRecord, card: StopCard, now: datetime, *, by_sms: bool) -> str:
    """The words of the question that stands open, for when a burst of bubbles has settled or a digression ended."""
    form = LossForm(by_sms=by_sms)
    question = forms.next_question(form, turn_form)
    if question is None:
        return ""
    if question.key == "confirm":
        question = Question("confirm", ("confirmed",), read_back(card), "", tries=99)
    return forms.prompt(turn_form, question, now, bubble=False)


def read_back(card: StopCard) -> str:
    """Everything decisive, for the resident to check digit by digit."""
    lines = []
    for transfer in card.transfers:
        told: list[tuple[str, str]] = [
            ("payee_account", _grouped(transfer.payee_account)),
            ("payee_name", transfer.payee_name),
            ("payee_bank", transfer.payee_bank),
            ("amount", _amount(transfer.amount_fen, approximate=transfer.approximate)),
            ("time_said", _moment(transfer.transferred_at, transfer.time_said)),
            ("method", words.METHODS.get(transfer.method, "")),
            ("payer_bank", transfer.payer_bank),
        ]
        lines += [f"{words.LABELS[key]}:{value}" for key, value in told if value]
    if card.victim_name:
        lines.append(f"{words.LABELS['victim_name']}:{card.victim_name}")
    if card.callback_phone:
        lines.append(f"{words.LABELS['callback_phone']}:{card.callback_phone}")
    return words.READ_BACK.format(lines="\n".join(dict.fromkeys(lines)))


def _grouped(account: str) -> str:
    if account.isdigit() and len(account) > 11:
        return " ".join(account[start : start + 4] for start in range(0, len(account), 4))
    return account


def _amount(fen: int | None, *, approximate: bool) -> str:
    if fen is None:
        return ""
    yuan = Decimal(fen) / 100
    text = f"{yuan:f}" if yuan != yuan.to_integral_value() else f"{int(yuan)}"
    return f"{words.ABOUT if approximate else ''}{text}{words.YUAN}"


def _moment(moment: datetime | None, said: str) -> str:
    if moment is None:
        return said
    local = moment.astimezone(CHINA)
    clock = f"{local.month}月{local.day}日{local.hour:02d}:{local.minute:02d}"
    return f"{said}({clock})" if said else clock


def facts_of(values: dict[str, Any], fraud_type: str) -> LossFacts:
    """Form values as the facts of a card. Amounts: yuan as text to fen."""
    amounts = values.get("amount") or [{}]
    moment = values.get("transferred_at")
    transfers = []
    for amount in amounts:
        transfers.append(
            TransferFacts(
                amount_fen=_fen(amount.get("yuan")),
                approximate=bool(amount.get("approximate")) and "exact_amount" not in values,
                transferred_at=datetime.fromisoformat(moment) if moment else None,
                time_said=values.get("time_said", ""),
                time_approximate=bool(values.get("time_approximate")),
                method=values.get("method", ""),
                payer_bank=values.get("payer_bank", ""),
                payer_account=values.get("payer_account", ""),
                payee_name=values.get("payee_name", ""),
                payee_account=values.get("payee_account", ""),
                payee_account_valid=bool(values.get("account_valid", True)),
                payee_bank=values.get("payee_bank", ""),
                order_number=values.get("order_number", ""),
            )
        )
    return LossFacts(
        callback_phone=values.get("callback_phone", ""),
        victim_name=values.get("victim_name", ""),
        third_party=bool(values.get("third_party")),
        fraud_type=fraud_type,
        story=values.get("story", ""),
        confirmed="confirmed" in values,
        evidence_id=values.get("screenshot", ""),
        transfers=tuple(transfers),
    )


def _fen(yuan: str | None) -> int | None:
    if not yuan:
        return None
    return int((Decimal(yuan) * 100).to_integral_value(ROUND_HALF_UP))
