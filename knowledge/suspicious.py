"""A call, message, link or person a resident asks about: which fraud it resembles, and the one thing to do."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from knowledge import texts
from knowledge.lookup import OTHER
from knowledge.sources import FOLDER, FraudType, load_fraud_types


def resembles(text: str, fraud_type_code: str = "") -> FraudType | None:
    """The fraud type a text looks like, or None where nothing points to one.

    ``fraud_type_code`` is what understanding said already; a known code other than ``other`` is taken.
    Else the type most of whose signs are in the text, the earlier in ``fraud_types.yml`` where several tie.
    """
    types = _fraud_types()
    for fraud in types:
        if fraud.code == fraud_type_code and fraud.code != OTHER:
            return fraud
    text = unicodedata.normalize("NFKC", text)
    counts = [(_signs_in(text, fraud), fraud) for fraud in types]
    best, fraud = max(counts, key=lambda pair: pair[0])  # max keeps the first of equals
    return fraud if best else None


def advice(fraud: FraudType | None, *, reported: bool = False) -> str:
    """What to say to a resident: never that something is safe, always ending with what to do.

    ``reported``: the number, link or account stands in an earlier tip of ours.
    """
    parts = [texts.REPORTED] if reported else []
    if fraud is None or fraud.code == OTHER:
        parts += [] if reported else [texts.UNKNOWN]
        parts += [texts.PAID, texts.UNKNOWN_DO]
    else:
        parts.append(texts.RESEMBLES.format(name=fraud.name, recognise=fraud.recognise))
        parts += [texts.PAID, texts.DO.format(do=fraud.do)]
    return "".join(parts)


@lru_cache(maxsize=1)
def _fraud_types() -> tuple[FraudType, ...]:
    return tuple(load_fraud_types(FOLDER / "fraud_types.yml"))


def _signs_in(text: str, fraud: FraudType) -> int:
    return sum(all(any(word in text for word in part) for part in sign) for sign in fraud.signs)
