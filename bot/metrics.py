"""Counters the operator watches; exported at /metrics in Prometheus' text format."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

messages = Counter("hotline_messages_total", "Inbound deliveries", ["channel", "outcome"])
refused = Counter("hotline_refused_total", "Deliveries refused", ["channel", "reason"])
faults = Counter("hotline_faults_total", "Something did not work and was survived", ["what"])
sent = Counter("hotline_sent_total", "Outgoing messages", ["channel", "outcome"])
turn_seconds = Histogram(
    "hotline_turn_seconds",
    "From receipt to answer, seconds",
    ["channel"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 5),
)
