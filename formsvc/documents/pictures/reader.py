"""Reader of uploaded files in a child process with limits.

A picture of some kilobytes can unpack to gigabytes, and decoders have faults: what is uploaded is never decoded here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from formsvc.documents.workers.messages import detach_stdin, detach_stdout, read_message, write_message
from formsvc.documents.workers.process import (
    WorkerFailed,
    WorkerProcess,
    limit_cpu,
    limit_memory,
    lower_priority,
)
from formsvc.documents.workers.process_limits import add_limits_option
from formsvc.i18n.messages import Message, from_json, msg, to_json
from formsvc.limits import process_limits
from formsvc.usecases.drafting.uploads import KeptUpload, Purpose, UploadRefused

_MIME_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})
_SECONDS_TO_START = 20


class LimitedUploadReader:
    """The ``UploadReader`` that decodes in a new process for each request."""

    def read(self, contents: Sequence[bytes], purpose: Purpose) -> list[KeptUpload | UploadRefused]:
        limits = process_limits()
        arguments = {"memory": str(limits.picture_memory_megabytes), "seconds": str(limits.picture_seconds)}
        worker = WorkerProcess(__name__, arguments)
        outcomes: list[KeptUpload | UploadRefused] = []
        seconds = limits.picture_seconds + _SECONDS_TO_START
        try:
            for content in contents:
                if not worker.is_alive:
                    # the one before ended it
                    worker = WorkerProcess(__name__, arguments)
                try:
                    response = worker.request({"purpose": purpose}, [content], seconds)
                    outcomes.append(_outcome(response.header, response.bodies, content))
                except (WorkerFailed, KeyError, TypeError, ValueError, IndexError):
                    worker.kill()
                    outcomes.append(UploadRefused(_too_costly()))
        finally:
            worker.close()
        return outcomes


def _outcome(header: dict[str, Any], bodies: Sequence[bytes], content: bytes) -> KeptUpload | UploadRefused:
    """Return the outcome; raise an error of Python for a malformed response."""
    if header.get("refused"):
        return UploadRefused(from_json(header["refused"]))
    mime, taken, place = header["mime"], header["taken"], header["place"]
    if mime not in _MIME_TYPES or not isinstance(taken, str) or not isinstance(place, str):
        raise ValueError(mime)
    return KeptUpload(content if header["as_it_is"] else bodies[0], mime, taken[:16], place[:60])


def _too_costly() -> Message:
    return msg("打开这个文件所用的时间或者内存超过限额，已停止。请用较低的分辨率重新拍摄或者导出。")


def main() -> None:
    arguments = argparse.ArgumentParser()
    add_limits_option(arguments)
    for name in ("memory", "seconds"):
        arguments.add_argument(f"--{name}", type=int, required=True)
    options = arguments.parse_args()
    responses, requests = detach_stdout(), detach_stdin()
    limit_memory(options.memory)
    lower_priority()
    from formsvc.documents.pictures.decoding import Refused, read_upload

    while (request := read_message(requests)) is not None:
        limit_cpu(options.seconds)
        content = request.bodies[0]
        try:
            kept = read_upload(content, request.header["purpose"])
        except Refused as refused:
            write_message(responses, {"refused": to_json(refused.args[0])})
        except MemoryError:
            write_message(responses, {"refused": to_json(_too_costly())})
        except Exception as error:  # noqa: BLE001 - the border of the process: every failure becomes an answer
            sys.excepthook(type(error), error, error.__traceback__)
            sentence = msg("这个文件已经损坏，不能打开。请重新拍摄或者导出。")
            write_message(responses, {"refused": to_json(sentence)})
        else:
            as_it_is = kept.content is content
            header = {"mime": kept.mime, "taken": kept.taken, "place": kept.place, "as_it_is": as_it_is}
            write_message(responses, header, [] if as_it_is else [kept.content])


if __name__ == "__main__":
    main()
