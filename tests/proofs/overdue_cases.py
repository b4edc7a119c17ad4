"""Ten thousand cases with overdue items: the pages that list them, over HTTP.

``python -m tests.proofs.overdue_cases [CASES] [WORKERS]`` runs the long form: a clerk, a reviewer, a leader who signs
and an administrator at the lists, the service killed and started again, a step struck off meanwhile. The suite counts
the queries of the same pages.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import load
from benchmarks.clerks import Browser, Tally
from formsvc.demo import office
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting.search_texts import refresh_search_texts

CASES = 10_000
ROUNDS = 60
LIMIT_MS = 50
AUTHORITY = "brigade"
PEOPLE = ("staff", "reviewer", "approver", "admin")
PAGES = {
    "home": "/",
    "cases": "/cases",
    "late cases": "/cases?which=late",
    "due items": "/due?which=all",
    "own due items": "/due",
}
# Notice, record, order: the notice is not served, the order neither served nor inspected again.
CHAIN = ("T14", "T15", "T22")
NOT_YET = "还没有列出"
FILE_KINDS = ("files", "photographs", "signature")
# connections opened to meet each of several processes
_CONNECTIONS = 8
_LONGEST_WAIT = 600.0


@dataclass(frozen=True)
class Start:
    """Seconds until the first list after a start, and until all are whole.

    ``was_told`` is true if the first list was whole or said that it was not.
    """

    first: float
    whole: float
    was_told: bool


@dataclass(frozen=True)
class Measured:
    """The first start, that after a kill, and the seconds of each page."""

    starts: tuple[Start, Start]
    pages: dict[str, list[float]]


def measure(cases: int, rounds: int, workers: int = 1) -> Measured:
    """Return the times of a service over so many cases, started twice."""
    with tempfile.TemporaryDirectory(prefix="overdue-cases-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        ports = load.create_office(folder, 1)
        fill(ports, cases)
        # the search texts of an older program are written once, in the background: not what is measured here
        refresh_search_texts(ports)
        with _service(folder, 1) as (port, process):
            first = _measure_start(port, 4 * cases)
            process.kill()
        with _service(folder, workers) as (port, _):
            again = _measure_start(port, 4 * cases)
            pages = {
                f"{name}, {person}": _measure_page(port, person, path, rounds)
                for person in PEOPLE
                for name, path in PAGES.items()
            }
            _strike_off(port, 4 * cases)
            return Measured((first, again), pages)


@contextmanager
def _service(folder: Path, workers: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = load.free_port()
    process = load.start_service(folder, port, workers)
    try:
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def _signed_in(port: int, person: str) -> Browser:
    browser = Browser(port, Tally())
    browser.open("/sign-in")
    browser.send("/sign-in", {"name": person, "password": office.PASSWORD})
    return browser


def _measure_start(port: int, total: int) -> Start:
    browser = _signed_in(port, PEOPLE[0])
    first = _seconds(browser, PAGES["due items"])
    was_told = f"共 {total} 项" in browser.page or NOT_YET in browser.page
    began = time.perf_counter()
    while not all(_lists(port, total) for _ in range(_CONNECTIONS)):
        assert time.perf_counter() - began < _LONGEST_WAIT, browser.page
        time.sleep(1)
    return Start(first, time.perf_counter() - began, was_told)


def _lists(port: int, total: int) -> bool:
    """Return whether a process of the service lists so many steps."""
    browser = _signed_in(port, PEOPLE[0])
    browser.open(PAGES["due items"])
    return f"共 {total} 项" in browser.page


def _measure_page(port: int, person: str, path: str, rounds: int) -> list[float]:
    browser = _signed_in(port, person)
    browser.open(path)
    return [_seconds(browser, path) for _ in range(rounds)]


def _strike_off(port: int, total: int) -> None:
    """Strike off a step in one process; every process must know it at once."""
    browser = _signed_in(port, "reviewer")
    browser.open(PAGES["due items"])
    step = re.findall(r'name="step" value="([^"]+)"', browser.page)[0]
    browser.open(f"/due/strike-off?step={step}")
    browser.send("/due/strike-off", {"step": step, "reason": "虚构：当事人已经停业。"})
    assert all(_lists(port, total - 1) for _ in range(_CONNECTIONS))


def fill(ports: Ports, cases: int) -> None:
    """Write cases of three acts each, all of them overdue."""
    models = [_model(ports, form) for form in CHAIN]
    with ports.store.write() as tx:
        for n in range(cases):
            source = ""
            for step, model in enumerate(models):
                act = _make_act(model, n, step, source)
                tx.acts.insert(act.id, act.to_record())
                source = act.id


def _model(ports: Ports, form: str) -> Act:
    revision = ports.definitions.current_revision(form)
    definition = revision.definition
    # an example names its pictures, of which a stored act has the kept files
    files = {field.key for field in definition.fields if field.kind in FILE_KINDS}
    answers = {key: value for key, value in definition.example.items() if key not in files}
    return Act("", form, revision.id, definition.title, answers=answers, drafter="staff")


def _make_act(model: Act, n: int, step: int, source: str) -> Act:
    day = f"2026-{1 + n % 6:02d}-{1 + n % 28:02d}"
    number = f"绥北（东）{model.form}〔2026〕第{n:06d}号"
    return replace(
        model,
        id=f"{n * 4 + step:016x}",
        state=State.ISSUED.value,
        authority=AUTHORITY,
        mode="M2",
        party=f"东河镇虚构{n}号副食商店",
        number=number,
        dated=day,
        source_act=source,
        created_at=f"{day}T{8 + step:02d}:00:00.{n:06d}+08:00",
        search=f"{number} {model.title} 东河镇虚构{n}号副食商店",
    )


def _seconds(browser: Browser, path: str) -> float:
    began = time.perf_counter()
    assert browser.open(path) == 200, path
    return time.perf_counter() - began


def main() -> None:
    """Print the times of the long form; exit 1 if a page is too slow."""
    cases, workers = (*map(int, sys.argv[1:]), *(CASES, 2)[len(sys.argv) - 1 :])
    found = measure(cases, ROUNDS, workers)
    for name, start in zip(("first start", "after a kill"), found.starts, strict=True):
        told = "told or whole" if start.was_told else "WRONG"
        print(f"{name}: list in {start.first:.2f} s, {told}; whole after {start.whole:.1f} s", flush=True)
    slowest = 0.0
    for name, seconds in found.pages.items():
        p95 = load.percentile(seconds, 0.95) * 1000
        slowest = max(slowest, p95)
        print(f"{name}: median {load.percentile(seconds, 0.5) * 1000:.1f} ms, p95 {p95:.1f} ms")
    is_bad = any(start.first > 1 or not start.was_told for start in found.starts)
    sys.exit(is_bad or slowest > LIMIT_MS)


if __name__ == "__main__":
    main()
