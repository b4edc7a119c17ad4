"""Process that writes checked definitions to the store, and ends."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from formsvc.child_processes.interrupts import ignore_interrupts
from formsvc.documents.workers.messages import (
    RequestQueue,
    WorkerMessage,
    detach_stdin,
    detach_stdout,
    write_message,
)
from formsvc.documents.workers.process import limit_cpu, limit_memory, lower_priority
from formsvc.documents.workers.process_limits import add_limits_option
from formsvc.errors import Busy, FormsvcError
from formsvc.i18n.messages import join_messages, to_json
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.places import places_of
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.publishing import NewRevision, Register, StorePublisher


@dataclass(frozen=True)
class Moment:
    """The ``Clock`` of one moment: that of the process that asks."""

    at: datetime

    def today(self) -> date:
        return self.at.date()

    def now(self) -> datetime:
        return self.at


def read_request(request: WorkerMessage) -> tuple[list[NewRevision], list[Register]]:
    """Return what is to be written. Raise ValueError for a hash that differs."""
    bodies = list(request.bodies)
    registers = [json.loads(bodies.pop(0)) for _ in range(request.header["registers"])]
    revisions = []
    for each in request.header["revisions"]:
        text, template = bodies.pop(0).decode(errors="surrogatepass"), bodies.pop(0)
        variants = {name: bodies.pop(0) for name in each["variants"]}
        revision = NewRevision(each["form"], text, template, variants, each["source"])
        if revision.id != each["id"]:
            raise ValueError(f"hash of {revision.form} differs")
        revisions.append(revision)
    return revisions, registers


def publish(request: WorkerMessage, responses: IO[bytes], options: argparse.Namespace) -> dict[str, Any]:
    """Write what a request brings and return the head of the response."""
    revisions, registers = read_request(request)
    places = places_of(options.store, options.files, options.anchor)
    with closing(TinyStore(options.store, anchor=options.anchor, places=places)) as store:
        publisher = StorePublisher(
            store,
            FolderFiles(options.files),
            Moment(options.now),
            lambda file: write_message(responses, {"at": file, "more": True}),
        )
        faults = publisher.publish(revisions, registers).faults
    return {"refused": [[fault.file, to_json(fault.message)] for fault in faults]}


def main() -> None:
    arguments = argparse.ArgumentParser()
    add_limits_option(arguments)
    arguments.add_argument("--store", type=Path, required=True)
    arguments.add_argument("--files", type=Path, required=True)
    arguments.add_argument("--anchor", type=lambda text: Path(text) if text else None, required=True)
    arguments.add_argument("--now", type=datetime.fromisoformat, required=True)
    for name in ("memory", "seconds"):
        arguments.add_argument(f"--{name}", type=int, required=True)
    options = arguments.parse_args()
    ignore_interrupts()
    responses = detach_stdout()
    requests = RequestQueue(detach_stdin())
    limit_memory(options.memory)
    limit_cpu(options.seconds)
    lower_priority()
    request = requests.get()
    if request is None:
        return
    try:
        header = publish(request, responses, options)
    except Busy as busy:
        header = {"busy": to_json(busy.message), "remedy": to_json(busy.remedy)}
    except FormsvcError as error:
        header = {"failed": to_json(join_messages(error.message, error.remedy))}
    except Exception as error:  # noqa: BLE001 — the border of the process: the parent says which file
        print(f"publish: {type(error).__name__}: {error}", file=sys.stderr)
        return
    write_message(responses, header)


if __name__ == "__main__":
    main()
