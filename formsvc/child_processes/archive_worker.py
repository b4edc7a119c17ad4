"""Process that reads archives and exports for a command."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from formsvc.child_processes.interrupts import ignore_interrupts
from formsvc.child_processes.serialization import (
    archives_to_json,
    examination_to_json,
    message_to_json,
    report_to_json,
    summary_to_json,
)
from formsvc.documents.workers.messages import (
    RequestQueue,
    WorkerMessage,
    detach_stdin,
    detach_stdout,
    write_message,
)
from formsvc.documents.workers.process import limit_added_memory, limit_cpu
from formsvc.documents.workers.process_limits import add_limits_option
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits
from formsvc.storage.backup.reader import DirectReader
from formsvc.storage.backup.staging import RestoreTarget
from formsvc.storage.private_files import keep_private
from formsvc.usecases.maintenance.progress import Stage
from formsvc.usecases.ports import Record

# seconds between two reports of progress; ten thousand files would be as many messages
_INTERVAL = 0.1
# of the records of one message
_BODY_BYTES = 4 * 2**20


class ReportedProgress:
    """The ``Progress`` that the parent is sent from time to time."""

    def __init__(self, responses: IO[bytes]) -> None:
        self._responses = responses
        self._stage: Stage | None = None
        self._sent = 0.0

    def __call__(self, stage: Stage, done: int = 0, total: int = 0) -> None:
        is_news = stage is not self._stage or done == total
        if is_news or time.monotonic() - self._sent >= _INTERVAL:
            self._stage, self._sent = stage, time.monotonic()
            header = {"stage": stage.value, "done": done, "total": total, "more": True}
            write_message(self._responses, header)


class Calls:
    """Calls of one request, by name."""

    def __init__(self, request: WorkerMessage, responses: IO[bytes]) -> None:
        self._arguments = json.loads(request.bodies[0])
        self._paths = [Path(path) for path in self._arguments["paths"]]
        self._reader = DirectReader(self._arguments["passphrase"], process_limits())
        self._responses = responses
        self._progress = ReportedProgress(responses)
        self.by_name: dict[str, Callable[[], dict[str, Any]]] = {
            "manifest": lambda: {"manifest": asdict(self._reader.manifest(self._paths[0]))},
            "manifests": lambda: {"archives": archives_to_json([*map(self._reader.read, self._paths)])},
            "examine": self._examine,
            "rehearse": self._rehearse,
            "restore": self._restore,
            "records": self._send_records,
        }

    def _path(self, name: str) -> Path:
        return Path(self._arguments[name])

    def _examine(self) -> dict[str, Any]:
        return {"examination": examination_to_json(self._reader.examine(self._paths, self._path("store")))}

    def _rehearse(self) -> dict[str, Any]:
        report = self._reader.rehearse(self._paths, self._path("place"), self._progress)
        return {"report": report_to_json(report)}

    def _restore(self) -> dict[str, Any]:
        target = RestoreTarget(self._path("store"), self._path("files"))
        manifest, report = self._reader.restore(
            self._paths,
            target,
            with_settings=self._arguments["with_settings"],
            progress=self._progress,
        )
        return {"manifest": summary_to_json(manifest), "report": report_to_json(report)}

    def _send_records(self) -> dict[str, Any]:
        records = self._reader.records(self._paths[0], self._arguments["max_bytes"])
        for collection, texts in _pieces(records):
            body = b"[" + b",".join(texts) + b"]"
            write_message(self._responses, {"collection": collection, "more": True}, [body])
        return {}


def _pieces(records: Iterator[tuple[str, Record]]) -> Iterator[tuple[str, list[bytes]]]:
    """Yield records as JSON, some of one collection at a time."""
    before, texts, size = "", list[bytes](), 0
    for collection, record in records:
        if texts and (collection != before or size > _BODY_BYTES):
            yield before, texts
            texts, size = [], 0
        text = json.dumps(record).encode()
        before, size = collection, size + len(text)
        texts.append(text)
    if texts:
        yield before, texts


def main() -> None:
    arguments = argparse.ArgumentParser()
    add_limits_option(arguments)
    arguments.add_argument("--memory", type=int, required=True)
    options = arguments.parse_args()
    ignore_interrupts()
    # other users of the computer cannot read what is restored, from its first byte on
    keep_private(())
    responses = detach_stdout()
    requests = RequestQueue(detach_stdin())
    limit_added_memory(options.memory)
    while (request := requests.get()) is not None:
        limit_cpu(request.header["seconds"])
        if not _respond(request, responses):
            return


def _respond(request: WorkerMessage, responses: IO[bytes]) -> bool:
    """Write the response to one request. Return False if the process must end."""
    header: dict[str, Any]
    bodies: list[bytes] = []
    try:
        result = Calls(request, responses).by_name[request.header["call"]]()
        # a body, not a head: the manifest of a hundred thousand files has 13 MB
        header, bodies = {}, [json.dumps(result).encode()]
    except MemoryError:
        write_message(responses, {"failed": "memory"})
        return False
    except FormsvcError as error:
        header = {"failed": message_to_json(error.message), "remedy": message_to_json(error.remedy)}
    except Exception as error:  # noqa: BLE001 — the border of the process: every failure becomes a response
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(f"archive: {type(error).__name__} in {place.filename}:{place.lineno}", file=sys.stderr)
        sentence = msg("读这个文件的程序出错（{kind}），没有读入。", kind=type(error).__name__)
        header = {
            "failed": message_to_json(sentence),
            "remedy": message_to_json(msg("请换另一份文件再试。")),
        }
    write_message(responses, header, bodies)
    return True


if __name__ == "__main__":
    main()
