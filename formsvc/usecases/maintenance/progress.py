"""Progress of a backup, a trial restore or a restore."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from formsvc.usecases.context import Ports

# a backup that was killed leaves its last record; a long one renews it each second
EXPIRES_AFTER = timedelta(minutes=10)
INTERVAL = 1.0  # seconds between records

T = TypeVar("T")


class Stage(StrEnum):
    """Stages of a backup with its trial, in this order."""

    COPY = "copy"
    SAVE = "save"
    RESTORE = "restore"
    VERIFY = "verify"
    CHECK = "check"


class Progress(Protocol):
    """Called with each file done; a `total` of 0 is unknown."""

    def __call__(self, stage: Stage, done: int = 0, total: int = 0) -> None: ...


def no_progress(stage: Stage, done: int = 0, total: int = 0) -> None:
    """Report nothing."""


def count_each(items: Iterable[T], total: int, stage: Stage, progress: Progress) -> Iterator[T]:
    """Yield the items and report each that is done."""
    progress(stage, 0, total)
    for done, item in enumerate(items, start=1):
        yield item
        progress(stage, done, total)


@dataclass(frozen=True)
class BackupProgress:
    """Stage of the backup under way, and files done of all."""

    stage: Stage
    done: int
    total: int


class ProgressRecord:
    """Progress that the service's other processes can read."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._stage: Stage | None = None
        self._saved = 0.0

    def __call__(self, stage: Stage, done: int = 0, total: int = 0) -> None:
        # one small file a second, however many files are done in it
        if stage is not self._stage or time.monotonic() - self._saved >= INTERVAL:
            self._save({"stage": stage.value, "done": done, "total": total})
            self._stage, self._saved = stage, time.monotonic()

    def clear(self) -> None:
        """Record that nothing is under way."""
        self._save({})

    def _save(self, record: dict[str, str | int]) -> None:
        if self._ports.backup_progress:
            at = self._ports.clock.now().isoformat()
            self._ports.backup_progress.save(json.dumps({**record, "at": at}).encode())


def read_progress(ports: Ports) -> BackupProgress | None:
    """Return the progress of the backup under way; None if there is none."""
    content = ports.backup_progress.load() if ports.backup_progress else None
    record = json.loads(content) if content else {}
    if "stage" not in record:
        return None
    age = ports.clock.now() - datetime.fromisoformat(record["at"])
    if abs(age) > EXPIRES_AFTER:
        return None
    return BackupProgress(Stage(record["stage"]), record["done"], record["total"])
