"""Reader of archives and exports in a child process with limits.

What a file from elsewhere brings is unpacked and parsed there; this process gets plain values, and moves a complete
restore to its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from formsvc.child_processes.serialization import (
    archives_from_json,
    examination_from_json,
    manifest_from_json,
    progress_from_json,
    records_from_json,
    report_from_json,
    result_from_json,
)
from formsvc.documents.workers.messages import WorkerMessage
from formsvc.documents.workers.process import WorkerFailed, WorkerProcess
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import from_json, msg
from formsvc.limits import Limits
from formsvc.storage.backup.archive import Manifest
from formsvc.storage.backup.reader import Examination, ReadArchive
from formsvc.storage.backup.staging import RestoreTarget
from formsvc.usecases.maintenance.integrity import IntegrityReport
from formsvc.usecases.maintenance.progress import Progress, no_progress
from formsvc.usecases.ports import Record

_MODULE = "formsvc.child_processes.archive_worker"
# the libraries have to be loaded as well
_SECONDS_TO_START = 20
_MEGABYTE = 2**20
# calls that read all of a file; of an archive the others read the manifest and the settings
_WHOLE_FILES = ("rehearse", "restore", "records")


class ReaderFailed(FormsvcError):
    """Process that was killed, late or out of memory; nothing was taken."""


class ArchiveProcess:
    """The ``ArchiveReader`` that reads in a child process, started when used.

    The time of a request grows with the size of what is read.
    """

    def __init__(self, passphrase: str, limits: Limits, *, module: str = _MODULE) -> None:
        self._passphrase, self._limits, self._module = passphrase, limits, module
        self._process: WorkerProcess | None = None

    def __enter__(self) -> ArchiveProcess:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def manifest(self, path: Path) -> Manifest:
        return manifest_from_json(self._result("manifest", [path]).get("manifest"))

    def manifests(self, folder: Path) -> list[ReadArchive]:
        paths = sorted(folder.glob("*.backup"))
        try:
            return archives_from_json(self._result("manifests", paths).get("archives"), paths)
        except ReaderFailed:
            # one of them ended the process: the others are read all the same
            return [self._alone(path) for path in paths]

    def _alone(self, path: Path) -> ReadArchive:
        try:
            return ReadArchive(path, self.manifest(path))
        except FormsvcError as error:
            return ReadArchive(path, None, str(error))

    def examine(self, paths: Sequence[Path], store_file: Path) -> Examination:
        result = self._result("examine", paths, {"store": str(store_file)})
        return examination_from_json(result.get("examination"))

    def rehearse(
        self, paths: Sequence[Path], place: Path, progress: Progress = no_progress
    ) -> IntegrityReport:
        result = self._result("rehearse", paths, {"place": str(place)}, progress)
        return report_from_json(result.get("report"))

    def restore(
        self,
        paths: Sequence[Path],
        target: RestoreTarget,
        *,
        with_settings: bool,
        progress: Progress = no_progress,
    ) -> tuple[Manifest, IntegrityReport]:
        arguments = {
            "store": str(target.store_file),
            "files": str(target.files),
            "with_settings": with_settings,
        }
        result = self._result("restore", paths, arguments, progress)
        return manifest_from_json(result.get("manifest")), report_from_json(result.get("report"))

    def records(self, export: Path, max_bytes: int) -> Iterator[tuple[str, Record]]:
        for response in self._responses("records", [export], {"max_bytes": max_bytes}):
            # the last one says only that there are no more
            if response.header:
                yield from records_from_json(response.header, response.bodies)

    def _result(
        self,
        call: str,
        paths: Sequence[Path],
        arguments: Mapping[str, Any] | None = None,
        progress: Progress = no_progress,
    ) -> dict[str, Any]:
        bodies: Sequence[bytes] = ()
        for response in self._responses(call, paths, arguments or {}):
            bodies = response.bodies
            if "stage" in response.header:
                progress(*progress_from_json(response.header))
        return result_from_json(bodies)

    def _responses(
        self, call: str, paths: Sequence[Path], arguments: Mapping[str, Any]
    ) -> Iterator[WorkerMessage]:
        """Yield what the process answers. Raise FormsvcError."""
        seconds = self._seconds(paths if call in _WHOLE_FILES else ())
        # in a body: a name that is no UTF-8 does not fit into a head
        request = {**arguments, "paths": [str(path) for path in paths], "passphrase": self._passphrase}
        if self._process is None or not self._process.is_alive:
            self._process = WorkerProcess(self._module, {"memory": str(self._limits.restore_megabytes)})
        head, body = {"call": call, "seconds": seconds}, json.dumps(request).encode()
        try:
            for response in self._process.responses(head, [body], seconds + _SECONDS_TO_START):
                failed = response.header.get("failed")
                if failed == "memory":
                    self.close()
                    raise self._too_large()
                if failed:
                    raise FormsvcError(from_json(failed), from_json(response.header["remedy"]))
                yield response
        except WorkerFailed as failure:
            raise self._too_slow(seconds) if failure.is_late else self._ended() from failure

    def _seconds(self, paths: Iterable[Path]) -> int:
        size = sum(path.stat().st_size for path in paths if path.exists())
        more = size * self._limits.restore_seconds_per_gigabyte // (1024 * _MEGABYTE)
        return self._limits.restore_seconds + more

    def _too_large(self) -> ReaderFailed:
        limit = self._limits.restore_megabytes
        return ReaderFailed(
            msg("读这个文件要用的内存超过 {n} MB，已停止，没有读入。", n=limit),
            msg("请核对文件；确实是本单位的，请调高 FORMSVC_RESTORE_MEGABYTES。"),
        )

    def _too_slow(self, seconds: int) -> ReaderFailed:
        return ReaderFailed(
            msg("读这个文件超过 {n} 秒，已停止，没有读入。", n=seconds),
            msg(
                "请核对文件；确实是本单位的，请调高 FORMSVC_RESTORE_SECONDS、FORMSVC_RESTORE_SECONDS_PER_GIGABYTE。"
            ),
        )

    def _ended(self) -> ReaderFailed:
        limit = self._limits.restore_megabytes
        return ReaderFailed(
            msg("读这个文件的程序意外中断，没有读入，多半是内存超过 {n} MB。", n=limit),
            msg("请核对文件后再试；确实是本单位的，请调高 FORMSVC_RESTORE_MEGABYTES。"),
        )
