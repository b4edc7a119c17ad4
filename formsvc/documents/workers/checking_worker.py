"""Worker process that checks definitions with their Word templates."""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path
from typing import IO, Any

from formsvc.documents.checking.fixed_boxes import FixedBoxes
from formsvc.documents.checking.json_source import parse_json
from formsvc.documents.checking.pairs import PairSource, check_pair, check_template, load_source
from formsvc.documents.checking.registers import RegisterFile, check_register
from formsvc.documents.checking.serialization import (
    checked_pair_to_json,
    checked_register_to_json,
)
from formsvc.documents.workers.messages import (
    RequestQueue,
    WorkerMessage,
    detach_stdin,
    detach_stdout,
    fault_to_json,
    write_message,
)
from formsvc.documents.workers.process import limit_cpu, limit_memory, lower_priority
from formsvc.documents.workers.process_limits import add_limits_option
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg, to_json

_OUT_OF_MEMORY = "memory"


def check_request(request: WorkerMessage, fonts: Path, cache: Path) -> dict[str, Any]:
    """Return the checked pair of a request, as JSON."""
    source = _pair_source(request)
    return {"checked": checked_pair_to_json(check_pair(source, FixedBoxes(fonts, cache).faults))}


def load_request(request: WorkerMessage) -> dict[str, Any]:
    """Return the definition of a request alone, as JSON."""
    definition, faults = load_source(_pair_source(request))
    return {
        "definition": None if definition is None else definition.to_resolved(),
        "faults": [fault_to_json(fault) for fault in faults],
    }


def json_request(request: WorkerMessage) -> dict[str, Any]:
    value, faults = parse_json(request.bodies[0], request.header["name"])
    return {"value": value, "faults": [fault_to_json(fault) for fault in faults]}


def _pair_source(request: WorkerMessage) -> PairSource:
    """Return the source of a request.

    The bodies are the definition, each group, each lookup, the templates of variants that are there, each register,
    and the template if there is one.
    """
    header, bodies = request.header, list(request.bodies)
    definition = bodies.pop(0)
    groups = {name: bodies.pop(0) for name in header["groups"]}
    lookups = {name: bodies.pop(0) for name in header["lookups"]}
    variants = {name: bodies.pop(0) if is_there else None for name, is_there in header["variants"].items()}
    registers = None
    if header["registers"] is not None:
        registers = {name: bodies.pop(0) for name in header["registers"]}
    template = bodies.pop(0) if bodies else None
    return PairSource(
        header["form"], definition, groups, lookups, header["template_name"], template, variants, registers
    )


def register_request(request: WorkerMessage) -> dict[str, Any]:
    """Return the checked register of a request, as JSON.

    The bodies are the register and each lookup.
    """
    content, *lookups = request.bodies
    names = request.header["lookups"]
    source = RegisterFile(request.header["name"], content, dict(zip(names, lookups, strict=True)))
    return {"checked": checked_register_to_json(check_register(source))}


def layout_request(request: WorkerMessage, fonts: Path, cache: Path) -> dict[str, Any]:
    """Return what the PDF of a template shows otherwise than Word."""
    # loads the whole layout engine, which no other call needs
    from formsvc.docxpdf import FontCatalog, lay_out_document

    try:
        document = lay_out_document(request.bodies[0], FontCatalog(fonts, cache))
        # tags are longer or shorter than what is filled in: boxes of fixed size are measured with the definition
        warnings = [warning for warning in document.warnings if warning not in document.cut]
    except FormsvcError:
        return {"warnings": []}
    return {"warnings": [to_json(warning) for warning in warnings]}


def main() -> None:
    arguments = argparse.ArgumentParser()
    add_limits_option(arguments)
    for name in ("fonts", "cache"):
        arguments.add_argument(f"--{name}", required=True)
    for name in ("memory", "seconds"):
        arguments.add_argument(f"--{name}", type=int, required=True)
    options = arguments.parse_args()
    responses = detach_stdout()
    requests = RequestQueue(detach_stdin())
    limit_memory(options.memory)
    lower_priority()
    while (request := requests.get()) is not None:
        limit_cpu(options.seconds)
        if not _respond(request, responses, options):
            return


def _call(request: WorkerMessage, options: argparse.Namespace) -> dict[str, Any]:
    match request.header["call"]:
        case "layout":
            return layout_request(request, Path(options.fonts), Path(options.cache))
        case "load":
            return load_request(request)
        case "json":
            return json_request(request)
        case "register":
            return register_request(request)
        case "template":
            return {"faults": [fault_to_json(fault) for fault in check_template(request.bodies[0])]}
        case _:
            return check_request(request, Path(options.fonts), Path(options.cache))


def _respond(request: WorkerMessage, responses: IO[bytes], options: argparse.Namespace) -> bool:
    """Write the response to one request. Return False if the process must end."""
    try:
        header = _call(request, options)
    except MemoryError:
        write_message(responses, {"failed": _OUT_OF_MEMORY})
        return False
    except Exception as error:  # noqa: BLE001 — the border of the process: every failure becomes a response
        # for the log of the server; the terminal of an administrator is no place for a traceback
        print(f"check: {type(error).__name__} in {_place(error)}", file=sys.stderr)
        kind = msg("检查程序出错（{kind}）", kind=type(error).__name__)
        write_message(responses, {"failed": "error", "kind": to_json(kind)})
        return True
    write_message(responses, {"failed": "", **header})
    return True


def _place(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"


if __name__ == "__main__":
    main()
