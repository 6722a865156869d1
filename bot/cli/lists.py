"""``list`` commands: records for operators and scripts, personal data only with ``--reveal``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot.cli.common import hide, show, transaction
from conversations import staffing
from conversations.models import Conversation, Message
from linkage import clusters
from linkage.models import Source
from rewards.claims import list_claims
from stops.cards import changes_of, history, list_cards
from stops.facts import missing, yuan
from stops.models import StopCard, StopEvent, StopTransfer
from stops.plausible import flags
from storage.clock import utc_now
from tips.registry import list_tips


def _group(name: str, about: str, rows: Callable[[int, bool], list[dict[str, Any]]]) -> click.Group:
    group = click.Group(name, help=about)

    @group.command("list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array.")
    @click.option("--reveal", is_flag=True, help="Show personal data in full.")
    @click.option("--limit", default=1000, show_default=True, help="At most so many, the newest.")
    def listing(as_json: bool, reveal: bool, limit: int) -> None:
        """List the records."""
        if reveal:
            with transaction() as session:
                staffing.record(session, None, "cli_reveal", utc_now(), detail=name)
        show(rows(limit, reveal), as_json=as_json)

    return group


def _stops(limit: int, reveal: bool) -> list[dict[str, Any]]:
    with transaction() as session:
        return [_card(card, reveal) for card in list_cards(session, limit=limit)]


def _card(card: StopCard, reveal: bool) -> dict[str, Any]:
    first = card.transfers[0] if card.transfers else StopTransfer(ordinal=1)
    return {
        "id": card.id,
        "number": card.number,
        "kind": card.kind,
        "drill": card.drill,
        "state": card.state,
        "conversation": card.conversation_id,
        "reported_at": card.reported_at,
        "deadline": card.deadline,
        "amount": yuan(first.amount_fen),
        "approximate": bool(first.approximate),
        "payee_name": hide(first.payee_name, reveal=reveal),
        "payee_account": hide(first.payee_account, reveal=reveal, keep=4),
        "payee_bank": first.payee_bank or "",
        "method": first.method or "",
        "transferred_at": first.transferred_at,
        "payer_bank": first.payer_bank or "",
        "third_party": card.third_party,
        "victim_name": hide(card.victim_name, reveal=reveal),
        "callback_phone": hide(card.callback_phone, reveal=reveal, keep=4),
        "fraud_type": card.fraud_type,
        "story": hide(card.story, reveal=reveal),
        "confirmed": card.confirmed,
        "doubted": card.doubted,
        "complete": card.complete,
        "missing": missing(card, utc_now()),
        "transfers": [_transfer(row, reveal) for row in card.transfers],
        "first_urgent_at": card.first_urgent_at,
        "taken_at": card.taken_at,
        "completed_at": card.completed_at,
        "initiated_at": card.initiated_at,
        "expires_at": card.expires_at,
        "stops": card.stop_round,
        "stopped": yuan(card.stopped_fen),
        "returned": yuan(card.returned_fen),
        "merged_into": card.merged_into or "",
        "flags": [f"{flag.ordinal}.{flag.field}:{flag.code}" for flag in flags(card, utc_now())],
    }


def _transfer(row: StopTransfer, reveal: bool) -> dict[str, Any]:
    return {
        "amount": yuan(row.amount_fen),
        "approximate": bool(row.approximate),
        "transferred_at": row.transferred_at.isoformat() if row.transferred_at else None,
        "payee_account": hide(row.payee_account, reveal=reveal, keep=4),
        "payee_name": hide(row.payee_name, reveal=reveal),
        "payee_bank": row.payee_bank or "",
        "method": row.method or "",
    }


@click.command("history")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--reveal", is_flag=True, help="Show personal data in full.")
def card_history(number: str, as_json: bool, reveal: bool) -> None:
    """Everything that happened to one card (ZF…), oldest first."""
    with transaction() as session:
        card = session.scalar(select(StopCard).where(StopCard.number == number.upper()))
        if card is None:
            raise click.ClickException(f"no card {number}")
        if reveal:
            staffing.record(session, None, "cli_reveal", utc_now(), "card", card.id)
        rows = [_event(event, reveal) for event in history(session, card.id)]
    show(rows, as_json=as_json)


def _event(event: StopEvent, reveal: bool) -> dict[str, Any]:
    changes = [
        {
            "field": change.field,
            "before": hide(str(change.before or ""), reveal=reveal),
            "after": hide(str(change.after or ""), reveal=reveal),
        }
        for change in changes_of(event)
    ]
    return {
        "at": event.at,
        "actor": event.actor,
        "staff": event.staff_id or "",
        "what": event.what,
        "state": event.state,
        "happened_at": event.happened_at,
        "reference": event.reference,
        "amount": yuan(event.amount_fen),
        "detail": hide(event.detail, reveal=reveal),
        "changes": changes,
    }


def _tips(limit: int, reveal: bool) -> list[dict[str, Any]]:
    with transaction() as session:
        tips = list_tips(session, limit)
        subjects = clusters.of_records(session, Source.TIP, [tip.id for tip in tips])
        return [
            {
                "id": tip.id,
                "number": tip.number,
                "state": tip.state,
                "conversation": tip.conversation_id,
                "registered_at": tip.registered_at,
                "fraud_type": tip.fraud_type,
                "kind": tip.kind,
                "village": tip.village,
                "holder": tip.holder_id,
                "duplicate_of": tip.duplicate_of,
                "joint": tip.joint_id,
                "story": hide(tip.story, reveal=reveal),
                "place": hide(tip.place, reveal=reveal),
                "happened": hide(tip.happened, reveal=reveal),
                "subjects": [
                    {"kind": subject.kind, "value": hide(subject.value, reveal=reveal, keep=4)}
                    for subject in subjects.get(tip.id, ())
                ],
            }
            for tip in tips
        ]


def _claims(limit: int, _reveal: bool) -> list[dict[str, Any]]:
    with transaction() as session:
        return [
            {
                "id": claim.id,
                "number": claim.number,
                "state": claim.state,
                "tip": claim.tip_id,
                "conversation": claim.conversation_id,
                "requested_at": claim.requested_at,
                "amount": claim.amount,
                "due_step": claim.due_step,
                "due_at": claim.due_at,
            }
            for claim in list_claims(session, limit)
        ]


def _conversations(limit: int, reveal: bool) -> list[dict[str, Any]]:
    query = (
        select(Conversation)
        .options(joinedload(Conversation.contact), joinedload(Conversation.staff))
        .order_by(Conversation.last_message_at.desc())
        .limit(limit)
    )
    with transaction() as session:
        return [
            {
                "id": row.id,
                "channel": row.channel,
                "sender": hide(row.contact.sender, reveal=reveal, keep=4),
                "drill": row.contact.drill,
                "holder": row.holder,
                "staff": row.staff.login if row.staff else "",
                "waiting_since": row.waiting_since,
                "waiting_reason": row.waiting_reason,
                "unread": row.unread,
                "last_intent": row.last_intent,
                "opened_at": row.opened_at,
                "last_message_at": row.last_message_at,
                "closed_at": row.closed_at,
            }
            for row in session.scalars(query)
        ]


def _messages(limit: int, reveal: bool) -> list[dict[str, Any]]:
    query = select(Message).order_by(Message.position.desc()).limit(limit)
    with transaction() as session:
        return [
            {
                "id": row.id,
                "conversation": row.conversation_id,
                "channel": row.channel,
                "direction": row.direction,
                "kind": row.kind,
                "text": hide(row.text, reveal=reveal),
                "created_at": row.created_at,
                "sent_at": row.sent_at,
                "intent": row.intent,
                "confidence": row.confidence,
                "decided_by": row.decided_by,
                "model": row.model,
                "author": row.author,
                "in_reply_to": row.in_reply_to or "",
                "passive": row.passive,
                "delivery": row.delivery,
                "attempts": row.attempts,
                "reason": row.reason,
            }
            for row in session.scalars(query)
        ]


stops = _group("stops", "Stop cards.", _stops)
stops.add_command(card_history)
tips = _group("tips", "Tips.", _tips)
claims = _group("claims", "Reward claims.", _claims)
conversations = _group("conversations", "Conversations.", _conversations)
messages = _group("messages", "Messages in both directions.", _messages)
