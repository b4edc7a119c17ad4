"""Reading of JSON files that people bring, in a child with limits.

A file of some megabytes can take a hundred times as much memory.
"""

from __future__ import annotations

import argparse
import json

from formsvc.documents.checking.json_source import parse_json
from formsvc.documents.workers.messages import (
    detach_stdin,
    detach_stdout,
    fault_from_json,
    fault_to_json,
    read_message,
    write_message,
)
from formsvc.documents.workers.process import (
    WorkerFailed,
    WorkerProcess,
    limit_added_memory,
    limit_cpu,
    lower_priority,
)
from formsvc.documents.workers.process_limits import add_limits_option
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import msg
from formsvc.limits import Limits


def read_json_content(content: bytes, shown_as: str, limits: Limits) -> tuple[JSON, list[Fault]]:
    """Return the content of a JSON text, or the fault with line and column."""
    seconds, megabytes = limits.workbook_seconds, limits.workbook_memory_megabytes
    reader = WorkerProcess(__name__, {"seconds": str(seconds), "memory": str(megabytes)})
    try:
        response = reader.request({"name": shown_as}, [content], seconds + 5)
        faults = [fault_from_json(fault) for fault in response.header["faults"]]
        return (None, faults) if faults else (json.loads(response.bodies[0]), [])
    except (WorkerFailed, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        sentence = msg(
            "读这个文件超过了 {n} 秒或者 {m} MB 内存的限额，已停止。请核对文件，删去不需要的内容。",
            n=seconds,
            m=megabytes,
        )
        return None, [Fault(shown_as, "", sentence)]
    finally:
        reader.close()


# In the child ----------------------------------------------------------------------------------------


def main() -> None:
    arguments = argparse.ArgumentParser()
    add_limits_option(arguments)
    for name in ("memory", "seconds"):
        arguments.add_argument(f"--{name}", type=int, required=True)
    options = arguments.parse_args()
    responses = detach_stdout()
    request = read_message(detach_stdin())
    if request is None:
        return
    limit_added_memory(options.memory)
    limit_cpu(options.seconds)
    lower_priority()
    try:
        value, faults = parse_json(request.bodies[0], request.header["name"])
        text = json.dumps(value).encode()
    except (MemoryError, RecursionError):
        # the parent says so
        return
    write_message(responses, {"faults": [fault_to_json(fault) for fault in faults]}, [text])


if __name__ == "__main__":
    main()
