"""Thread of a server process that keeps the index of pending steps.

Computing tens of thousands of acts takes half a minute. After a start, a table of days off or a changed setting this
thread does it, and the pages say so meanwhile. A snapshot next to the store spares the next start most of it.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import ClassVar

from formsvc.errors import Busy
from formsvc.usecases.cases.case_context import CaseContext, load_case_context
from formsvc.usecases.cases.due_computation import (
    changes_by,
    compute_pending,
    count_finished,
    open_acts,
    written_acts,
)
from formsvc.usecases.cases.due_snapshot import DueSnapshot, snapshot_from_bytes, snapshot_to_bytes
from formsvc.usecases.cases.pending import PendingAct
from formsvc.usecases.context import Ports

INTERVAL = 1.0  # seconds
# acts computed without a pause: requests wait for the interpreter as long
_PART = 20
# links of the chain after which the snapshot is written again
SNAPSHOT_EVERY = 500
_log = logging.getLogger(__name__)


@dataclass
class DueKeeper:
    """Keeps the index of one process up to date until the process ends."""

    ports: Ports
    interval: float = INTERVAL
    _saved: int = 0
    _name: ClassVar[str] = "due items"

    def start(self) -> None:
        self.ports.due_index.is_kept = True
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.look()
            except Busy:
                # the forms are being checked after a start: the next look tries again
                pass
            except Exception as error:  # noqa: BLE001 — a thread that ended would leave old lists for ever
                _log.warning("%s", error)
            pause.wait(self.interval)

    def look(self) -> None:
        """Compute what the index lacks."""
        office, index = load_case_context(self.ports), self.ports.due_index
        if index.rules != office.rules_key and not self._restore(office):
            self._rebuild(office)
        if index.day != office.today:
            self._recompute_for_today(office)
        self._catch_up(office)
        if index.chain_length - self._saved >= SNAPSHOT_EVERY:
            self._save()

    def _restore(self, office: CaseContext) -> bool:
        """Take what a process kept; return whether it fits store and rules."""
        content = self.ports.due_snapshot.load() if self.ports.due_snapshot else None
        known = snapshot_from_bytes(content) if content else None
        if known is None or known.rules != office.rules_key:
            return False
        with self.ports.store.read() as tx:
            # another store has taken the place of the one it was made of
            if known.link != tx.link_hash(known.chain_length):
                return False
        with self.ports.due_index.lock:
            self.ports.due_index.fill(
                known.entries, rules=known.rules, day=known.day, chain_length=known.chain_length
            )
        self._saved = known.chain_length
        return True

    def _rebuild(self, office: CaseContext) -> None:
        found: list[PendingAct] = []
        with self.ports.store.read() as tx:
            reached = tx.reached()
            for acts in open_acts(tx, office.lives.asking, _PART):
                began = time.monotonic()
                found += compute_pending(tx, acts, office)
                # requests come first
                time.sleep(time.monotonic() - began)
        with self.ports.due_index.lock:
            self.ports.due_index.fill(found, rules=office.rules_key, day=office.today, chain_length=reached)
        self._save()

    def _recompute_for_today(self, office: CaseContext) -> None:
        index = self.ports.due_index
        with self.ports.store.read() as tx:
            if not count_finished(tx, office.lives.asking_day):
                index.day = office.today
                return
            reached = tx.reached()
            for acts in open_acts(tx, office.lives.asking_day, _PART):
                self._update([act.id for act in acts], compute_pending(tx, acts, office), office)
        with index.lock:
            # what was written since is looked at again
            index.day, index.chain_length = office.today, min(index.chain_length, reached)

    def _catch_up(self, office: CaseContext) -> None:
        index = self.ports.due_index
        with self.ports.store.read() as tx:
            reached = tx.reached()
            if index.chain_length >= reached or index.rules != office.rules_key:
                return
            for touched, pending in changes_by(tx, written_acts(tx, index), office):
                self._update(touched, pending, office)
        with index.lock:
            # a request may have come further: what was written since is looked at again
            index.chain_length = reached

    def _update(self, acts: list[str], pending: list[PendingAct], office: CaseContext) -> None:
        with self.ports.due_index.lock:
            # a request may have computed few acts by rules that have just changed
            if self.ports.due_index.rules == office.rules_key:
                self.ports.due_index.update(acts, pending)

    def _save(self) -> None:
        index = self.ports.due_index
        if self.ports.due_snapshot is None:
            return
        with index.lock:
            entries, rules, day, length = (
                tuple(index.entries.values()),
                index.rules,
                index.day,
                index.chain_length,
            )
        with self.ports.store.read() as tx:
            link = tx.link_hash(length)
        self.ports.due_snapshot.save(snapshot_to_bytes(DueSnapshot(entries, rules, day, length, link)))
        self._saved = length
