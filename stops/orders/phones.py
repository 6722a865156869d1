"""Which numbers take texts."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"\+861[3-9]\d{9}")


def is_mobile(phone: str) -> bool:
    """Whether an E.164 number is a Chinese mobile number."""
    return bool(_MOBILE.fullmatch(phone))
