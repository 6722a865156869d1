"""Log lines as JSON: ids and reasons, never what a resident wrote."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter


def fault(error: BaseException) -> dict[str, str]:
    """What a log line may say of an exception: its type and place. Its message may quote a resident."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {"reason": type(error).__name__, "where": place}


def configure(level: str) -> None:
    """Send every log line of this process to standard error, one JSON object each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields={"levelname": "level"})
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These two write addresses and bodies at INFO and below.
    for name in ("urllib3", "procrastinate"):
        logging.getLogger(name).setLevel(logging.WARNING)
