"""The publishing process, failing at T22 as the file ``failure`` beside the kept files says.

Its first word is what happens, its second how often T22 is announced before: once before its files are kept, once in
the write transaction. It waits a moment only for a store that is busy.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

from formsvc.child_processes import publishing_worker
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Clock, Store
from formsvc.usecases.publishing import StorePublisher


def _use_all_time() -> None:
    while True:
        pass


FAILURES: dict[str, Callable[[], object]] = {
    "crash": lambda: os._exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "memory": lambda: bytearray(2**40),
    "time": _use_all_time,
}


class FailingPublisher(StorePublisher):
    """Publisher that fails when it comes to T22."""

    def __init__(
        self, store: Store, files: FolderFiles, clock: Clock, announce: Callable[[str], None]
    ) -> None:
        how, count = (files.root.parent / "failure").read_text(encoding="ascii").split()
        left = int(count)

        def fail_at_t22(file: str) -> None:
            nonlocal left
            announce(file)
            if file == "T22.json":
                left -= 1
                if left == 0:
                    FAILURES[how]()

        super().__init__(store, files, clock, fail_at_t22)


def fail_at(folder: Path, how: str, count: int) -> None:
    (folder / "failure").write_text(f"{how} {count}", encoding="ascii")


if __name__ == "__main__":
    for name, value in {
        "StorePublisher": FailingPublisher,
        "TinyStore": partial(TinyStore, lock_timeout=0.2),
    }.items():
        setattr(publishing_worker, name, value)
    publishing_worker.main()
