"""The audit log for the auditor's screen, and as a file."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import ColumnElement, Select, and_, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from console import audit_words, moments, words
from console.pages import keyset, numbers
from console.pages.numbers import TABLES
from conversations.audit import VIEW, Checked
from conversations.models import AuditEntry, AuditLink, Staff
from storage.clock import CHINA

PAGE = 100
MOST = 20_000  # lines of a file
# Kinds of records that have a page an auditor may open: endpoint and kind in its path.
PAGES = {"card": "cards", "order": "orders", "tip": "tips", "conversation": "conversations"}
_NUMBERED = {"card": "cards", "tip": "tips", "claim": "claims", "order": "orders"}
_LOOK = AuditEntry.action.startswith(VIEW, autoescape=True)
_PAPER = or_(
    AuditEntry.action.endswith("_export", autoescape=True),
    AuditEntry.action.startswith("print_", autoescape=True),
    AuditEntry.action.in_(("card_paper", "month_paper", "cli_reveal")),
)
_SIGN = AuditEntry.action.startswith("sign_", autoescape=True)
_WHAT: Mapping[str, ColumnElement[bool]] = {
    "look": _LOOK,
    "paper": _PAPER,
    "sign": _SIGN,
    "change": and_(not_(_LOOK), not_(_PAPER), not_(_SIGN)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines. Days are China's, both included; ``number``: of a card, tip, claim or order."""

    staff_id: uuid.UUID | None = None
    what: str = ""
    kind: str = ""
    number: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line in words. ``page``: kind in the path of the masked record, or empty."""

    at: str
    who: str
    roles: str
    origin: str
    action: str
    kind: str
    number: str
    detail: str
    page: str
    subject_id: uuid.UUID | None
    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class View:
    """The page. ``further``: where the next one begins, or empty."""

    lines: list[Line]
    further: str
    people: list[tuple[uuid.UUID, str]]
    missing: str


def load(session: Session, wanted: Wanted, after: str) -> View:
    """The newest lines that are wanted."""
    staff = session.execute(select(Staff.id, Staff.name).order_by(Staff.name, Staff.login))
    people = [(row.id, row.name) for row in staff]
    query = _query(session, wanted)
    if query is None:
        return View([], "", people, audit_words.NO_SUCH_RECORD.format(number=wanted.number))
    place = keyset.read(after)
    if place is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < place)
    found = session.execute(query.limit(PAGE + 1)).all()
    last = found[PAGE - 1][0] if len(found) > PAGE else None
    further = keyset.write(last.at, last.id) if last else ""
    return View(_lines(session, found[:PAGE]), further, people, "")


def _query(session: Session, wanted: Wanted) -> Select[AuditEntry, AuditLink, Staff] | None:
    """None: there is no such record."""
    query = (
        select(AuditEntry, AuditLink, Staff)
        .outerjoin(AuditLink, AuditLink.id == AuditEntry.id)
        .outerjoin(Staff, Staff.id == AuditEntry.staff_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    if wanted.number:
        record = numbers.find(session, wanted.number)
        if record is None:
            return None
        query = query.where(AuditEntry.subject_id == record.id)
    if wanted.staff_id is not None:
        query = query.where(AuditEntry.staff_id == wanted.staff_id)
    if wanted.what in _WHAT:
        query = query.where(_WHAT[wanted.what])
    if wanted.kind:
        query = query.where(AuditEntry.subject_kind == wanted.kind)
    if wanted.first is not None:
        query = query.where(AuditEntry.at >= _midnight(wanted.first))
    if wanted.last is not None:
        query = query.where(AuditEntry.at < _midnight(wanted.last + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _lines(session: Session, found: Sequence[tuple[AuditEntry, AuditLink | None, Staff | None]]) -> list[Line]:
    known = _numbers(session, [entry for entry, _, _ in found])
    return [_line(entry, link, staff, known) for entry, link, staff in found]


def _line(entry: AuditEntry, link: AuditLink | None, staff: Staff | None, known: Mapping[uuid.UUID, str]) -> Line:
    kind = audit_words.KINDS.get(entry.subject_kind, entry.subject_kind)
    return Line(
        at=moments.full(entry.at),
        who=staff.name if staff else _nobody(entry.origin),
        roles="、".join(words.ROLES.get(role, role) for role in entry.roles.split(",") if role),
        origin=_origin(entry.origin),
        action=_action(entry.action),
        kind=kind,
        number=known.get(entry.subject_id, str(entry.subject_id)[-8:]) if entry.subject_id else "",
        detail=_detail(entry),
        page=PAGES.get(entry.subject_kind, ""),
        subject_id=entry.subject_id,
        position=link.position if link else 0,
        hash=link.hash if link else "",
    )


def _nobody(origin: str) -> str:
    return audit_words.COMMAND if origin.startswith("cli") else audit_words.SOMEBODY


def _origin(origin: str) -> str:
    name, _, mark = origin.partition(" ")
    return audit_words.FROM[name].format(mark=mark) if name in audit_words.FROM else audit_words.PROGRAM


def _action(action: str) -> str:
    if action.startswith(VIEW):
        kind = action.removeprefix(VIEW)
        return audit_words.LOOK.format(kind=audit_words.KINDS.get(kind, kind))
    return audit_words.ACTIONS.get(action, action)


def _detail(entry: AuditEntry) -> str:
    """Codes in words, and of a long key its beginning."""
    if entry.subject_kind == "subject":
        return entry.detail[:12]
    if entry.action == "audit_verify":
        count, _, faults = entry.detail.partition(" ")
        return audit_words.CHECKED.format(count=count, faults=faults)
    if entry.detail.isdecimal():
        return audit_words.COUNT.format(count=entry.detail)
    states = {"card": words.CARD_STATES, "tip": words.TIP_STATES, "claim": words.CLAIM_STATES}
    return states.get(entry.subject_kind, {}).get(entry.detail, entry.detail)


def _numbers(session: Session, entries: Iterable[AuditEntry]) -> dict[uuid.UUID, str]:
    wanted: dict[str, set[uuid.UUID]] = {}
    for entry in entries:
        if entry.subject_id is not None and entry.subject_kind in _NUMBERED:
            wanted.setdefault(_NUMBERED[entry.subject_kind], set()).add(entry.subject_id)
        elif entry.subject_id is not None and entry.subject_kind == "staff":
            wanted.setdefault("staff", set()).add(entry.subject_id)
    found: dict[uuid.UUID, str] = {}
    for kind, ids in wanted.items():
        if kind == "staff":
            rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
        else:
            rows = session.execute(select(TABLES[kind].id, TABLES[kind].number).where(TABLES[kind].id.in_(ids)))
        found.update((row[0], row[1]) for row in rows)
    return found


def workbook(session: Session, wanted: Wanted) -> tuple[bytes, int]:
    """The wanted lines as XLSX, the newest :data:`MOST`, and how many they are."""
    query = _query(session, wanted)
    found = [] if query is None else session.execute(query.limit(MOST)).all()
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = audit_words.SHEET
    sheet.append(audit_words.HEAD)
    sheet.freeze_panes = "A2"
    for line in _lines(session, found):
        cells = (line.at, line.who, line.roles, line.origin, line.action, line.kind, line.number, line.detail)
        sheet.append([line.position, *map(_plain, cells), line.hash])
    for column, width in zip("ABCDEFGHIJ", (8, 20, 14, 18, 22, 22, 14, 16, 30, 66), strict=True):
        sheet.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), len(found)


def _plain(text: str) -> str:
    """What stands in a cell must not become a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def told(found: Checked) -> str:
    """What checking the chain found."""
    if not found.faults:
        return audit_words.WHOLE.format(count=found.links, last=found.last, newest=found.newest[:16])
    said = [
        (audit_words.FAULTS[fault.what] if fault.what else audit_words.LOOSE).format(position=fault.position)
        for fault in found.faults[:5]
    ]
    return audit_words.BROKEN.format(faults="；".join(said))
