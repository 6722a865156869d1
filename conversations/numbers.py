"""One spelling per phone number, so that one resident is one contact whatever the provider writes."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

REGION = "CN"
# Own rule before the library's tables: a prefix opened after the library was released is the same contact.
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
# 10086, 96110, 1069…: numbers without an E.164 form; some gateways put 86 in front of them as well.
_SERVICE = re.compile(r"(?:(?:\+|00)?86)?(106\d{5,17})|(?:(?:\+|00)86)?([1-9]\d{2,7})")
_LONGEST = 40


def normalise(raw: str) -> str:
    """E.164, or the bare digits of a service number.

    A number without a country code is Chinese. Raises ``ValueError`` for what is no number.
    """
    if len(raw) > _LONGEST:
        raise ValueError("too long for a phone number")
    compact = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", raw))
    if mobile := _MOBILE.fullmatch(compact):
        return f"+86{mobile[1]}"
    if service := _SERVICE.fullmatch(compact):
        return service[1] or service[2]
    if not re.fullmatch(r"\+?\d+", compact):  # the library would drop letters, or dial them
        raise ValueError("not a phone number")
    try:
        number = phonenumbers.parse(compact, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number") from error
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError("not a possible phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
