"""Publisher in a child process with limits of time and memory.

The process that checks definitions reads hostile bytes and has no access to the store. This one has, and is given
nothing but what was checked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formsvc.documents.workers.process import WorkerFailed, WorkerProcess
from formsvc.errors import Busy, Fault
from formsvc.i18n.messages import from_json, msg
from formsvc.usecases.ports import Clock
from formsvc.usecases.publishing import (
    NewRevision,
    Publication,
    Register,
    register_file,
    revision_file,
)

_MODULE = "formsvc.child_processes.publishing_worker"
# the libraries have to be loaded as well
_SECONDS_TO_START = 20
# Word files of one request; each is in memory on both sides
_REQUEST_BYTES = 64 * 2**20
# a disk that stands still would otherwise be waited for once for each file
_LATE_REQUESTS = 2


@dataclass(frozen=True)
class StorePlace:
    """Paths of a store, its kept files and its anchor."""

    store: Path
    files: Path
    anchor: Path | None


@dataclass
class _Request:
    registers: list[Register] = field(default_factory=list)
    revisions: list[NewRevision] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [*map(register_file, self.registers), *map(revision_file, self.revisions)]

    def remove(self, names: Collection[str]) -> None:
        self.registers = [each for each in self.registers if register_file(each) not in names]
        self.revisions = [each for each in self.revisions if revision_file(each) not in names]

    def to_message(self) -> tuple[dict[str, Any], list[bytes]]:
        """Return head and bodies: each register; each text, template, variants."""
        bodies = [json.dumps(each).encode() for each in self.registers]
        for revision in self.revisions:
            # the store refuses half a surrogate pair with a sentence
            bodies += [
                revision.text.encode(errors="surrogatepass"),
                revision.template,
                *revision.variants.values(),
            ]
        revisions = [
            {"id": r.id, "form": r.form, "source": r.source, "variants": list(r.variants)}
            for r in self.revisions
        ]
        return {"registers": len(self.registers), "revisions": revisions}, bodies


@dataclass(frozen=True)
class _Failure:
    """Files that were not written although the store did not refuse them."""

    names: Sequence[str]
    sentence: str
    is_late: bool = False


class PublishingProcess:
    """The ``Publisher`` that writes in a process of its own, which then ends.

    ``seconds`` and ``megabytes`` limit one request. A process that fails is a fault of the file it was at; the others
    are written by another one.
    """

    def __init__(
        self, place: StorePlace, clock: Clock, *, seconds: int, megabytes: int, module: str = _MODULE
    ) -> None:
        self._place, self._clock = place, clock
        self._seconds, self._megabytes, self._module = seconds, megabytes, module

    def publish(self, revisions: Sequence[NewRevision], registers: Sequence[Register]) -> Publication:
        faults: list[Fault] = []
        is_final, late = True, 0
        for request in _requests(revisions, registers):
            while request.names:
                failure = self._write(request, faults)
                if failure is None:
                    break
                is_final, late = False, late + failure.is_late
                concerned = set(request.names)
                if late < _LATE_REQUESTS:
                    concerned = concerned & set(failure.names) or concerned
                faults += [Fault(name, "", failure.sentence) for name in sorted(concerned)]
                request.remove(concerned)
        return Publication(tuple(faults), is_final)

    def _write(self, request: _Request, faults: list[Fault]) -> _Failure | None:
        """Send a request and add what the store refused to the faults. Raise Busy."""
        process = WorkerProcess(self._module, self._arguments())
        head, bodies = request.to_message()
        names = request.names
        try:
            for response in process.responses(head, bodies, self._seconds + _SECONDS_TO_START):
                header = response.header
                if "at" in header:
                    names = [header["at"]]
                elif "busy" in header:
                    raise Busy(from_json(header["busy"]), from_json(header["remedy"]))
                elif "failed" in header:
                    # the store could not be opened: that concerns every file
                    return _Failure(request.names, from_json(header["failed"]))
                else:
                    faults += [Fault(name, "", from_json(text)) for name, text in header["refused"]]
        except WorkerFailed as failed:
            return _Failure(names, self._sentence(failed), is_late=failed.is_late)
        finally:
            process.close()
        return None

    def _arguments(self) -> dict[str, str]:
        return {
            "store": str(self._place.store.absolute()),
            "files": str(self._place.files.absolute()),
            "anchor": str(self._place.anchor.absolute()) if self._place.anchor else "",
            "now": self._clock.now().isoformat(),
            "memory": str(self._megabytes),
            "seconds": str(self._seconds),
        }

    def _sentence(self, failed: WorkerFailed) -> str:
        reason = msg(
            "发布程序意外中断，多半是内存超过 {limit} MB（FORMSVC_PUBLISH_MEGABYTES）", limit=self._megabytes
        )
        if failed.is_late:
            reason = msg("发布超过 {limit} 秒，已停止（FORMSVC_PUBLISH_SECONDS）", limit=self._seconds)
        return msg(
            "{reason}。新的文件没有启用，原来的照常使用；服务一分钟后自动再试，仍然这样的请管理员查看服务日志。",
            reason=reason,
        )


def _requests(revisions: Sequence[NewRevision], registers: Sequence[Register]) -> Iterator[_Request]:
    """Yield requests of a size that fits into one message."""
    request, size = _Request(list(registers)), 0
    for revision in revisions:
        own = len(revision.template) + sum(map(len, revision.variants.values()))
        if size + own > _REQUEST_BYTES and request.names:
            yield request
            request, size = _Request(), 0
        request.revisions.append(revision)
        size += own
    yield request
