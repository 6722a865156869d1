"""A tip: what, who, where, when, evidence; nobody's name is asked; it ends with a number and a query code."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from conversations import forms
from conversations.forms import Question, Said, Values
from conversations.inbound import Kind, Reply
from conversations.models import Conversation, FormRecord, FormState
from handlers import tip_more
from handlers.answers import bare, is_skip
from handlers.turn import Turn
from handlers.words import tip as words
from linkage.subjects import MOST, Subject, subjects_of
from nlu.fraud_types import OTHER, fraud_type
from nlu.types import Entity
from tips import kinds, registry
from tips.kinds import Kind as TipKind
from tips.registry import Draft, Registered
from tips.villages import Villages

NAME = "report_tip"
BARE_REQUEST = re.compile(
    r"^(?:你好|您好|喂|我)?[,， ]*(?:我)?(?:想|要|来)?(?:举报|检举|报告|反映)"
    r"(?:一?[个条下些]?(?:诈骗|骗子|线索|情况|电话|号码|网址|人)?)?[吗呀啊吧。.!！]*$"
)
_NO_PLACE = re.compile(r"^[\s,，。.、!！]+|[\s,，。.、!！]*(?:的事|的时候|左右|前后|大概|可能)*[的吧了\s,，。.、!！]*$")
_PLACE_ENDS = (
    "省|市|县|区|镇|乡|村|组|社区|小区|路|街|巷|栋|楼|超市|车站|学校|门口|广场|宾馆|酒店|茶楼|市场|网吧|出租屋"
)
PLACE = re.compile(
    rf"(?:在|住|位于|地点是?|地址是?)?((?:[\u4e00-\u9fa5]{{1,8}}(?:{_PLACE_ENDS}))+(?:(?!有|在|是|收|卖|买|搞|那|他|她)[\u4e00-\u9fa50-9]){{0,8}})"
)


class TipForm:
    """The form of a tip."""

    name = NAME

    def __init__(self, *, by_sms: bool) -> None:
        self._by_sms = by_sms

    def questions(self, values: Values) -> Sequence[Question]:
        """All questions, in order."""
        return (
            Question("story", ("story",), words.ASK_STORY, tries=2),
            Question("subject", ("subjects",), words.ASK_SUBJECT, tries=1),
            Question("place", ("place", "happened"), words.ASK_PLACE, words.AGAIN_PLACE, words.LABELS, tries=1),
            *self._kind_question(values),
            Question("evidence", ("done",), words.ASK_EVIDENCE_SMS if self._by_sms else words.ASK_EVIDENCE, tries=6),
        )

    @staticmethod
    def _kind_question(values: Values) -> Sequence[Question]:
        """Asked only where neither the story nor what it names tells the kind."""
        if kinds.derive(values.get("story", ""), _named(values)) is not None:
            return ()
        return (Question("kind", ("kind",), words.ASK_KIND, tries=1),)

    def read(self, said: Said, values: Values) -> dict[str, Any]:
        """Everything the message tells about the offence."""
        found: dict[str, Any] = {}
        text = said.text.strip()
        subjects = _subjects(said, values)
        if len(subjects) > len(values.get("subjects", ())):
            found["subjects"] = subjects
        _read_where_and_when(said, text, values, found)
        if said.asked == "kind" and (kind := _kind_chosen(text)):
            found["kind"] = kind
        if _tells(said, text):
            found["story"] = f"{values.get('story', '')}\n{text}".strip()[:4000]
        if said.evidence:
            found["evidence"] = [*values.get("evidence", ()), said.evidence][:50]
        if said.asked == "evidence" and (is_skip(text) or words.ENOUGH.search(text)):
            found["done"] = "yes"
        return found


def _tells(said: Said, text: str) -> bool:
    if not text or BARE_REQUEST.match(text) or words.ENOUGH.match(text) or is_skip(text):
        return False
    return said.asked in ("", "story", "evidence")


def _subjects(said: Said, values: Values) -> list[dict[str, str]]:
    subjects = [*values.get("subjects", ())]
    subjects += [{"kind": one.kind, "value": one.value} for one in subjects_of(said.text, said.entities)]
    return [subject for index, subject in enumerate(subjects) if subject not in subjects[:index]][:MOST]


def _named(values: Values) -> tuple[Subject, ...]:
    return tuple(Subject(item["kind"], item["value"]) for item in values.get("subjects", ()))


def _kind_chosen(text: str) -> TipKind | None:
    """The kind of a number of the question, or of the word beside it."""
    said = bare(text)
    for number, (kind, word) in enumerate(words.KINDS.items(), start=1):
        if said in (str(number), word, f"{number}{word}", f"{number} {word}"):
            return kind
    return kinds.derive(text)


def _read_where_and_when(said: Said, text: str, values: Values, found: dict[str, Any]) -> None:
    place = PLACE.search(text)
    if place and "place" not in values:
        found["place"] = place.group(1)
    times = [entity for entity in said.entities if isinstance(entity, Entity) and entity.type == "time"]
    if times and "happened" not in values:
        found["happened"] = times[0].text
    if said.asked != "place" or not text or is_skip(text) or ("subjects" in found and not place):
        return
    where = _NO_PLACE.sub("", "".join(_without(text, times)))
    if where:
        found["place"] = where
    if where and not place and not times:  # in words of their own, perhaps both
        found.setdefault("happened", values.get("happened", text))


def _without(text: str, times: Sequence[Entity]) -> Iterator[str]:
    at = 0
    for time in times:
        yield text[at : time.start]
        at = time.end
    yield text[at:]


def handle(turn: Turn) -> list[Reply]:
    """Start collecting a tip."""
    record = forms.begin(turn.session, turn.conversation, NAME, turn.now)
    turn.form = record
    forms.absorb(TipForm(by_sms=turn.by_sms), record, turn.said())
    return _ask(turn, record, words.WELCOME)


def answer(turn: Turn) -> list[Reply] | None:
    """A message while the form is open."""
    record = turn.form
    assert record is not None
    form = TipForm(by_sms=turn.by_sms)
    asked = record.prompt
    # Who tells it in a voice message has told it; somebody will listen.
    told = asked == "story" and turn.inbound.kind is Kind.VOICE and not turn.text
    skip = told or (is_skip(turn.text) and asked != "evidence")
    progress = forms.absorb(form, record, turn.said(), skip=skip)
    if asked == "evidence" and "done" not in record.values:
        if turn.by_sms or progress.finished:
            return _finish(turn, record)
        return [] if turn.bubble else [Reply(words.EVIDENCE_KEPT if turn.evidence else words.MORE_KEPT)]
    return _ask(turn, record, _received(turn))


def _received(turn: Turn) -> str:
    """A word on what came without words."""
    if turn.text or turn.evidence is None:
        return ""
    return words.RECEIVED_VOICE if turn.inbound.kind is Kind.VOICE else words.RECEIVED


def cancel(turn: Turn) -> list[Reply]:
    """The reporter thinks better of it."""
    assert turn.form is not None
    forms.end(turn.session, turn.form, FormState.CANCELLED, turn.now)
    return [Reply(words.CANCELLED)]


def prompt_again(record: FormRecord, now: datetime, *, by_sms: bool) -> str:
    """The words of the question that stands open."""
    question = forms.next_question(TipForm(by_sms=by_sms), record)
    return forms.prompt(record, question, now, bubble=False) if question else ""


def _ask(turn: Turn, record: FormRecord, lead: str) -> list[Reply]:
    question = forms.next_question(TipForm(by_sms=turn.by_sms), record)
    if question is None:
        return _finish(turn, record)
    text = forms.prompt(record, question, turn.now, bubble=turn.bubble)
    return [Reply(f"{lead}{text}")] if text else []


def _finish(turn: Turn, record: FormRecord) -> list[Reply]:
    registered = _register(turn.session, turn.conversation, record, turn.services.villages, turn.now)
    if registered is None:
        forms.end(turn.session, record, FormState.CANCELLED, turn.now)
        return [Reply(words.NOTHING_TOLD)]
    forms.end(turn.session, record, FormState.DONE, turn.now)
    return [_given(words.DONE, registered)]


def leave(
    session: Session, conversation: Conversation, record: FormRecord, villages: Villages, now: datetime
) -> list[Reply]:
    """The reporter has fallen silent: what they told is registered as it is, and what they still say is added to it."""
    registered = _register(session, conversation, record, villages, now)
    state = FormState.CANCELLED if registered is None else FormState.DONE
    was_open = record.state == FormState.OPEN
    if was_open:
        resumed = forms.end(session, record, state, now)
    else:  # another form is open, and stays so
        record.state, record.touched_at = state.value, now
        session.flush()
    if registered is None:
        return []
    if was_open and resumed is None:
        tip_more.begin(session, conversation, registered.tip, now)
    return [_given(words.LEFT, registered)]


def _given(text: str, registered: Registered) -> Reply:
    return Reply(text.format(number=registered.tip.number, code=registered.code), secret=True)


def _register(
    session: Session, conversation: Conversation, record: FormRecord, villages: Villages, now: datetime
) -> Registered | None:
    """The tip of what was told; None for nothing."""
    values = record.values
    story, subjects, place = values.get("story", ""), _named(values), values.get("place", "")
    if not (story or subjects or place or values.get("evidence")):
        return None
    draft = Draft(
        story=story,
        subjects=subjects,
        place=place,
        happened=values.get("happened", ""),
        evidence=tuple(uuid.UUID(one) for one in values.get("evidence", ())),
        fraud_type="" if (kind := fraud_type(story)) == OTHER else kind,
        kind=values.get("kind") or kinds.derive(story, subjects) or TipKind.OTHER,
        village=villages.find(place) or villages.find(story),
    )
    registered = registry.register(session, conversation, draft, now)
    record.subject_id = registered.tip.id
    return registered
