"""A summary of the case: facts, money, what was done by whom, evidence."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from conversations.models import Evidence
from stops.models import StopCard, StopEvent
from stops.papers.facts import moment, money, odd, over, titled, transfer_rows
from stops.papers.sheet import Sheet
from stops.record import Change, changes_of
from stops.states import reported_fen
from stops.words import ACTORS, EVENTS, FIELDS, KINDS, METHODS, PAYEES, STATES, Bundle, Paper

CODES: Mapping[str, Mapping[str, str]] = {"method": METHODS, "payee_kind": PAYEES}


def summary(
    card: StopCard,
    events: Sequence[StopEvent],
    evidence: Sequence[Evidence],
    staff: Mapping[uuid.UUID, str],
    fraud_names: Mapping[str, str],
    now: datetime,
) -> bytes:
    """The .docx. ``staff``: names by id; ``events``: the history, oldest first."""
    sheet = Sheet(titled(card, Paper.summary), over=over(card))
    holder = staff.get(card.officer_id, "") if card.officer_id else ""
    sheet.pairs(
        [
            (Paper.number, card.number, "种类", KINDS[card.kind]),
            (Paper.reported, moment(card.reported_at), Paper.state, STATES[card.state]),
            ("受害人姓名", card.victim_name or Paper.to_fill, "联系电话", card.callback_phone or Paper.to_fill),
            ("诈骗类型", fraud_names.get(card.fraud_type, Paper.to_fill), Paper.holder, holder),
            (Paper.lost, money(reported_fen(card)) or Paper.to_fill, Paper.stopped, money(card.stopped_fen)),
            (Paper.returned, money(card.returned_fen), Paper.end, moment(card.expires_at)),
            ("简要案情", card.story or Paper.to_fill),
        ]
    )
    doubts = odd(card, now)
    for transfer in card.transfers:
        sheet.heading(Paper.nth.format(ordinal=transfer.ordinal))
        sheet.pairs(transfer_rows(transfer, doubts))
    sheet.heading(Paper.course)
    sheet.grid(Paper.columns, [_step(event, staff, fraud_names) for event in events], (2.4, 1.8, 2.8, 10.0))
    sheet.heading(Paper.evidence)
    if evidence:
        rows = [(moment(e.created_at), Bundle.kinds.get(e.kind, e.kind), str(e.id)[-12:], e.sha256) for e in evidence]
        sheet.grid(Paper.evidence_columns, rows, (2.4, 1.6, 3.0, 10.0))
    else:
        sheet.text(Paper.no_evidence)
    sheet.text(f"{Paper.drawn}:{moment(now)}", small=True)
    return sheet.content()


def _step(
    event: StopEvent, staff: Mapping[uuid.UUID, str], fraud_names: Mapping[str, str]
) -> tuple[str, str, str, str]:
    who = staff.get(event.staff_id, "") if event.staff_id else ACTORS[event.actor]
    what = STATES[event.state] if event.what == "state" else EVENTS.get(event.what, event.what)
    stated = [
        Paper.happened.format(time=moment(event.happened_at)) if event.happened_at else "",
        Paper.reference.format(reference=event.reference) if event.reference else "",
        money(event.amount_fen),
        event.detail,
        *(_change(change, fraud_names) for change in changes_of(event)),
    ]
    return moment(event.at), who, what, "\n".join(part for part in stated if part)


def _change(change: Change, fraud_names: Mapping[str, str]) -> str:
    ordinal, _, name = change.field.rpartition(".")
    if change.before in (None, "", False) and change.after is False:
        return ""
    label = (Paper.nth.format(ordinal=ordinal) if ordinal else "") + FIELDS.get(name, name)
    before, after = (_value(name, value, fraud_names) for value in (change.before, change.after))
    if change.before in (None, "", False):
        return Paper.told.format(field=label, after=after)
    return Paper.change.format(field=label, before=before, after=after)


def _value(name: str, value: object, fraud_names: Mapping[str, str]) -> str:
    if name == "amount_fen" and isinstance(value, int) and not isinstance(value, bool):
        return money(value)
    if name == "transferred_at" and isinstance(value, str) and value:
        return moment(datetime.fromisoformat(value))
    if isinstance(value, bool):
        return Paper.yes if value else Paper.no
    codes = fraud_names if name == "fraud_type" else CODES.get(name, {})
    if str(value) in codes:
        return codes[str(value)]
    return str(value) if value not in (None, "") else Paper.empty
