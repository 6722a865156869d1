"""The worker plays a drill: one message of the script a job, through the same intake as WeChat's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from bot.confirm import Confirmer
from bot.intake import Intake
from stops.drills import desk
from stops.drills.models import Drill
from storage.engine import Database


class Player:
    """Plays victims. A job that is run again sends nothing twice: a message's key is its place in the script."""

    def __init__(self, database: Database, intake: Intake, confirmer: Confirmer, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._intake = intake
        self._confirmer = confirmer
        self._clock = clock

    def play(self, drill_id: uuid.UUID) -> None:
        """Send the next message, if there is one, and queue the one after it."""
        with self._database.transaction() as session:
            drill = session.get_one(Drill, drill_id)
            said, message = drill.said, desk.next_message(session, drill, self._clock())
        if message is None:
            return
        taken = self._intake.take(message)
        if taken.passive_id is not None:  # nobody waits for this answer; it has arrived
            self._confirmer.confirm(taken.passive_id)
        with self._database.transaction() as session:
            desk.has_said(session, drill_id, said, self._clock())
