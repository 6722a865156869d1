"""Taking down a tip that somebody tells on the phone or at the desk."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.policy import may
from console.services import services
from console.session import me
from console.web import now, transaction
from conversations.staffing import record
from linkage.subjects import subjects_of
from nlu.entities import extract
from storage.clock import CHINA
from tips import desk, kinds, words
from tips.kinds import Kind
from tips.record import TipError
from tips.registry import Draft

blueprint = Blueprint("tip_new", __name__)
LONGEST = {"story": 4000, "named": 4000, "place": 200, "happened": 200, "kind": 16, "village": 64, "reporters": 4}


@blueprint.get("/tips/new")
@may("officer")
def form() -> ResponseReturnValue:
    """The empty form."""
    return _form({})


@blueprint.post("/tips/new")
@may("officer")
def submit() -> ResponseReturnValue:
    """Register it; numbers and codes are shown this once."""
    typed = {name: request.form.get(name, "").strip()[:most] for name, most in LONGEST.items()}
    reporters = int(typed["reporters"]) if typed["reporters"].isdecimal() else 0
    try:
        with transaction() as session:
            entered = desk.enter(session, _draft(typed), reporters, me(), now())
            for one in entered:
                record(session, me(), "tip_enter", now(), "tip", one.tip.id)
            shown = [(one.tip.id, one.tip.number, one.code) for one in entered]
    except TipError as error:
        return _form(typed, str(error)), 409
    return render_template("tip_entered.html", entered=shown)


def _draft(typed: dict[str, str]) -> Draft:
    """What was typed; kind and village are recognised where nobody chose."""
    told = f"{typed['story']}\n{typed['named']}"
    subjects = subjects_of(told, extract(told, now().astimezone(CHINA)))
    villages = services().villages
    return Draft(
        story=typed["story"],
        subjects=subjects,
        place=typed["place"],
        happened=typed["happened"],
        kind=typed["kind"] if typed["kind"] in words.KINDS else kinds.derive(told, subjects) or Kind.OTHER,
        village=typed["village"] if typed["village"] in villages.names else villages.find(typed["place"]),
    )


def _form(typed: dict[str, str], problem: str = "") -> str:
    return render_template(
        "tip_new.html", typed=typed, problem=problem, villages=services().villages.names, most=desk.MOST
    )
