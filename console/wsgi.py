"""For gunicorn: one worker, many threads (each open page holds one)."""

from __future__ import annotations

from console.app import create_app

app = create_app()
