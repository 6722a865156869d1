"""Which handler answers a message: who holds the conversation, what is being collected, what was meant."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import forms, labels
from conversations.inbound import Kind, Reply
from conversations.models import FormRecord, FormState, Holder, Message
from handlers import code_form, loss_form, media, report_tip, small_talk, tip_more, urgent_loss
from handlers.answers import bare, is_no, is_skip, is_yes
from handlers.registry import BY_FORM, BY_INTENT
from handlers.turn import Turn
from handlers.words import general as words
from nlu.types import Intent
from stops import cards
from stops.orders import answers

# These mean the same whatever is being asked; everything else may be an answer.
ALWAYS = frozenset({Intent.HANDOVER, Intent.CANCEL})
DIGRESSIONS = frozenset(
    {
        Intent.CONSULT,
        Intent.CHECK_SUSPICIOUS,
        Intent.CLAIM_REWARD,
        Intent.CHECK_PROGRESS,
        Intent.SEEK_HELP,
        Intent.UNSUBSCRIBE,
    }
)
# Keys of the account's menu: our own names, or simply the word on the button.
MENU_KEYS = {
    "被骗了": Intent.URGENT_LOSS,
    "URGENT": Intent.URGENT_LOSS,
    "REPORT": Intent.REPORT_TIP,
    "SUSPICIOUS": Intent.CHECK_SUSPICIOUS,
    "CONSULT": Intent.CONSULT,
    "PROGRESS": Intent.CHECK_PROGRESS,
    "CLAIM": Intent.CLAIM_REWARD,
    "HUMAN": Intent.HANDOVER,
    "举报": Intent.REPORT_TIP,
    "咨询": Intent.CONSULT,
    "领奖": Intent.CLAIM_REWARD,
    "人工": Intent.HANDOVER,
}
CALLS_A_PERSON = re.compile(r"人工|真人|活人|工作人员|值班|转接|[找要让叫喊][^,，。]{0,4}(?:人|民警|警察)|客服来")
LONG_SILENCE = timedelta(hours=2)  # after which people have lost the thread
LOSS_FACTS = frozenset({"amount", "bank_card", "bank", "phone", "time"})
QUESTION = re.compile(r"[?？]|吗|么|什么|怎么|咋|啥|哪|多少|几|是不是|会不会|能不能")


def route(turn: Turn) -> list[Reply]:
    """The replies to one message. Everything it changes is in the turn's transaction."""
    if turn.by_sms:
        answers.link(turn.session, turn.contact, turn.message, turn.now)
    if turn.inbound.kind is Kind.EVENT:
        return _event(turn)
    if turn.inbound.kind is Kind.UNREADABLE:
        return []
    if turn.understanding.source == "model" and code_form.is_all(turn.text):
        # Letters and digits mean nothing to the model, and some look to it like money gone.
        turn.understanding = replace(turn.understanding, intent=Intent.CHECK_PROGRESS, confident=True)
    if turn.conversation.holder == Holder.STAFF:
        if turn.understanding.intent is Intent.URGENT_LOSS:
            urgent_loss.alert_only(turn)
        return []
    if not turn.text:
        return _wordless(turn)
    replies = _words(turn)
    if turn.inbound.partial and replies:
        replies[0] = replace(replies[0], text=f"{replies[0].text}\n{words.PARTIAL}")
    return replies


def _event(turn: Turn) -> list[Reply]:
    event = turn.inbound.event.lower()
    if event == "subscribe":
        turn.contact.unfollowed_at = None
        return small_talk.followed(turn)
    if event == "unsubscribe":
        turn.contact.unfollowed_at = turn.now
        return []
    if event == "click" and turn.conversation.holder != Holder.STAFF:
        intent = MENU_KEYS.get(turn.inbound.event_key.upper())
        if intent is None:
            return small_talk.greet(turn)
        return _menu(turn, intent)
    return []


def _menu(turn: Turn, intent: Intent) -> list[Reply]:
    turn.understanding = replace(turn.understanding, intent=intent, confident=True)
    if intent is Intent.URGENT_LOSS:
        return urgent_loss.handle(turn)
    if intent is Intent.CONSULT:
        return [Reply(words.ASK_QUESTION)]
    if turn.form is not None and turn.form.name == intent.value:
        return [Reply(text)] if (text := _open_question(turn, turn.form)) else []
    return BY_INTENT[intent](turn)


def _wordless(turn: Turn) -> list[Reply]:
    if turn.inbound.kind is Kind.TEXT:
        return [Reply(words.EMPTY)]
    if turn.form is not None and turn.evidence is not None:
        answered = BY_FORM[turn.form.name](turn)
        return media.handle(turn) if answered is None else answered
    return media.handle(turn)


def _words(turn: Turn) -> list[Reply]:
    intent = turn.intent
    if intent is Intent.URGENT_LOSS:
        if turn.form is not None and turn.form.name == loss_form.NAME:
            return urgent_loss.answer(turn) or []
        return _settled(turn, urgent_loss.handle(turn))
    chosen = _chosen(turn)
    if chosen is not None:
        turn.understanding = replace(turn.understanding, intent=chosen, confident=True)
        return _settled(turn, BY_INTENT[chosen](turn))
    if turn.form is not None:
        return _in_form(turn, turn.form)
    if code_form.mentions(turn.text):
        return code_form.start(turn, code_form.purpose_of(turn))
    card = cards.open_card_of(turn.session, turn.conversation, turn.now)
    if card is not None and urgent_loss.doubts(turn.text):
        return urgent_loss.doubt(turn)
    if card is not None and _adds_to_loss(turn):
        return urgent_loss.further(turn, card)
    if not turn.understanding.confident:
        return _unclear(turn)
    return _settled(turn, BY_INTENT[intent](turn))


def _adds_to_loss(turn: Turn) -> bool:
    """A bare amount, account, bank or time after a loss was told belongs to that loss."""
    facts = {entity.type for entity in turn.understanding.entities} & LOSS_FACTS
    vague = not turn.understanding.confident or turn.intent in (Intent.OUT_OF_SCOPE, Intent.AFFIRM, Intent.DENY)
    return bool(facts) and vague and not QUESTION.search(turn.text)


def _settled(turn: Turn, replies: list[Reply]) -> list[Reply]:
    turn.conversation.misses = 0
    turn.conversation.choices = ""
    return replies


def _in_form(turn: Turn, form: FormRecord) -> list[Reply]:
    """An answer is read by the form; a question keeps its own intent and the form's question comes after it."""
    intent, understanding = turn.intent, turn.understanding
    short_answer = is_yes(turn.text) or is_no(turn.text) or is_skip(turn.text)
    if intent in ALWAYS and understanding.confident and not short_answer and _unprompted(turn, form):
        return BY_INTENT[intent](turn)
    digression = (
        intent in DIGRESSIONS
        and understanding.confident
        and not short_answer
        and QUESTION.search(turn.text)
        and form.prompt not in ("story", "evidence")
        and not understanding.of("bank_card")
    )
    if intent is Intent.UNSUBSCRIBE and understanding.confident and understanding.source == "rules":
        digression = True
    if digression:
        return _digress(turn, form)
    long_ago = turn.now - form.touched_at > LONG_SILENCE
    answered = BY_FORM[form.name](turn)
    if answered and long_ago:
        answered = [replace(answered[0], text=f"{words.BACK_AFTER_LONG}{answered[0].text}"), *answered[1:]]
    if answered is None:
        turn.form = forms.end(turn.session, form, FormState.CANCELLED, turn.now)
        return _words(turn)
    return _resumed(turn, form, answered)


def _resumed(turn: Turn, before: FormRecord, replies: list[Reply]) -> list[Reply]:
    """When a form has ended and the one it interrupted is open again, its question follows."""
    if before.state == FormState.OPEN:
        return replies
    now_open = forms.active(turn.session, turn.conversation)
    if now_open is None:
        return replies
    return _with_question(turn, now_open, replies, words.BACK_TO_IT)


def _unprompted(turn: Turn, form: FormRecord) -> bool:
    """A call for a person is clear at any time; dropping everything is not, while a story is being told."""
    if turn.intent is Intent.HANDOVER:
        return bool(CALLS_A_PERSON.search(turn.text))
    return form.name != loss_form.NAME or len(bare(turn.text)) <= 20


def _digress(turn: Turn, form: FormRecord) -> list[Reply]:
    replies = BY_INTENT[turn.intent](turn)
    if form.state != FormState.OPEN:
        return replies
    return _with_question(turn, form, replies, "")


def _with_question(turn: Turn, form: FormRecord, replies: list[Reply], lead: str) -> list[Reply]:
    form.prompt = ""  # asked anew, in full
    again = _open_question(turn, form)
    if not again or not replies:
        return replies
    return [*replies[:-1], replace(replies[-1], text=f"{replies[-1].text}\n\n{lead}{again}")]


def open_question(session: Session, form: FormRecord, now: datetime, *, by_sms: bool) -> str:
    """The words of the question a form has open."""
    if form.name == loss_form.NAME and form.subject_id is not None:
        card = cards.load(session, form.subject_id)
        return urgent_loss.prompt_again(form, card, now, by_sms=by_sms) if card else ""
    if form.name == report_tip.NAME:
        return report_tip.prompt_again(form, now, by_sms=by_sms)
    if form.name == tip_more.NAME:
        return tip_more.prompt_again(form)
    return words.ASK_CODE


def _open_question(turn: Turn, form: FormRecord) -> str:
    return open_question(turn.session, form, turn.now, by_sms=turn.by_sms)


def _chosen(turn: Turn) -> Intent | None:
    """The meaning picked by number: from the two that were offered, or from the menu."""
    number = bare(turn.text)
    offered = [Intent(name) for name in turn.conversation.choices.split(",") if name]
    if number in ("1", "2") and len(offered) >= int(number):
        before = turn.session.scalar(
            select(Message)
            .where(
                Message.conversation_id == turn.conversation.id,
                Message.direction == "in",
                Message.id != turn.message.id,
            )
            .order_by(Message.position.desc())
            .limit(1)
        )
        meant = offered[int(number) - 1]
        if before is not None:
            turn.text = before.text
            labels.suggest(turn.session, before, meant, turn.now)
        return meant
    if turn.form is None and number in words.MENU_NUMBERS:
        return Intent(words.MENU_NUMBERS[number])
    return None


def _unclear(turn: Turn) -> list[Reply]:
    """Ask back with the two likeliest meanings; after two misses offer a person."""
    turn.message.unsure = True
    turn.conversation.misses += 1
    if turn.conversation.misses > 2:
        turn.conversation.choices = ""
        return [Reply(words.UNCLEAR_AGAIN)]
    likely = [intent for intent, _ in turn.understanding.alternatives if intent in words.OFFERED][:2]
    if len(likely) < 2:
        return BY_INTENT[turn.intent](turn)
    turn.conversation.choices = ",".join(likely)
    first, second = (words.WHAT[intent] for intent in likely)
    return [Reply(words.UNCLEAR.format(first=first, second=second))]
