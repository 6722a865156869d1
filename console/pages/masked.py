"""Records as an auditor reads them: everything that tells who somebody is hidden, in fields and in free text."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from console import audit_words, masking, moments, order_words, words
from console.audit_words import LABELS
from console.pages import board, collected, handling, keyset, linked, thread
from console.pages.history import Entry, people
from conversations.anonymise import ACCOUNT, CARD, LINK, PHONE, training_text
from conversations.labels import known_names
from conversations.models import Conversation, Evidence
from linkage import clusters
from linkage.models import Source
from rewards.models import Claim, Payment
from stops import cards
from stops.models import StopCard, StopEvent, StopTransfer
from stops.orders.models import WarningOrder
from tips import registry
from tips import words as tip_words
from tips.models import Tip, TipEvent

PAGE = 50
# What :func:`training_text` puts in the place of a number: here it would look like somebody's.
_INVENTED = re.compile(rf"{PHONE}|{CARD}|{ACCOUNT}|0{{5,}}|零{{5,}}")
PUBLIC = frozenset({"url", "app"})  # kinds of subjects that are nobody's personal data
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a list."""

    id: uuid.UUID
    number: str
    tag: str
    at: str
    about: str


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list. ``further``: where the next begins, or empty."""

    kind: str
    rows: list[Row]
    further: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message."""

    side: str
    author: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """A record that belongs to this one. ``kind``: cards, tips, conversations, claims, or linked with its key as id."""

    kind: str
    id: uuid.UUID | str
    title: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One record. ``parts``: heading and label with value; ``said``: of a conversation."""

    kind: str
    title: str
    tag: str
    parts: list[tuple[str, Pairs]]
    history: list[Entry]
    others: list[Other]
    said: Sequence[Said] = ()


def hider(names: Iterable[str]) -> Callable[[str], str]:
    """Free text without names, numbers, accounts and links; ``names``: those that the records hold."""
    known = {name.strip() for name in names if name and len(name.strip()) > 1}

    def hide(text: str) -> str:
        plain = training_text(text, known)
        return masking.text(_INVENTED.sub(masking.DOTS, plain).replace(LINK, audit_words.HIDDEN_LINK))

    return hide


def subject(kind: str, value: str) -> str:
    """Something a record names; whatever could be somebody's is hidden."""
    if kind in PUBLIC:
        return value
    return masking.phone(value) if kind == "phone" else masking.account(value) or masking.DOTS


def names_of(session: Session, conversation_id: uuid.UUID | None, tip_id: uuid.UUID | None = None) -> set[str]:
    """Names, and accounts that are words, in everything that belongs to a conversation or tip."""
    found: set[str] = set()
    tips = {tip_id} if tip_id else set()
    if conversation_id is not None:
        found |= known_names(session, {conversation_id}).get(conversation_id, set())
        query = select(StopCard).where(StopCard.conversation_id == conversation_id)
        for card in session.scalars(query.options(selectinload(StopCard.transfers))):
            found |= {card.victim_name, *(transfer.payee_name for transfer in card.transfers)}
        tips |= set(session.scalars(select(Tip.id).where(Tip.conversation_id == conversation_id)))
    for sightings in clusters.of_records(session, Source.TIP, list(tips)).values():
        found |= {item.value for item in sightings if item.kind not in PUBLIC}
    paid = select(Payment).join(Claim, Claim.id == Payment.claim_id).where(Claim.tip_id.in_(tips))
    for payment in session.scalars(paid):
        found |= {str(value) for value in payment.payee.values()}
    return found


def load_list(session: Session, kind: str, after: str, now: datetime) -> Rows:
    """The newest records of a kind."""
    table = {"cards": StopCard, "tips": Tip, "conversations": Conversation, "orders": WarningOrder}[kind]
    moment = {
        "cards": StopCard.reported_at,
        "tips": Tip.registered_at,
        "conversations": Conversation.last_message_at,
        "orders": WarningOrder.received_at,
    }
    query = select(table).order_by(moment[kind].desc(), table.id.desc()).limit(PAGE + 1)
    place = keyset.read(after)
    if place is not None:
        query = query.where(tuple_(moment[kind], table.id) < place)
    if kind == "conversations":
        query = query.options(joinedload(Conversation.contact))
    if kind == "cards":
        query = query.options(selectinload(StopCard.transfers))
    found = session.scalars(query).all()
    rows = [_row(one, now) for one in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Rows(kind, rows, keyset.write(getattr(last, moment[kind].key), last.id) if last else "")


def _row(one: object, now: datetime) -> Row:
    if isinstance(one, StopCard):
        about = f"{words.CARD_KINDS[one.kind]} · {board.total(one)}" + (f" · {words.DRILL}" if one.drill else "")
        return Row(one.id, one.number, words.CARD_STATES[one.state], moments.clock(one.reported_at, now), about)
    if isinstance(one, Tip):
        return Row(one.id, one.number, words.TIP_STATES[one.state], moments.clock(one.registered_at, now), "")
    if isinstance(one, WarningOrder):
        received = moments.clock(one.received_at, now)
        return Row(one.id, one.number, order_words.STATES[one.state], received, hider([one.name])(one.village))
    assert isinstance(one, Conversation)
    who = masking.sender(one.channel, one.contact.sender)
    tag = words.CLOSED if one.closed_at else ""
    return Row(one.id, f"{words.CHANNELS[one.channel]} {who}", tag, moments.clock(one.last_message_at, now), "")


def load(
    session: Session, kind: str, record_id: uuid.UUID, fraud_names: Mapping[str, str], now: datetime
) -> Sheet | None:
    """One record; None where there is none."""
    if kind == "cards":
        return _card(session, record_id, fraud_names)
    if kind == "tips":
        return _tip(session, record_id, fraud_names)
    return _conversation(session, record_id, now)


def _card(session: Session, card_id: uuid.UUID, fraud_names: Mapping[str, str]) -> Sheet | None:
    card = cards.load(session, card_id)
    if card is None:
        return None
    hide = hider(names_of(session, card.conversation_id))
    events = cards.history(session, card.id)
    names = people(session, [card.officer_id, *(event.staff_id for event in events)])
    rows = [
        (LABELS["state"], words.CARD_STATES[card.state]),
        (LABELS["kind"], words.CARD_KINDS[card.kind] + (f"（{words.DRILL}）" if card.drill else "")),
        (LABELS["reported"], moments.full(card.reported_at)),
        (LABELS["holder"], names.get(card.officer_id, "") if card.officer_id else ""),
        (LABELS["phone"], masking.phone(card.callback_phone)),
        (LABELS["victim"], masking.name(card.victim_name)),
        (LABELS["fraud"], fraud_names.get(card.fraud_type, "")),
        (LABELS["story"], hide(card.story)),
    ]
    payments = [
        (words.NTH.format(ordinal=transfer.ordinal) + words.PAYMENT, _transfer(transfer, hide))
        for transfer in card.transfers
    ]
    return Sheet(
        "cards",
        card.number,
        words.CARD_STATES[card.state],
        [("", rows), *payments],
        [_card_event(event, names, hide) for event in events],
        [
            Other("conversations", card.conversation_id, audit_words.RECORDS["conversations"]),
            *_linked(session, Source.CARD, card.id),
        ],
    )


def _linked(session: Session, source: Source, record_id: uuid.UUID) -> list[Other]:
    """What the record names, where other records name it, too."""
    return [
        Other("linked", item.index.hex(), f"{subject(item.kind, item.value)} {others}")
        for item in clusters.related(session, source, record_id)
        if (others := linked.others(item))
    ]


def _transfer(row: StopTransfer, hide: Callable[[str], str]) -> Pairs:
    amount = board.money(row.amount_fen, approximate=row.approximate) if row.amount_fen else hide(row.amount_said)
    return [
        (LABELS["amount"], amount),
        (LABELS["time"], moments.full(row.transferred_at) or hide(row.time_said)),
        (LABELS["method"], words.METHODS.get(row.method, "")),
        (LABELS["payer_bank"], hide(row.payer_bank)),
        (LABELS["payer_account"], masking.account(row.payer_account)),
        (LABELS["payee_name"], masking.name(row.payee_name)),
        (LABELS["payee_account"], masking.account(row.payee_account)),
        (LABELS["payee_bank"], hide(row.payee_bank)),
        (LABELS["order_number"], masking.account(row.order_number)),
    ]


def _card_event(event: StopEvent, names: Mapping[uuid.UUID, str], hide: Callable[[str], str]) -> Entry:
    is_state = event.what == "state" and event.state
    what = words.CARD_STATES[event.state] if is_state else words.CARD_EVENTS.get(event.what, event.what)
    changed = [words.FIELDS.get(_field(change.field), "") for change in cards.changes_of(event)]
    fields = "、".join(dict.fromkeys(name for name in changed if name))
    stated = [
        words.REFERENCE.format(number=hide(event.reference)) if event.reference else "",
        words.ACTED_AT.format(time=moments.full(event.happened_at)) if event.happened_at else "",
        board.money(event.amount_fen, approximate=False) if event.amount_fen else "",
        hide(event.detail),
        audit_words.CHANGED.format(fields=fields) if fields else "",
    ]
    return Entry.of(event.at, event.staff_id, names, what, "；".join(filter(None, stated)))


def _field(name: str) -> str:
    return {"amount_fen": "amount", "fraud_type": "fraud"}.get(last := name.rpartition(".")[2], last)


def _tip(session: Session, tip_id: uuid.UUID, fraud_names: Mapping[str, str]) -> Sheet | None:
    tip = session.get(Tip, tip_id)
    if tip is None:
        return None
    hide = hider(names_of(session, tip.conversation_id, tip.id))
    events = registry.history(session, tip.id)
    names = people(session, [event.staff_id for event in events])
    named = clusters.of_records(session, Source.TIP, [tip.id]).get(tip.id, ())
    kept = session.scalars(select(Evidence).where(Evidence.id.in_(registry.evidence_of(session, tip.id))))
    rows = [
        (LABELS["state"], words.TIP_STATES[tip.state]),
        (LABELS["registered"], moments.full(tip.registered_at)),
        (LABELS["fraud"], fraud_names.get(tip.fraud_type, "")),
        (LABELS["story"], hide(tip.story)),
        (LABELS["place"], hide(tip.place)),
        (LABELS["happened"], hide(tip.happened)),
        *((words.SUBJECTS.get(item.kind, item.kind), subject(item.kind, item.value)) for item in named),
        *((LABELS["evidence"], _evidence(item)) for item in kept),
    ]
    claim = session.scalar(select(Claim).where(Claim.tip_id == tip.id))
    others = [Other("claims", claim.id, claim.number)] if claim else []
    if tip.conversation_id:
        others.append(Other("conversations", tip.conversation_id, audit_words.RECORDS["conversations"]))
    others += _linked(session, Source.TIP, tip.id)
    history = [Entry.of(event.at, event.staff_id, names, _tip_event(event), hide(event.detail)) for event in events]
    return Sheet("tips", tip.number, words.TIP_STATES[tip.state], [("", rows)], history, others)


def _evidence(item: Evidence) -> str:
    kind = words.KINDS.get(item.kind, audit_words.FILE_KIND)
    return audit_words.EVIDENCE.format(kind=kind, size=item.size or 0, sha256=item.sha256)


def _tip_event(event: TipEvent) -> str:
    return tip_words.EVENTS[event.what] or words.TIP_STATES[event.state]


def _conversation(session: Session, conversation_id: uuid.UUID, now: datetime) -> Sheet | None:
    query = select(Conversation).where(Conversation.id == conversation_id).options(joinedload(Conversation.contact))
    conversation = session.scalar(query)
    if conversation is None:
        return None
    hide = hider(names_of(session, conversation_id))
    said = []
    for bubble in thread.load(session, conversation_id, now):
        file = (
            audit_words.HIDDEN_FILE.format(kind=words.KINDS.get(bubble.media.kind, audit_words.FILE_KIND))
            if bubble.media
            else ""
        )
        text = " ".join(filter(None, [hide(bubble.text), file]))
        said.append(Said(bubble.side, bubble.author, f"{bubble.day} {bubble.at}".strip(), text))
    rows = [
        (LABELS["channel"], words.CHANNELS[conversation.channel]),
        (LABELS["sender"], masking.sender(conversation.channel, conversation.contact.sender)),
        (LABELS["opened"], moments.full(conversation.opened_at)),
        (LABELS["last"], moments.full(conversation.last_message_at)),
    ]
    asked = [
        (f"{form.name}（{form.state}）", [(label, hide(value)) for label, value in form.rows])
        for form in collected.load(session, conversation_id)
    ]
    history = [entry for _, entry in handling.load(session, conversation_id)]
    title = audit_words.RECORDS["conversations"]
    return Sheet("conversations", title, "", [("", rows), *asked], history, _others(session, conversation_id), said)


def _others(session: Session, conversation_id: uuid.UUID) -> list[Other]:
    found = []
    for kind, table in (("cards", StopCard), ("tips", Tip), ("claims", Claim)):
        rows = session.execute(select(table.id, table.number).where(table.conversation_id == conversation_id))
        found += [Other(kind, row.id, row.number) for row in rows]
    return found
