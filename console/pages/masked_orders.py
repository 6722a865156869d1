"""Warning orders as an auditor reads them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from console import masking, moments, order_words
from console.audit_words import LABELS
from console.pages.history import Entry, people
from console.pages.masked import Other, Sheet, hider
from stops.models import StopCard
from stops.orders.models import OrderEvent
from stops.orders.register import history, load


def sheet(session: Session, order_id: uuid.UUID) -> Sheet | None:
    """One order; None where there is none."""
    order = load(session, order_id)
    if order is None:
        return None
    hide = hider([order.name, order.address])
    events = history(session, order.id)
    names = people(session, [*(event.staff_id for event in events), *(step.staff_id for step in order.steps)])
    rows = [
        (LABELS["received"], moments.full(order.received_at)),
        (LABELS["fraud"], hide(order.fraud)),
        (LABELS["level"], hide(order.level)),
        (LABELS["village"], hide(order.village)),
        (LABELS["name"], masking.name(order.name)),
        (LABELS["mobile"], masking.phone(order.phone)),
        (LABELS["address"], masking.DOTS if order.address else ""),
        (LABELS["content"], hide(order.content)),
        (LABELS["outcome"], order_words.OUTCOMES.get(order.outcome, "")),
        (LABELS["rating"], order_words.RATINGS.get(order.rating, "")),
    ]
    steps = [(order_words.STEPS[step.step], moments.full(step.done_at)) for step in order.steps]
    card = session.get(StopCard, order.card_id) if order.card_id else None
    return Sheet(
        "orders",
        order.number,
        order_words.STATES[order.state],
        [("", rows), (LABELS["steps"], steps)],
        [_event(event, names, hide) for event in events],
        [Other("cards", card.id, card.number)] if card else [],
    )


def _event(event: OrderEvent, names: Mapping[uuid.UUID, str], hide: Callable[[str], str]) -> Entry:
    stated = [
        order_words.WAYS.get(event.way, ""),
        order_words.OUTCOMES.get(event.outcome, ""),
        hide(event.detail),
    ]
    what = order_words.EVENTS.get(event.what, event.what).format(step=order_words.STEPS.get(event.step, ""))
    return Entry.of(event.at, event.staff_id, names, what, "；".join(filter(None, stated)))
