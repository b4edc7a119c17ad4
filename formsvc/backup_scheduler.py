"""Sees to the scheduled backups while the service runs.

Each worker looks every few seconds whether one is due or asked for, and then starts ``formsvc backup --due`` as a program of its own, so
that no request waits for it. Of all that are started one finds the folder free; the others end at once.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

from formsvc.errors import FormsvcError
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance import backups

LOOKS_EVERY = 3.0
RESTS = 20
"""So many looks are left out after one at which another program was making the backup."""
BY_ITSELF: tuple[str, ...] = (sys.executable, "-X", "utf8", "-m", "formsvc", "backup", "--due")
_log = logging.getLogger(__name__)


class BackupClock:
    """A thread that starts backups when they are due; ``environment`` tells the program it starts whose they are."""

    def __init__(
        self,
        ports: Ports,
        *,
        every: float = 0,
        words: Sequence[str] = BY_ITSELF,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._ports = ports
        self._environment = {**os.environ, **(environment or {})}
        self._every = every or LOOKS_EVERY
        self._words = list(words)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        """Begin to look. Where the office lets others see to the daily backup, one may still be asked for."""
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
                    if backups.standing(self._ports).is_due:  # another one is at it
                        self._over.wait(RESTS * self._every)
            except (FormsvcError, OSError) as wrong:
                _log.warning("%s", wrong)

    def _make(self) -> None:
        done = subprocess.run(
            self._words,
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            _log.warning("%s", done.stderr.strip())
