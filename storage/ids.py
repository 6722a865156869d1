"""Opaque row ids: UUID version 7, so that an index grows at its end (RFC 9562, section 5.7)."""

from __future__ import annotations

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A fresh row id."""
    return uuid7()
