"""Programs the tests start beside themselves: writers to kill, to stop and to count."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.ports import Transaction
from tests.support.paths import ROOT


def start(task: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """Start one of the tasks below in a program of its own; its output can be read."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.store_processes", task, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
    )


def allot(tx: Transaction, series: str, who: str) -> int:
    """Take the next number of a series: counter, register row, act and event in one transaction."""
    counter = tx.counters.get(series)
    number: int = counter["last"] + 1 if counter else 1
    if counter:
        tx.counters.replace(series, {"last": number})
    else:
        tx.counters.insert(series, {"last": number})
    tx.numbers.insert(f"{series}/{number}", {"series": series, "n": number, "act_id": f"{series}-{number}"})
    tx.acts.insert(
        f"{series}-{number}", {"form": "T22", "number": number, "drafter": who, "text": "责令改正" * 200}
    )
    tx.events.insert(tx.next_event_key(), {"act_id": f"{series}-{number}"})
    return number


def allot_many(path: str, who: str, count: str) -> None:
    """Allot numbers in two series in turn, abort some, and print what was acknowledged."""
    store = TinyStore(Path(path), lock_timeout=30)
    for n in range(int(count)):
        series = ("消限/2026", "消通/2026")[n % 2]
        try:
            with store.write() as tx:
                number = allot(tx, series, who)
                if n % 7 == 3:
                    raise InterruptedError
            print(f"{series}/{number}", flush=True)
        except InterruptedError:
            continue


def allot_until_killed(path: str, who: str) -> None:
    """Allot numbers without end; a number is printed once it is committed."""
    store = TinyStore(Path(path), lock_timeout=30)
    while True:
        with store.write() as tx:
            number = allot(tx, "消限/2026", who)
        os.write(1, f"{number}\n".encode())


def hold_lock(path: str) -> None:
    """Stop in the middle of a write transaction."""
    store = TinyStore(Path(path))
    with store.write() as tx:
        allot(tx, "消限/2026", "holder")
        print("holding", flush=True)
        if hasattr(signal, "SIGSTOP"):
            os.kill(os.getpid(), signal.SIGSTOP)


def rare_characters(path: str) -> None:
    """Write and read what the machine's own encoding may not know."""
    store = TinyStore(Path(path))
    with store.write() as tx:
        tx.acts.insert("㐂𠮷😀", {"party": "绥北㐂𠮷😀é"})
    with store.read() as tx:
        print(ascii(tx.acts.get("㐂𠮷😀")))


def write_under_limit(path: str, limit: str) -> None:
    """Write until no file may grow any more; print what was committed and what was said then."""
    import resource

    store = TinyStore(Path(path))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    try:
        while True:
            with store.write() as tx:
                number = allot(tx, "消限/2026", "limited")
            print(number, flush=True)
    except Exception as error:  # noqa: BLE001 — whatever is said is what the test reads
        sys.stdout.buffer.write(f"{type(error).__name__}: {error}\n".encode())


TASKS = {
    task.__name__: task
    for task in (allot_many, allot_until_killed, hold_lock, rare_characters, write_under_limit)
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
