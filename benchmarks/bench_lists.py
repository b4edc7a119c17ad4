"""Lists of 100,000 acts: in the store, over HTTP, memory of the service."""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import load
from benchmarks.clerks import Browser, Tally
from benchmarks.store_records import FAMILIES, GIVEN
from formsvc.demo import office
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.acts import search
from formsvc.usecases.acts.search import ActFilters
from formsvc.usecases.context import Ports

ACTS = 100_000
ROUNDS = 40
AUTHORITY = "brigade"
STATES = (*(State.ISSUED, State.SERVED, State.SERVED) * 100, State.SUBMITTED)
PAGES: dict[str, str] = {
    "newest": "/acts",
    "one form and state": "/acts?form=T14&state=issued",
    "half a year": "/acts?dated_from=2026-03-01&dated_to=2026-08-31",
    "name of two characters": f"/acts?{urlencode({'text': '张伟'})}",
    "name that nobody has": f"/acts?{urlencode({'text': '欧阳修'})}",
    "first page": "/",
    "cases that wait": "/cases",
}
# each with its exact count
LISTS: dict[str, ActFilters] = {
    "newest": ActFilters(),
    "one form and state": ActFilters(form="T14", state="issued"),
    "one form, state, authority and half a year": ActFilters(
        form="T14", state="issued", authority=AUTHORITY, dated_from="2026-03-01", dated_to="2026-08-31"
    ),
    "half a year": ActFilters(dated_from="2026-03-01", dated_to="2026-08-31"),
    "the hundredth page": ActFilters(page=100),
    "name of two characters": ActFilters(text="张伟"),
    "name that nobody has": ActFilters(text="欧阳修"),
    "part that every act has": ActFilters(text="商店"),
}


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="bench-lists-") as place:
        folder = Path(place)
        ports = load.create_office(folder, 1)
        began = time.perf_counter()
        fill(ports)
        built = time.perf_counter() - began
        lists = [_row(f"list in the store: {name}", _read(ports, filters)) for name, filters in LISTS.items()]
        port = load.free_port()
        began = time.perf_counter()
        process = load.start_service(folder, port, 1)
        ready = time.perf_counter() - began
        try:
            rows = [_row(f"page over HTTP: {name}", _seconds(port, path)) for name, path in PAGES.items()]
            memory = _memory_of(process.pid)
        finally:
            process.terminate()
            process.wait(30)
    return [*lists, *rows, _row("making the acts", [built]), _row("start until it answers", [ready]), *memory]


def fill(ports: Ports) -> None:
    """Write acts of the load's form, of many parties, days and states."""
    chance = random.Random(1)
    revision = ports.definitions.current_revision(load.FORM)
    answers = load.notice(ports)
    model = Act("", load.FORM, revision.id, revision.definition.title, answers=answers, drafter="staff")
    with ports.store.write() as tx:
        for n in range(ACTS):
            tx.acts.insert(f"{n:016x}", _make_act(model, n, AUTHORITY, chance).to_record())


def _make_act(model: Act, n: int, authority: str, chance: random.Random) -> Act:
    party = f"东河镇{chance.choice(FAMILIES)}{chance.choice(GIVEN)}{chance.choice(GIVEN)}副食商店"
    day = f"2026-{chance.randrange(1, 12):02d}-{chance.randrange(1, 29):02d}"
    number = f"绥北（东）检〔2026〕第{n:06d}号"
    return replace(
        model,
        id=f"{n:016x}",
        state=chance.choice(STATES).value,
        authority=authority,
        party=party,
        number=number,
        series=load.SERIES,
        year=2026,
        n=n,
        dated=day,
        created_at=f"{day}T{n % 24:02d}:00:00.{n:06d}+08:00",
        search=f"{number} {model.title} {party}",
    )


def _read(ports: Ports, filters: ActFilters) -> list[float]:
    """Return the seconds of each reading of a page of a list with its count."""
    admin = office.sample_actor(ports, "admin")
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        search.list_acts(ports, admin, filters)
        times.append(time.perf_counter() - began)
    return times[1:]


def _seconds(port: int, path: str) -> list[float]:
    """Return the seconds of each fetch of a page."""
    browser = Browser(port, Tally())
    browser.open("/sign-in")
    browser.send("/sign-in", {"name": "admin", "password": office.PASSWORD})
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        if browser.open(path) != 200:
            raise SystemExit(f"列表打不开：{path}")
        times.append(time.perf_counter() - began)
    return times[1:]


def _memory_of(pid: int) -> list[dict[str, Any]]:
    """Return the peak memory of the service and its children (Linux only)."""
    if not sys.platform.startswith("linux"):
        return []
    from benchmarks.cpu_time import descendants

    rows: list[dict[str, Any]] = []
    for one in descendants(pid):
        status = Path(f"/proc/{one}/status").read_text(encoding="utf-8")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        megabytes = int(found[1]) // 1024 if found else 0
        rows.append(
            {"case": f"memory, {ACTS:,} acts", "contender": f"process {len(rows) + 1}", "MB": megabytes}
        )
    return rows


def _row(case: str, seconds: list[float]) -> dict[str, Any]:
    """Return median and 95th percentile in milliseconds."""
    return {
        "case": f"{case}, {ACTS:,} acts",
        "contender": "formsvc",
        "median_ms": round(load.percentile(seconds, 0.5) * 1000, 1),
        "p95_ms": round(load.percentile(seconds, 0.95) * 1000, 1),
        "rounds": len(seconds),
    }
