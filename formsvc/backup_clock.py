"""Sees to the scheduled backups while the service runs.

Each worker looks once a minute whether one is due, and then starts ``formsvc backup --due`` as a program of its own, so
that no request waits for it. Of all that are started one finds the folder free; the others end at once.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Sequence

from formsvc.domain.errors import FormsvcError
from formsvc.usecases import backups
from formsvc.usecases.wiring import Ports

LOOKS_EVERY = 60.0
BY_ITSELF: tuple[str, ...] = (sys.executable, "-m", "formsvc", "backup", "--due")
_log = logging.getLogger(__name__)


class BackupClock:
    """A thread that starts backups when they are due."""

    def __init__(self, ports: Ports, *, every: float = 0, words: Sequence[str] = BY_ITSELF) -> None:
        self._ports = ports
        self._every = every or LOOKS_EVERY
        self._words = list(words)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        """Begin to look, unless the office lets others see to backups."""
        if self._ports.policy.backups.at is not None:
            self._thread.start()

    def stop(self) -> None:
        """Look no more; a backup that runs is finished."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                if backups.standing(self._ports).is_due:
                    self._make()
            except (FormsvcError, OSError) as wrong:
                _log.warning("%s", wrong)

    def _make(self) -> None:
        done = subprocess.run(
            self._words, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
        )
        if done.returncode:
            _log.warning("%s", done.stderr.strip())
