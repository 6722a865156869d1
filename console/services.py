"""What the views work with, made once per process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from console.live import Hub
from rewards.scheme import Schemes
from stops.orders.deadlines import Deadlines
from storage.engine import Database
from storage.settings import Settings
from tips.villages import Villages

KEY = "console"


@dataclass(frozen=True, slots=True)
class Services:
    """``fraud_names``: names of the fraud types by code."""

    settings: Settings
    database: Database
    hub: Hub
    clock: Callable[[], datetime]
    fraud_names: Mapping[str, str]
    order_deadlines: Deadlines
    schemes: Schemes
    villages: Villages


def services() -> Services:
    """Those of the app that answers this request."""
    return cast(Services, current_app.extensions[KEY])
