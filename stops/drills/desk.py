"""Starting and ending a drill, and the next words of its victim.

A drill is played by a contact that is marked as one: its messages take the way of every WeChat message, its card is
marked from the first moment, and nothing that is said to it leaves the house.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import contacts, forms, staffing
from conversations.inbound import Channel, Inbound, Kind
from conversations.models import Contact, Conversation, FormRecord, FormState, Staff
from stops import events, tasks, timers
from stops.drills.models import Drill
from stops.drills.scripts import scripts
from stops.duty import roster
from stops.models import CardState, StopCard
from stops.record import CardError, locked, note
from storage import live
from storage.ids import new_id
from storage.jobs import Priority, Task, defer

MOST = 20  # messages; a victim nobody understands falls silent
EVERY_TASK = (tasks.TELL, tasks.DOUBT, tasks.EXPIRY, tasks.LAPSED)
ENDED = "演练结束"
UNKNOWN_SCRIPT = "没有这个演练脚本。"
NO_DRILL = "没有这次演练。"


def may_lead(session: Session, staff: Staff, now: datetime) -> bool:
    """Who may start and end drills: administrators, and whoever leads the shift now or stands in for them."""
    return "admin" in staff.role_set or staff.id in {leader.id for leader in roster.on_duty(session, now).leaders}


def start(session: Session, script: str, staff: Staff | None, now: datetime, *, by_worker: bool = True) -> Drill:
    """Begin a drill; the worker plays it, unless the caller does. ``staff`` None: from the command line.

    Raises :class:`CardError` for an unknown script.
    """
    if script not in scripts():
        raise CardError(UNKNOWN_SCRIPT)
    drill_id = new_id()
    contact = contacts.lock_contact(session, Channel.WECHAT, f"drill-{drill_id.hex}", now)
    contact.drill = True
    drill = Drill(id=drill_id, script=script, contact_id=contact.id, started_at=now, said=0)
    drill.started_by = staff.id if staff else None
    session.add(drill)
    session.flush()
    staffing.record(session, staff, "drill_start", now, "drill", drill.id, script)
    live.touch(session, "drill", drill.id)
    if by_worker:
        defer(session, Task.DRILL, priority=Priority.URGENT, drill_id=str(drill.id))
    return drill


def card_of(session: Session, drill: Drill) -> StopCard | None:
    """The card of a drill, once there is one."""
    return session.scalar(
        select(StopCard).where(StopCard.contact_id == drill.contact_id).order_by(StopCard.reported_at).limit(1)
    )


def next_message(session: Session, drill: Drill, now: datetime) -> Inbound | None:
    """What the victim sends now; None once the card is complete, or nothing is asked of them any more."""
    text = _next_words(session, drill)
    if text is None:
        return None
    sender = session.get_one(Contact, drill.contact_id).sender
    return Inbound(Channel.WECHAT, sender, f"{sender}-{drill.said}", Kind.TEXT, now, now, text=text)


def _next_words(session: Session, drill: Drill) -> str | None:
    script = scripts()[drill.script]
    if drill.ended_at is not None or drill.said >= MOST:
        return None
    if drill.said < len(script.opening):
        return script.opening[drill.said]
    card = card_of(session, drill)
    if card is None or card.complete or card.state == CardState.CLOSED:
        return None
    form = session.scalar(
        select(FormRecord).where(FormRecord.subject_id == card.id, FormRecord.state == FormState.OPEN)
    )
    return script.answers.get(form.prompt, script.otherwise) if form is not None else None


def has_said(session: Session, drill_id: uuid.UUID, said: int, now: datetime, *, by_worker: bool = True) -> None:
    """Message number ``said`` (from 0) is stored; the next one follows after the script's pause. Once only."""
    drill = session.scalars(select(Drill).where(Drill.id == drill_id).with_for_update()).one()
    if drill.said != said:
        return
    drill.said = said + 1
    live.touch(session, "drill", drill.id)
    if by_worker:
        at = now + timedelta(seconds=scripts()[drill.script].pause)
        defer(session, Task.DRILL, at=at, priority=Priority.URGENT, drill_id=str(drill_id))


def end(session: Session, drill_id: uuid.UUID, staff: Staff, now: datetime) -> None:
    """Close the card and the conversation of a drill; nobody is told. An ended one stays as it is."""
    contact_id = session.scalar(select(Drill.contact_id).where(Drill.id == drill_id))
    if contact_id is None:
        raise CardError(NO_DRILL)
    contacts.lock_by_id(session, contact_id)  # first the contact, as an incoming message does
    for card_id in session.scalars(select(StopCard.id).where(StopCard.contact_id == contact_id)).all():
        _close(session, locked(session, card_id), staff, now)
    for conversation in session.scalars(
        select(Conversation).where(Conversation.contact_id == contact_id, Conversation.closed_at.is_(None))
    ):
        _leave(session, conversation, now)
    drill = session.get_one(Drill, drill_id, populate_existing=True)
    if drill.ended_at is None:
        drill.ended_at, drill.ended_by = now, staff.id
        staffing.record(session, staff, "drill_end", now, "drill", drill.id)
    live.touch(session, "drill", drill.id)


def _close(session: Session, card: StopCard, staff: Staff, now: datetime) -> None:
    if card.state == CardState.CLOSED:
        return
    card.state, card.state_by, card.state_at = CardState.CLOSED.value, staff.id, now
    card.closed_at, card.expires_at = now, None
    timers.drop(session, card, (timers.REMIND, *timers.EXPIRY))
    tasks.settle(session, card, EVERY_TASK, staff, now)
    note(session, card, now, "state", staff_id=staff.id, state=CardState.CLOSED.value, detail=ENDED)
    events.card_changed(session, card, "state", now)


def _leave(session: Session, conversation: Conversation, now: datetime) -> None:
    """Nobody has to answer it any more."""
    form = forms.active(session, conversation)
    if form is not None:
        forms.end(session, form, FormState.CANCELLED, now)
    staffing.end(session, conversation, now)
