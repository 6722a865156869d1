"""Routes that take a file: they alone accept more than a form's few bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])
ROUND_IT = 16 * 1024  # bytes of the form around the file


def takes_a_file(most: int) -> Callable[[View], View]:
    """Declare that a view takes a file of at most ``most`` bytes."""

    def declare(view: View) -> View:
        view.most_bytes = most  # type: ignore[attr-defined]
        return view

    return declare


def allow() -> None:
    """Before a request whose sender may pass, and before anybody reads its form."""
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "most_bytes", None)
    if most is not None:
        request.max_content_length = most + ROUND_IT
