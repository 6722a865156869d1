"""A phone, link or account and the records that name it, as an auditor reads them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from console import audit_words, masking
from console.audit_words import LABELS
from console.pages import linked
from console.pages.history import Entry
from console.pages.masked import Other, Sheet, hider, subject
from linkage import clusters

PAGES = {"tips.show": "tips", "cards.show": "cards"}


def sheet(session: Session, key: str, now: datetime) -> Sheet | None:
    """One subject by its key; None where nothing names it."""
    shown = linked.load(session, key, now)
    if shown is None:
        return None
    (named,) = clusters.sightings(session, bytes.fromhex(key), limit=1)
    hide = hider({named.value, *(item.value for item in shown.beside)})
    about = [
        (LABELS["kind"], shown.kind),
        (LABELS["finding"], shown.finding),
        (LABELS["people"], str(shown.people)),
        (LABELS["first"], shown.first),
        (LABELS["last"], shown.last),
        (LABELS["place"], hide(shown.places)),
    ]
    records = [(row.seen, " ".join(filter(None, (row.source, row.number, row.about)))) for row in shown.records]
    return Sheet(
        "tips",
        subject(named.kind, named.value),
        shown.kind,
        [
            ("", about),
            (audit_words.NAMED_IN, records),
            (audit_words.BESIDE, [(item.kind, masking.DOTS) for item in shown.beside]),
        ],
        [Entry(at, who, finding, hide(reason)) for at, finding, who, reason in shown.verdicts],
        [Other(PAGES[row.endpoint], row.record_id, row.number) for row in shown.records if row.endpoint],
    )
