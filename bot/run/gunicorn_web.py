"""What gunicorn is told for all three web processes; ports, workers and threads come on its command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

worker_class = "gthread"
timeout = 60  # seconds without a sign of life after which a worker is replaced
keepalive = 30  # seconds; an idle connection occupies no thread
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a slow disk must not look like a hang
control_socket_disable = True
accesslog = None  # addresses and query strings are not for the log
errorlog = "-"


def child_exit(server: Any, worker: Any) -> None:
    """A worker has ended: its gauges end with it (prometheus-client's multiprocess mode)."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
