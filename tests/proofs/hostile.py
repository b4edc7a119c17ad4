"""The whole hostile corpus, the expensive entries included, each with its time and memory.

Run by ``make hostile``; the suite runs the cheap entries (tests/hostile).
"""

from __future__ import annotations

import io
import json
import re
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from urllib.parse import urlsplit

from formsvc.demo.office import sample_actor
from formsvc.errors import FormsvcError, InputRefused
from formsvc.usecases.operator import issue_at_once
from tests.hostile.archives import BACKUPS, EXPORTS
from tests.hostile.case import HostileFile
from tests.hostile.checking import (
    RESERVED_MEGABYTES,
    SECONDS,
    breaches,
    check_pair,
    process_breaches,
    write_pair,
)
from tests.hostile.definitions import DEFINITIONS
from tests.hostile.office import OTHER, HostileOffice, answer_breaches, open_office
from tests.hostile.requests import RAW
from tests.hostile.templates import TEMPLATES
from tests.hostile.unpacking import import_export, restore_backup
from tests.hostile.uploads import WORKBOOKS
from tests.hostile.values import VALUES
from tests.support.checkers import KeptChecker
from tests.support.limited_process import LimitedProcess, Outcome
from tests.support.live_server import serving
from tests.support.sample_office import formsvc, furnished
from tests.support.sentences import sentence_faults

BOOK = "/numbers/dong-fa/2026/import"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass
class Sum:
    """What one kind of entries came to."""

    count: int = 0
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[float, str] = (0.0, "")
    breaches: list[str] = field(default_factory=list)

    def add(self, id_: str, outcome: Outcome, found: Iterable[str]) -> None:
        self.count += 1
        self.slowest = max(self.slowest, (round(outcome.seconds, 1), id_))
        self.largest = max(self.largest, (round(outcome.megabytes), id_))
        self.breaches += [f"{id_}: {breach}" for breach in found]


def pairs(kind: str, cases: Iterable[HostileFile]) -> Sum:
    """Check each pair as a served office does, in a process with its limits."""
    found = Sum()
    with TemporaryDirectory() as cache:
        checker = KeptChecker(Path(cache))
        for case in cases:
            checker.forget_megabytes()
            began = time.monotonic()
            value = check_pair((kind, case.id), checker)
            outcome = Outcome(value, time.monotonic() - began, checker.megabytes_used())
            found.add(case.id, outcome, breaches(case, outcome))
        checker.end()
    return found


def unpacked(run: Callable[[bytes], str], cases: Iterable[HostileFile]) -> Sum:
    """Restore or import each file."""
    found = Sum()
    with LimitedProcess(run, seconds=SECONDS, megabytes=RESERVED_MEGABYTES) as process:
        for case in cases:
            outcome = process.run(case.content())
            held = process_breaches(outcome)
            if not held and case.expected == "refused":
                held = sentence_faults(outcome.value) if outcome.value else ["accepted"]
            found.add(case.id, outcome, held)
    return found


@cache
def _office() -> HostileOffice:
    return open_office(Path(mkdtemp(prefix="hostile-")))


def upload_workbook(content: bytes) -> list[str]:
    """Send a workbook of paper numbers; return what the answer breaks."""
    answer = _office().client("approver").post(BOOK, data={"book": (io.BytesIO(content), "x.xlsx")})
    found = answer_breaches(answer)
    if "全部登记" in answer.get_data(as_text=True):
        found.append("accepted")
    return found + _office().other_breaches()


def workbooks() -> Sum:
    found = Sum()
    with LimitedProcess(upload_workbook, seconds=SECONDS, megabytes=None) as process:
        for case in WORKBOOKS:
            outcome = process.run(case.content())
            found.add(case.id, outcome, process_breaches(outcome) or outcome.value)
    return found


def printed() -> Sum:
    """Issue an act for each hostile text that its fields take: it is printed as typed."""
    found = Sum()
    with TemporaryDirectory() as folder:
        ports = open_office(Path(folder)).ports
        staff, approver = (sample_actor(ports, name) for name in ("staff", "approver"))
        example = dict(ports.definitions.current_revision(OTHER).definition.example)
        day = ports.clock.today().isoformat()
        for case in VALUES:
            if not isinstance(case.value, str):
                continue
            typed = {
                "contact": case.value[:40],
                "supersede": case.value[:3000],
                "main_title": case.value[:60],
            }
            dates = {"issue_date": day, "effective_date": day}
            began, held = time.process_time(), []
            try:
                issue_at_once(ports, staff, approver, OTHER, {**example, **dates, **typed})
            except InputRefused as refused:
                held = [wrong for p in refused.problems for wrong in sentence_faults(str(p.message))]
            except FormsvcError as failed:
                held = [f"not printed: {failed}"]
            found.add(case.id, Outcome(None, time.process_time() - began), held)
    return found


def raw_bytes() -> Sum:
    """Send bytes that are no request to a served office; it goes on answering."""
    found = Sum()
    with TemporaryDirectory() as folder:
        furnished(Path(folder))
        with serving(Path(folder)) as address:
            for name, content in RAW.items():
                began = time.monotonic()
                held = list(_raw_breaches(address, content))
                found.add(name, Outcome(None, time.monotonic() - began), held)
        log = (Path(folder) / "served.log").read_text(encoding="utf-8", errors="replace")
        if "Traceback" in log:
            found.breaches.append(f"a traceback in the log: {log[-500:]}")
    return found


def _raw_breaches(address: str, content: bytes) -> Iterator[str]:
    place = urlsplit(address)
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=10) as sent:
        sent.settimeout(3)
        try:
            sent.sendall(content)
            answer = sent.recv(65_536)
        except (TimeoutError, ConnectionError):
            answer = b""
    status = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    if status and status.group(1)[:1] == b"5" and status.group(1) != b"501":
        yield f"answered {status.group(1).decode()}"
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as health:
        if health.status != 200:
            yield f"/healthz {health.status}"


def command() -> Sum:
    """Check a folder of hostile pairs from the command line, each in a process of its own."""
    found = Sum()
    with TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        folder.mkdir()
        cases = [("definition", case) for case in DEFINITIONS if not case.slow]
        cases += [("template", case) for case in TEMPLATES if not case.slow]
        for number, (kind, case) in enumerate(cases[::10]):
            write_pair(folder, folder, f"H{number:03}", case, kind)
        for words in (("check", str(folder)), ("check", "--json", str(folder))):
            began = time.monotonic()
            done = formsvc(Path(place), *words)
            held = [f"status {done.returncode}"] if done.returncode != 1 else []
            held += [f"on standard error: {done.stderr[-400:]}"] if "Traceback" in done.stderr else []
            held += ["control characters"] if _CONTROL.search(done.stdout) else []
            if "--json" in words and not held:
                json.loads(done.stdout)
            found.add(" ".join(words[:-1]), Outcome(None, time.monotonic() - began), held)
    return found


def main() -> int:
    """Every kind, with its figures."""
    kinds: dict[str, Callable[[], Sum]] = {
        "definitions": lambda: pairs("definition", DEFINITIONS),
        "templates": lambda: pairs("template", TEMPLATES),
        "workbooks": workbooks,
        "printed values": printed,
        "backups": lambda: unpacked(restore_backup, BACKUPS),
        "exports": lambda: unpacked(import_export, EXPORTS),
        "raw bytes": raw_bytes,
        "command": command,
    }
    wrong = 0
    for name in sys.argv[1:] or kinds:
        found = kinds[name]()
        wrong += len(found.breaches)
        print(*found.breaches, sep="\n")
        print(
            f"{name}: {found.count}, breaches {len(found.breaches)}, "
            f"slowest {found.slowest[0]} s ({found.slowest[1]}), most {found.largest[0]:.0f} MB ({found.largest[1]})",
            flush=True,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
