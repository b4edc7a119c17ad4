"""A trial restore of 10,000 files: each synced, without syncs, and without in a child process; one backup, one run.

Run by ``make trial-proof``; tests/storage/backup/test_trial.py has the same road with a handful of files.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from formsvc.child_processes.archives import ArchiveProcess
from formsvc.limits import Limits
from formsvc.storage.backup.creation import BackupSources, create_backup
from formsvc.storage.backup.folder import BackupFolder
from formsvc.storage.backup.restore import restore
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import check_integrity
from tests.proofs.backup import fill
from tests.proofs.crash import Scene, apart, stage
from tests.support.trials import rehearse

ALLOWED = 1 / 3
# of the time without a child process
ALLOWED_OF_HERE = 1.3


def prove(folder: Path, acts: int, files: int) -> dict[str, float]:
    """Seconds of a synced restore with its check, of a trial here, and of the trial as commands make it."""
    scene = stage(folder, power=False)
    os.waitpid(apart(lambda: _fill_unsynced(scene, acts, files)), 0)
    archive = folder / "stick/whole.backup"
    archive.parent.mkdir()
    scene.door.open()
    sources = BackupSources(scene.door.store, scene.files)
    create_backup(sources, archive, now=datetime.now().astimezone(), scratch=folder / "scratch")
    began = time.monotonic()
    _restore_synced(archive, folder / "synced")
    told = {"files": float(files), "synced_s": round(time.monotonic() - began, 1)}
    began = time.monotonic()
    rehearse([archive], folder / "scratch")
    told["trial_here_s"] = round(time.monotonic() - began, 1)
    archives = BackupFolder(
        archive.parent, sources, scratch=folder / "scratch", reader=ArchiveProcess("", Limits())
    )
    began = time.monotonic()
    found = archives.rehearse(archive.name)
    told["trial_s"] = round(time.monotonic() - began, 1)
    told["share"] = round(told["trial_s"] / told["synced_s"], 3)
    told["of_here"] = round(told["trial_s"] / told["trial_here_s"], 3)
    told["megabytes"] = round(archive.stat().st_size / 2**20, 1)
    told["sound"] = float(found.is_sound)
    return told


def _fill_unsynced(scene: Scene, acts: int, files: int) -> None:
    # the office of the proof is soon gone; in a process of its own, so that the restores do sync
    with patch("os.fsync"):
        fill(scene, acts, files)


def _restore_synced(archive: Path, place: Path) -> None:
    restore([archive], place / "formsvc.sqlite", FolderFiles(place / "files"))
    store = TinyStore(place / "formsvc.sqlite")
    check_integrity(store, FolderFiles(place / "files"))
    store.close()


def main(words: Sequence[str]) -> int:
    """The whole size."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--acts", type=int, default=5_000)
    asked.add_argument("--files", type=int, default=10_000)
    asked.add_argument("--folder", default=None, help="on the disk to measure")
    given = asked.parse_args(words)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True, dir=given.folder) as folder:
        told = prove(Path(folder), given.acts, given.files)
    print(json.dumps(told, indent=1))
    return 0 if told["sound"] and told["share"] < ALLOWED and told["of_here"] < ALLOWED_OF_HERE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
