"""For gunicorn: one worker (the state is in memory), many threads."""

from __future__ import annotations

from sandbox.app import create_app

app = create_app()
