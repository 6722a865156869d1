"""Reading the YAML files of this folder into checked records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from knowledge.rules import SMS_NUMBERS, answer_faults, faults

FOLDER = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it

Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]


class KnowledgeError(Exception):
    """A knowledge file cannot be used; the text names file and entry and says what to mend."""


class Record(BaseModel):
    """Immutable, and strict about unknown keys: a misspelt key is an error, not a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Record)


class Entry(Record):
    """One question with our answer.

    ``answer`` may name any allowed number; ``sms`` replaces it where the national style for texts knows only
    110 and 96110. ``fraud_type`` is a code of ``fraud_types.yml`` or None. ``source`` is for staff.
    """

    id: Slug
    title: Annotated[Text, StringConstraints(max_length=24)]
    fraud_type: Slug | None
    questions: Annotated[tuple[Text, ...], Field(min_length=5)]
    keywords: Annotated[tuple[Text, ...], Field(min_length=1)]
    answer: Text
    sms: Text | None = None
    source: Text
    reviewed: date
    effective_from: date

    @field_validator("answer")
    @classmethod
    def _fit_to_say(cls, value: str) -> str:
        return _or_raise(value, answer_faults(value))

    @model_validator(mode="after")
    def _fit_to_text(self) -> Entry:
        _or_raise("", [f"as SMS: {fault}" for fault in answer_faults(self.reply(sms=True), SMS_NUMBERS)])
        return self

    def reply(self, *, sms: bool = False) -> str:
        """The text for a resident, in the wording of the channel."""
        return (self.sms or self.answer) if sms else self.answer


class FraudType(Record):
    """One of the police's fraud types: how to recognise it and the one thing to do.

    ``signs``: each is a list of things that must all be in a text, each thing one of several wordings.
    """

    code: Slug
    name: Text
    recognise: Text
    do: Text
    signs: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @field_validator("recognise", "do")
    @classmethod
    def _fit_to_say(cls, value: str) -> str:
        return _or_raise(value, faults(value, SMS_NUMBERS))

    @field_validator("signs", mode="before")
    @classmethod
    def _parse(cls, value: object) -> object:
        """``"警察|公安 + 洗钱"``: either of the first two, and the last."""
        if not isinstance(value, list) or not all(isinstance(sign, str) for sign in value):
            raise ValueError("expected a list of texts such as `警察|公安 + 洗钱`")
        signs = [[[word.strip() for word in part.split("|")] for part in sign.split("+")] for sign in value]
        if not all(word for sign in signs for part in sign for word in part):
            raise ValueError("a sign has an empty part: an empty word would fit every text")
        return signs


def load_entries(folder: Path) -> list[Entry]:
    """Every entry of every ``*.yml`` file in a folder, files in the order of their names."""
    entries: list[Entry] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        content = read_mapping(path)
        shared: dict[str, Any] = {key: content[key] for key in ("reviewed", "effective_from") if key in content}
        for raw in rows(path, content, "entries"):
            entry = check(Entry, {**shared, **raw}, path, str(raw.get("id", "?")))
            if entry.id in seen:
                raise KnowledgeError(f"{path.name}: entry {entry.id!r} stands in {seen[entry.id]} already")
            seen[entry.id] = path.name
            entries.append(entry)
    if not entries:
        raise KnowledgeError(f"{folder}: no entries found")
    return entries


def load_fraud_types(path: Path) -> list[FraudType]:
    """The fraud types in the order of the file, which is the order of precedence."""
    types = [check(FraudType, raw, path, str(raw.get("code", "?"))) for raw in rows(path, read_mapping(path), "types")]
    codes = [fraud.code for fraud in types]
    doubled = sorted({code for code in codes if codes.count(code) > 1})
    if doubled:
        raise KnowledgeError(f"{path.name}: entry {doubled[0]!r} stands there twice")
    return types


def check(record: type[R], raw: dict[str, Any], path: Path, name: str) -> R:
    """One record, or an error that names the file, the entry and each wrong field."""
    try:
        return record.model_validate(raw)
    except ValidationError as error:
        details = "; ".join(f"{_where(problem['loc'])}: {problem['msg']}" for problem in error.errors())
        raise KnowledgeError(f"{path.name}: entry {name!r}: {details}") from error


def read_mapping(path: Path) -> dict[str, Any]:
    """A YAML file whose top level is a mapping."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 both are safe
    except FileNotFoundError as error:
        raise KnowledgeError(f"{path.name}: the file is missing") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path.name}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise KnowledgeError(f"{path.name}: expected a mapping at the top")
    return content


def rows(path: Path, content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of mappings under a key."""
    found = content.get(key)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise KnowledgeError(f"{path.name}: expected a list of mappings under `{key}`")
    return found


def _where(location: Sequence[int | str]) -> str:
    return ".".join(map(str, location)) or "entry"


def _or_raise(value: str, found: list[str]) -> str:
    if found:
        raise ValueError("; ".join(found))
    return value
