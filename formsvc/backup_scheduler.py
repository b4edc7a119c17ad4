"""Scheduler that starts the due backups while the service runs.

Every worker process checks every few seconds and starts ``formsvc backup --due`` as a
subprocess, so that no request waits for it. The first to lock the backup folder makes the
backup, the others end at once.
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
from formsvc.usecases.maintenance import backups, clock_check

CHECK_INTERVAL = 3.0  # seconds
# checks to skip while another process makes the backup
SKIPPED_CHECKS = 20
BACKUP_COMMAND: tuple[str, ...] = (sys.executable, "-X", "utf8", "-m", "formsvc", "backup", "--due")
_log = logging.getLogger(__name__)


class BackupScheduler:
    """Thread that starts a backup when one is due.

    `interval` is in seconds, 0 for CHECK_INTERVAL; `environment` is added to that of the
    subprocess and names the instance to back up.
    """

    def __init__(
        self,
        ports: Ports,
        *,
        interval: float = 0,
        command: Sequence[str] = BACKUP_COMMAND,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._ports = ports
        self._environment = {**os.environ, **(environment or {})}
        self._interval = interval or CHECK_INTERVAL
        self._command = list(command)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        # also where FORMSVC_BACKUP_AT is off: an administrator can still ask for a backup on a page
        self._thread.start()

    def stop(self) -> None:
        """Stop checking; wait for a running backup to finish."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            try:
                clock_check.note_time(self._ports)
                if backups.get_status(self._ports).is_due:
                    self._start_backup()
                    # still due: another process is making it
                    if backups.get_status(self._ports).is_due:
                        self._stopped.wait(SKIPPED_CHECKS * self._interval)
            except (FormsvcError, OSError) as error:
                _log.warning("%s", error)

    def _start_backup(self) -> None:
        before = backups.get_status(self._ports).made
        # a process of its own, so that no request waits for the interpreter lock
        done = subprocess.run(
            self._command,
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            _log.error("backup failed: %s", done.stderr.strip())
        elif backups.get_status(self._ports).made != before:
            # otherwise another process is making it
            _log.info("backup: %s", done.stdout.strip())
