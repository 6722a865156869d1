"""The page on which anyone plays resident."""

from __future__ import annotations

from flask import Blueprint, render_template

from sandbox.state import world
from sandbox.texts import MENU

blueprint = Blueprint("page", __name__)


@blueprint.get("/")
def index() -> str:
    """A WeChat chat and an SMS phone, side by side."""
    here = world()
    return render_template("page.html", hotline=here.settings.hotline_name, line=here.line, menu=MENU)


@blueprint.get("/healthz")
def health() -> str:
    """The process is up."""
    return "ok\n"
