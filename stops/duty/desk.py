"""What staff enter by hand: who is away, who stands in, and the numbers at which they get alerts."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops.duty import words
from stops.duty.models import DutyPhone, StandIn
from storage import live

_MOBILE = re.compile(r"1[3-9]\d{9}")


class DutyError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


def enter_stand_in(
    session: Session,
    absent_id: uuid.UUID,
    by_id: uuid.UUID | None,
    starts_at: datetime,
    ends_at: datetime,
    entered_by: uuid.UUID,
    now: datetime,
) -> StandIn:
    """Somebody is away for a time. Raises :class:`DutyError`."""
    wanted = [absent_id, *([by_id] if by_id else [])]
    people = {staff.id: staff for staff in session.scalars(select(Staff).where(Staff.id.in_(wanted)))}
    if absent_id not in people or (by_id is not None and by_id not in people):
        raise DutyError(words.NO_SUCH_PERSON)
    if by_id is not None and ("officer" not in people[by_id].role_set or not people[by_id].active):
        raise DutyError(words.NOT_AN_OFFICER.format(login=people[by_id].name))
    if absent_id == by_id:
        raise DutyError(words.OWN_STAND_IN)
    if ends_at <= starts_at:
        raise DutyError(words.ENDS_BEFORE)
    if ends_at <= now:
        raise DutyError(words.IS_OVER)
    row = StandIn(
        absent_id=absent_id, by_id=by_id, starts_at=starts_at, ends_at=ends_at, entered_by=entered_by, entered_at=now
    )
    session.add(row)
    session.flush()
    live.touch(session, "duty", row.id)
    return row


def revoke_stand_in(session: Session, stand_in_id: uuid.UUID, now: datetime) -> None:
    """They are here after all. Raises :class:`DutyError`."""
    row = session.get(StandIn, stand_in_id)
    if row is None:
        raise DutyError(words.NO_SUCH_PERSON)
    row.revoked_at = row.revoked_at or now
    live.touch(session, "duty", row.id)


def stand_ins(session: Session, now: datetime) -> list[StandIn]:
    """Those that hold now or later, by their beginning."""
    return list(
        session.scalars(
            select(StandIn).where(StandIn.ends_at > now, StandIn.revoked_at.is_(None)).order_by(StandIn.starts_at)
        )
    )


def set_phone(session: Session, staff_id: uuid.UUID, typed: str) -> Staff:
    """The mobile number at which somebody gets alerts; empty: none any more. Raises :class:`DutyError`."""
    staff = session.get(Staff, staff_id)
    if staff is None:
        raise DutyError(words.NO_SUCH_PERSON)
    digits = re.sub(r"[\s-]", "", typed).removeprefix("+86")
    if digits and not _MOBILE.fullmatch(digits):
        raise DutyError(words.NOT_A_PHONE)
    row = session.scalar(select(DutyPhone).where(DutyPhone.staff_id == staff_id).with_for_update())
    if row is None:
        row = DutyPhone(staff_id=staff_id)
        session.add(row)
    row.phone = f"+86{digits}" if digits else ""
    live.touch(session, "duty", row.id)
    return staff


def phones(session: Session) -> dict[uuid.UUID, str]:
    """The numbers by member of staff, E.164."""
    return {row.staff_id: row.phone for row in session.scalars(select(DutyPhone)) if row.phone}
