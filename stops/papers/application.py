"""紧急止付申请表: the application for a stop, with everything a bank's parser demands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from stops.models import StopCard, blank_transfer
from stops.papers.facts import moment, odd, over, titled, transfer_rows
from stops.papers.sheet import Sheet
from stops.words import STOP_COUNT, Paper

LASTS = timedelta(hours=48)


def application(card: StopCard, now: datetime, fraud_names: Mapping[str, str], counts: Mapping[int, int]) -> bytes:
    """The .docx. ``counts``: by transfer, which of its two stops its account is at (0: none yet)."""
    doubts = odd(card, now)
    sheet = Sheet(titled(card, Paper.application), over=over(card))
    sheet.pairs(
        [
            (Paper.number, card.number, Paper.reported, moment(card.reported_at)),
            (Paper.unit, Paper.by_hand, Paper.deadline, moment(card.deadline)),
        ]
    )
    sheet.heading(Paper.victim)
    sheet.pairs(
        [
            (
                "姓名",
                (card.victim_name or Paper.to_fill) + doubts.get((0, "victim_name"), ""),
                "联系电话",
                (card.callback_phone or Paper.to_fill) + doubts.get((0, "callback_phone"), ""),
            ),
            (Paper.identity, Paper.by_hand),
        ]
    )
    sheet.heading(Paper.transfers)
    transfers = card.transfers or [blank_transfer(card.id, 1)]
    for transfer in transfers:
        if len(transfers) > 1:
            sheet.text(Paper.nth.format(ordinal=transfer.ordinal))
        sheet.pairs(transfer_rows(transfer, doubts))
    sheet.heading(Paper.case)
    sheet.pairs([("诈骗类型", fraud_names.get(card.fraud_type, Paper.to_fill)), ("经过", card.story or Paper.to_fill)])
    sheet.heading(Paper.stop)
    sheet.pairs(_stop(card, counts))
    sheet.text(Paper.notice if card.confirmed else Paper.unconfirmed, small=True)
    sheet.pairs([(Paper.signs[0], "", Paper.signs[1], ""), (Paper.signs[2], "", Paper.signs[3], "")], height=1.3)
    sheet.text(f"{Paper.drawn}:{moment(now)}", small=True)
    return sheet.content()


def _stop(card: StopCard, counts: Mapping[int, int]) -> list[tuple[str, ...]]:
    """An application that is not made yet is for the next stop; one that is made says from when to when."""
    running = card.initiated_at is not None
    ordinals = sorted({count if running else min(count + 1, 2) for count in counts.values()}) or [1]
    start = card.initiated_at
    return [
        (Paper.kind_of_case, Paper.fraud, Paper.urgency, Paper.urgent),
        (Paper.count, "、".join(STOP_COUNT.format(count=count) for count in ordinals)),
        (
            Paper.start,
            moment(start) or Paper.by_hand,
            Paper.end,
            moment(start + LASTS) if start else Paper.by_hand,
        ),
    ]
