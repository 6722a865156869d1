"""The same phone, link or account in several records."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from console import words
from console.audit import viewed
from console.pages import linked as pages
from console.policy import may
from console.session import me
from console.web import done, found, now, page, transaction
from linkage import verdicts
from linkage.models import Finding

blueprint = Blueprint("linked", __name__)


@blueprint.get("/fragments/linked/<key>")
@blueprint.get("/linked/<key>")
@may("officer")
def show(key: str) -> ResponseReturnValue:
    """One subject and every record that names it."""
    with transaction() as session:
        shown = found(pages.load(session, key, now()))
        viewed(session, me(), "subject", None, now(), shown.key[:64])
    return page("linked", "tip card subject", subject=shown, title=shown.value)


@blueprint.post("/linked/<key>/finding")
@may("officer")
def judge(key: str) -> ResponseReturnValue:
    """A named officer says what it is; whoever was told otherwise is written to."""
    wanted = request.form.get("state", "")
    if wanted not in words.FINDING_STEPS:
        abort(400)
    with transaction() as session:
        found(pages.load(session, key, now()))
        verdicts.judge(session, bytes.fromhex(key), Finding(wanted), me(), now(), request.form.get("note", "")[:2000])
    return done(url_for("linked.show", key=key), words.STATE_SET.format(state=words.FINDINGS[wanted]))
