"""Scheduler that reminds people of what is due while the service runs.

Every worker process looks each minute; the first to claim the day in the store sends.
"""

from __future__ import annotations

import logging
import threading

from formsvc.usecases.context import Ports
from formsvc.usecases.reminders.due_reminders import remind_people

INTERVAL = 60.0  # seconds
_log = logging.getLogger(__name__)


class ReminderScheduler:
    """Thread that reminds people once a day until the process ends."""

    def __init__(self, ports: Ports, *, interval: float = INTERVAL) -> None:
        self._ports, self._interval = ports, interval

    def start(self) -> None:
        # an office without reminders needs no thread
        if self._ports.policy.remind_at is not None:
            threading.Thread(target=self._run, name="reminders", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._interval):
            try:
                remind_people(self._ports)
            except Exception as error:  # noqa: BLE001 — a thread that ended would remind no one again
                _log.warning("%s", error)
