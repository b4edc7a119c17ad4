"""A process that reserves blocks, or enters papers' numbers, while others issue; says each number once it is committed.

Called with an instance folder, a series, what to do and how often; used by the tests of races.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from formsvc.bootstrap import build_ports
from formsvc.demo.office import sample_actor
from formsvc.errors import InputRefused
from formsvc.usecases.context import Ports
from formsvc.usecases.numbering import manual_entries, register, reservations
from formsvc.usecases.numbering.manual_entries import ManualEntry
from formsvc.usecases.numbering.reservations import Reservation
from formsvc.usecases.numbering.rows import NumberRow
from tests.support.sample_office import TODAY, settings_in

DATED = "2026-09-16"
"""The day of the notices that are issued meanwhile: later papers would put them in the past."""


def reserve(ports: Ports, series: str) -> list[NumberRow]:
    """Three blank numbers."""
    officer = reservations.certified_officers(ports)[0]["id"]
    wish = Reservation(3, officer, "夜查沿街商铺", "2026-11-26")
    return reservations.reserve(ports, sample_actor(ports, "approver"), series, wish)


def enter(ports: Ports, series: str) -> list[NumberRow]:
    """A paper under the number that comes next just now; tried again when somebody takes it first."""
    found = register.number_register(ports, series, TODAY.year)
    assert found is not None
    while True:
        upcoming = register.next_number(ports, found.series, TODAY.year)
        paper = ManualEntry(upcoming, "backfilled", "手写通知", "福满家", DATED, "停电期间手写")
        try:
            return manual_entries.record_entries(
                ports, sample_actor(ports, "approver"), series, TODAY.year, [paper]
            )
        except InputRefused:
            print("taken", flush=True)


def main(folder: str, series: str, what: str, times: str) -> None:
    """Do it so often, and print the numbers."""
    ports = build_ports(settings_in(Path(folder)))
    for _ in range(int(times)):
        for row in {"reserve": reserve, "enter": enter}[what](ports, series):
            print("row", row["text"], flush=True)
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
