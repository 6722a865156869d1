"""For gunicorn: one worker, many threads (each open page holds one)."""

from __future__ import annotations

from console.app import create_app
from storage import logs
from storage.settings import current

logs.configure(current().log_level)
app = create_app(current())
