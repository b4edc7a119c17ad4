"""Ten thousand cases with overdue items: the pages that list them, over HTTP.

``python -m tests.proofs.overdue_cases [CASES]`` runs the long form; the suite counts the queries of a short one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import load
from benchmarks.clerks import Browser, Tally
from formsvc.demo import office
from formsvc.domain.acts.act import Act, State
from formsvc.usecases.context import Ports

CASES = 10_000
ROUNDS = 60
AUTHORITY = "brigade"
PAGES = {"home": "/", "cases": "/cases", "late cases": "/cases?which=late", "due items": "/due?which=all"}
# Notice, record, order: the notice is not served, the order neither served nor inspected again.
CHAIN = ("T14", "T15", "T22")


@dataclass(frozen=True)
class Measured:
    """Seconds: until the first page that lists cases, then of each page."""

    first: float
    pages: dict[str, list[float]]


def measure(cases: int, rounds: int) -> Measured:
    """Return the times of a service over so many cases."""
    with tempfile.TemporaryDirectory(prefix="overdue-cases-") as place:
        folder = Path(place)
        ports = load.create_office(folder, 1)
        fill(ports, cases)
        port = load.free_port()
        process = load.start_service(folder, port, 1)
        try:
            browser = Browser(port, Tally())
            browser.open("/sign-in")
            began = time.perf_counter()
            browser.send("/sign-in", {"name": "admin", "password": office.PASSWORD})
            assert browser.open("/cases") == 200
            first = time.perf_counter() - began
            pages = {name: [_seconds(browser, path) for _ in range(rounds)] for name, path in PAGES.items()}
            return Measured(first, pages)
        finally:
            process.terminate()
            process.wait(30)


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
    return Act("", form, revision.id, definition.title, answers=dict(definition.example), drafter="staff")


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
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else CASES, ROUNDS)
    slowest = 0.0
    print(f"first list: {found.first:.1f} s", flush=True)
    for name, seconds in found.pages.items():
        p95 = load.percentile(seconds, 0.95) * 1000
        slowest = max(slowest, p95)
        print(f"{name}: median {load.percentile(seconds, 0.5) * 1000:.1f} ms, p95 {p95:.1f} ms")
    sys.exit(slowest > 50)


if __name__ == "__main__":
    main()
