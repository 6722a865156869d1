"""Receipts of a callback, one by one: an unreadable one is logged without content and left out."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.channels.sms.adapter import Receipt, Request
from bot.channels.sms.numbers import masked
from bot.channels.sms.reading import Unusable, digest

log = logging.getLogger(__name__)


def read_receipts(
    provider: str, request: Request, items: Callable[[], list[object]], read: Callable[[object], Receipt]
) -> list[Receipt]:
    """The readable receipts, in order."""
    try:
        raw_items = items()
    except Unusable as error:
        _skip(provider, request, 0, error)
        return []
    receipts = []
    for index, raw in enumerate(raw_items):
        try:
            receipts.append(read(raw))
        except Unusable as error:
            _skip(provider, request, index, error)
    return receipts


def receipt(message_id: str, reference: str, delivered: bool, reason: str) -> Receipt:
    """A receipt; raises :class:`Unusable` when nothing says which message it is about."""
    if not (message_id or reference):
        raise Unusable("id")
    return Receipt(message_id, reference, "delivered" if delivered else "failed", masked(reason))


def _skip(provider: str, request: Request, index: int, error: Unusable) -> None:
    log.warning(
        "unreadable SMS receipt",
        extra={"provider": provider, "reason": error.reason, "digest": digest(request.body, index)},
    )
