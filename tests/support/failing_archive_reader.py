"""The process that reads archives, failing when it checks files, as the file ``failure`` beside the archive says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from formsvc.child_processes import archive_worker
from formsvc.storage.backup.reader import DirectReader
from formsvc.usecases.maintenance.progress import Progress, Stage, no_progress
from formsvc.usecases.ports import Record
from tests.support.failing_publisher import FAILURES


class FailingReader(DirectReader):
    """Reader that fails after everything was unpacked."""

    def rehearse(self, paths: Sequence[Path], place: Path, progress: Progress = no_progress) -> Any:
        return super().rehearse(paths, place, _failing(progress, paths[0]))

    def restore(
        self, paths: Sequence[Path], *target: Any, progress: Progress = no_progress, **more: Any
    ) -> Any:
        return super().restore(paths, *target, progress=_failing(progress, paths[0]), **more)

    def records(self, export: Path, max_bytes: int) -> Iterator[tuple[str, Record]]:
        yield from super().records(export, max_bytes)
        _failure(export)()


def _failing(progress: Progress, archive: Path) -> Progress:
    def report(stage: Stage, done: int = 0, total: int = 0) -> None:
        progress(stage, done, total)
        if stage is Stage.CHECK:
            _failure(archive)()

    return report


def _failure(archive: Path) -> Callable[[], object]:
    return FAILURES[archive.with_name("failure").read_text(encoding="ascii")]


class FoolishCalls:
    """Answers of a process that was taken over: what the file says, whatever is asked."""

    def __init__(self, request: Any, _responses: Any) -> None:
        (path,) = json.loads(request.bodies[0])["paths"]
        answer = json.loads(Path(path).with_name("answer").read_text(encoding="utf-8"))
        self.by_name = {request.header["call"]: lambda: answer}


def main(foolish: bool) -> None:
    """Serve requests, failing or foolish."""
    name, value = ("Calls", FoolishCalls) if foolish else ("DirectReader", FailingReader)
    setattr(archive_worker, name, value)
    archive_worker.main()


if __name__ == "__main__":
    main(foolish=False)
