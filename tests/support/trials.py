"""A restore of archives to a folder that is removed again, in this process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from formsvc.storage.backup.archive import temporary_folder
from formsvc.storage.backup.restore import restore_for_trial
from formsvc.usecases.maintenance.integrity import IntegrityReport
from formsvc.usecases.maintenance.progress import Progress, no_progress


def rehearse(archives: Sequence[Path], scratch: Path, progress: Progress = no_progress) -> IntegrityReport:
    with temporary_folder(scratch) as place:
        return restore_for_trial(archives, place, progress=progress)
