"""Programs that issue acts are killed at random moments, thousands of times; then everything is counted.

Run whole by ``make crash``; the suite runs a shorter form of the same (tests/system/test_crash.py). Writers go the whole road of an
act, from draft to number, with kept files of usual size; only the drawing of pages is left out, so that thousands of
kills meet the store and not the typesetter. Each writer says an act is done by a line in a log once ``issue_act`` has
returned. With ``--cuts`` the power goes, too: see tests/support/unsynced_filesystem.py.

Defects can be planted, to see that the harness would notice them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from formsvc.bootstrap import build_ports
from formsvc.demo import office
from formsvc.errors import Busy
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases import event_log, operator
from formsvc.usecases.context import Ports
from formsvc.usecases.maintenance.integrity import check_integrity, error_messages, referenced_files
from formsvc.usecases.numbering import issue, series_lease
from formsvc.usecases.numbering import register as number_registers
from formsvc.usecases.numbering.rows import Counter
from formsvc.usecases.ports import DocumentMetadata, Transaction
from tests.support.sample_office import CASES, settings_in
from tests.support.unsynced_filesystem import PowerCut

TOWNSHIP = "绥化市北林区东河镇人民政府"
SERIES = ("dong-fa", "dong-jian")
LEFT_OUT = ("doc_no", "authority_text", "entrust_ref")
INSPECTION = {k: v for k, v in CASES["EX06"]["fields"].items() if k not in LEFT_OUT}
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("T07", {**CASES["EX03"]["fields"], "doc_no": ""}),
    ("T14", {**INSPECTION, "issuer_name": TOWNSHIP, "auth_mode": "M0", "approver": "李明远"}),
)
BETWEEN_KILLS = (0.005, 0.18)
TROUBLE_ENOUGH = 5
A_FEW, WORK_WITHIN = 3, 20.0


class StandIn:
    """Draws nothing: bytes of the usual size that bear the number."""

    def word(
        self,
        _template: bytes,
        _context: Mapping[str, Any],
        tags: DocumentMetadata,
        _answers: Mapping[str, Any],
        pictures: Mapping[str, bytes] = MappingProxyType({}),
    ) -> bytes:
        """28 KB, as a notice of two pages."""
        return tags.number.encode() + os.urandom(28_000)

    def pdf(self, _word: bytes, tags: DocumentMetadata, **_more: object) -> bytes:
        """60 KB."""
        return tags.number.encode() + os.urandom(60_000)

    def paragraphs(self, _word: bytes) -> list[str]:
        """Nothing to object to."""
        return []


class Door:
    """A store that each program opens for itself, while everything else is inherited ready-made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = TinyStore(path)

    def read(self) -> Any:
        """A snapshot."""
        return self.store.read()

    def write(self) -> Any:
        """A write transaction."""
        return self.store.write()

    def head(self) -> Any:
        """How far the chain has come."""
        return self.store.head()

    def verify(self, known: Any = None) -> Any:
        """Everything that is not as it was written."""
        return self.store.verify(known)

    def open(self) -> None:
        """Open the store in this program."""
        self.store = TinyStore(self.path)


@dataclass
class Scene:
    """The office where the writers work, and the log of what they said."""

    folder: Path
    ports: Ports
    door: Door
    cut: PowerCut | None = None

    @property
    def log(self) -> Path:
        """What was acknowledged, a line an act; lines with ! tell of trouble."""
        return self.folder / "acknowledged.log"

    def tell(self, line: str) -> None:
        """Add a line; one write, so that it is there in full once this returns."""
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(log, f"{line}\n".encode())
        os.close(log)

    @property
    def files(self) -> FolderFiles:
        """The kept files."""
        assert isinstance(self.ports.files, FolderFiles)
        return self.ports.files


@dataclass
class Outcome:
    """What was done, and what stands against the store."""

    kills: int = 0
    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    gaps: int = 0
    acts: int = 0
    events: int = 0
    links: int = 0
    orphans: int = 0
    seconds: float = 0
    faults: list[str] = field(default_factory=list)


def stage(folder: Path, *, power: bool) -> Scene:
    """A sample office; everything a writer needs is loaded, and the store closed again, so that forks are safe."""
    settings = settings_in(folder)
    office.clear(settings)
    settings.instance.mkdir(parents=True, exist_ok=True)
    (settings.instance / "DEMO").touch()
    door = Door(settings.store_file)
    ports = build_ports(settings, store=door, renderer=StandIn())  # type: ignore[arg-type]
    ports = replace(ports, policy=replace(ports.policy, lease_seconds=0.5))
    office.create_sample_office(ports)
    series_lease.DEAD_AFTER, series_lease.REPORT_EVERY = timedelta(seconds=0.4), timedelta(seconds=0.1)
    series_lease.POLL_SECONDS = 0.005
    scene = Scene(folder, ports, door)
    for kind in KINDS:
        _issue(scene, kind)
    door.store.close()
    if power:
        scene.cut = PowerCut(settings.instance, settings.files, folder / "aside")
        scene.cut.begin()
    return scene


def _issue(scene: Scene, kind: tuple[str, dict[str, Any]]) -> None:
    ports = scene.ports
    staff, approver = office.sample_actor(ports, "staff"), office.sample_actor(ports, "approver")
    act = operator.issue_at_once(ports, staff, approver, *kind)
    scene.tell(f"{act.id} {act.number} {act.word} {act.pdf}")


def write(scene: Scene, seed: int, defect: str) -> None:
    """A writer: issues until it is killed, or until too much went wrong."""
    chance = random.Random(seed)
    trouble = 0
    if scene.cut:
        scene.cut.watch()
    if defect:
        DEFECTS[defect](scene)
    scene.door.open()
    while trouble < TROUBLE_ENOUGH:
        try:
            _issue(scene, chance.choice(KINDS))
        except Busy:
            continue
        except Exception as wrong:  # noqa: BLE001 — whatever goes wrong speaks against the store
            trouble += 1
            scene.tell(f"! {type(wrong).__name__}: {wrong}"[:300].replace("\n", " "))


class Writers:
    """The programs at work; each is the head of its own group, so that what it forked dies with it."""

    def __init__(self, scene: Scene, chance: random.Random, defect: str) -> None:
        self._scene, self._chance, self._defect = scene, chance, defect
        self._running: list[int] = []

    def top_up(self, count: int) -> None:
        """Let so many work."""
        for pid in list(self._running):
            if os.waitpid(pid, os.WNOHANG) != (0, 0):
                self._running.remove(pid)
                kill_group(pid)
        while len(self._running) < count:
            seed = self._chance.getrandbits(32)
            self._running.append(apart(lambda: write(self._scene, seed, self._defect)))  # noqa: B023

    def kill_one(self) -> None:
        """Kill any of them."""
        self._kill(self._chance.choice(self._running))

    def kill_all(self) -> None:
        """Kill all of them."""
        for pid in list(self._running):
            self._kill(pid)

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self._running.remove(pid)
        kill_group(pid)


def kill_group(pid: int) -> None:
    """Kill what a dead writer left behind, and wait until it is gone."""
    for _attempt in range(10):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def apart(task: Callable[[], None]) -> int:
    """Do something in a program of its own; answers its id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setpgrp()
        task()
        status = 0
    finally:
        os._exit(status)


def run(
    folder: Path, *, kills: int, cuts: int = 0, seed: int = 1, defect: str = "", look_every: int = 500
) -> Outcome:
    """So many kills, then so many power cuts, and the count at the end."""
    began = time.monotonic()
    scene = stage(folder, power=cuts > 0)
    os.chdir(scene.folder)  # defects ruin SQLite's memory: files it then makes by strange names stay here
    chance = random.Random(seed)
    outcome = Outcome()
    writers = Writers(scene, chance, defect)
    try:
        while outcome.kills < kills:
            writers.top_up(chance.randint(2, 4))
            time.sleep(chance.uniform(*BETWEEN_KILLS))
            writers.kill_one()
            outcome.kills += 1
            if outcome.kills % look_every == 0:
                writers.kill_all()
                if look(scene, sweep=False).faults:
                    break
                print(f"seed {seed}: {outcome.kills} kills, {time.monotonic() - began:.0f} s", flush=True)
        while outcome.cuts < cuts and scene.cut:
            writers.top_up(chance.randint(2, 4))
            if outcome.cuts % 2 == 0:  # every other cut may fall before anything is done
                _await_work(scene)
            time.sleep(chance.uniform(0.05, 1.0))
            writers.kill_all()
            scene.cut.happen()
            outcome.cuts += 1
    finally:
        writers.kill_all()
    found = look(scene, sweep=True)
    if not found.faults and found.acknowledged <= len(KINDS):
        found.faults.append("the writers did no work: nothing was shown")
    return replace(found, kills=outcome.kills, cuts=outcome.cuts, seconds=time.monotonic() - began)


def _await_work(scene: Scene) -> None:
    """Until the writers have acknowledged a few acts more, however slow the machine is just now."""
    wanted, until = _told(scene) + A_FEW, time.monotonic() + WORK_WITHIN
    while _told(scene) < wanted and time.monotonic() < until:
        time.sleep(0.02)


def _told(scene: Scene) -> int:
    return scene.log.read_bytes().count(b"\n")


def look(scene: Scene, *, sweep: bool) -> Outcome:
    """Count everything, in a program of its own: this one never opens the store again."""
    place = scene.folder / "found.json"
    place.unlink(missing_ok=True)

    def task() -> None:
        try:
            found = count(scene, sweep=sweep)
        except Exception as wrong:  # noqa: BLE001 — a store that cannot be read is a finding
            found = Outcome(faults=[f"cannot be counted: {type(wrong).__name__}: {wrong}"])
        place.write_text(json.dumps(asdict(found), ensure_ascii=False), encoding="utf-8")

    os.waitpid(apart(task), 0)
    return Outcome(**json.loads(place.read_text(encoding="utf-8")))


def count(scene: Scene, *, sweep: bool) -> Outcome:
    """What is there against what was acknowledged."""
    scene.door.open()
    lines = sorted(set(scene.log.read_text(encoding="utf-8").splitlines()))
    told = [line.split(" ") for line in lines if not line.startswith("!")]
    sound = check_integrity(scene.door, scene.files)  # type: ignore[arg-type]
    found = Outcome(acknowledged=len(told), acts=sound.acts, events=sound.events, links=sound.head.count)
    found.faults = [line for line in lines if line.startswith("!")][:TROUBLE_ENOUGH]
    found.faults += error_messages(sound)
    found.doubled = len(told) - len({number for _act, number, *_files in told})
    with scene.ports.store.read() as tx:
        named = set(dict(referenced_files(tx)))
        found.lost = sum(1 for line in told if not _is_there(tx, line, named))
        found.faults += _faults_of_events(tx)
    found.gaps = sum(_gaps(scene.ports, series) for series in SERIES)
    for name in ("lost", "doubled", "gaps"):
        if getattr(found, name):
            found.faults.append(f"{getattr(found, name)} {name}")
    _look_at_files(scene, named, found, sweep=sweep)
    return found


def _is_there(tx: Transaction, line: list[str], named: set[str]) -> bool:
    act_id, number, *files = line
    act = tx.acts.get(act_id)
    return (
        act is not None
        and [act["number"], act["word"], act["pdf"]] == [number, *files]
        and named >= set(files)
    )


def _faults_of_events(tx: Transaction) -> Iterator[str]:
    """Each number is told of once in the history."""
    issued = [e["detail"]["number"] for e in tx.events.find(order="id") if e["kind"] == "Issued"]
    register = [row["text"] for row in tx.numbers.find(order="id")]
    if sorted(issued) != sorted(register):
        yield f"{len(issued)} numbers in the history, {len(register)} in the register"


def _gaps(ports: Ports, series: str) -> int:
    page = number_registers.number_register(ports, series, 2026)
    return len(page.gaps) if page else 0


def _look_at_files(scene: Scene, named: set[str], found: Outcome, *, sweep: bool) -> None:
    """Beyond what records name there are only orphans, and sweeping takes those and nothing else."""
    found.orphans = len(set(scene.files.kept()) - named)
    if not sweep:
        return
    unnamed = scene.files.older_than(timedelta(0)) - named
    scene.files.remove(unnamed, timedelta(0))
    if set(scene.files.kept()) != named:
        found.faults.append("after sweeping the kept files are not those that are named")
    left = [place for place in scene.files.root.rglob("*") if place.name.endswith(".part")]
    if left:
        found.faults.append(f"{len(left)} unfinished files left after sweeping")
    before = found.acts
    _issue(scene, KINDS[0])
    with scene.ports.store.read() as tx:
        if tx.acts.count() != before + 1:
            found.faults.append("the store does not go on")


# Defects to be planted ------------------------------------------------------------------------------


def _replace(owner: Any, name: str, value: Any) -> None:
    """Replace an attribute; raise AttributeError where the code no longer has it."""
    getattr(owner, name)
    setattr(owner, name, value)


def _acknowledged_early(scene: Scene) -> None:
    """The act is said to be issued before the transaction is committed."""
    plain = event_log.record_event

    def append(tx: Transaction, clock: Any, who: Any, act_id: str, kind: str, **more: Any) -> None:
        plain(tx, clock, who, act_id, kind, **more)
        if kind == "Issued":
            act = tx.acts.get(act_id) or {}
            scene.tell(f"{act_id} {act['number']} {act['word']} {act['pdf']}")
            time.sleep(0.03)

    _replace(issue, "record_event", append)


def _number_apart(_scene: Scene) -> None:
    """The counter is raised in a transaction of its own, before the one that writes the act."""
    plain_commit, plain_next = issue._commit, Counter.next_serial

    def commit(ports: Ports, who: Any, ticket: Any, *more: Any) -> Any:
        with ports.store.write() as tx:
            Counter.load(tx, ticket.series.id, ticket.year).advance(tx, ticket.n, ticket.act.dated)
        time.sleep(0.03)
        _replace(Counter, "next_serial", lambda *_asked: ticket.n)
        try:
            return plain_commit(ports, who, ticket, *more)
        finally:
            _replace(Counter, "next_serial", plain_next)

    _replace(issue, "_commit", commit)


def _not_synced(_scene: Scene) -> None:
    """SQLite hands its writes to the system and does not wait for the disk."""
    from formsvc.storage.tinydb_sqlite import connections
    from formsvc.storage.tinydb_sqlite.file_format import connect as plain

    def connect(path: Path, timeout: float, file_format: Any) -> Any:
        connection = plain(path, timeout, file_format)
        connection.execute("PRAGMA synchronous=OFF")
        return connection

    _replace(connections, "connect", connect)


def _files_not_synced(_scene: Scene) -> None:
    """Kept files are renamed into place without having been synced."""
    from formsvc.storage import atomic_files

    _replace(atomic_files, "_sync_file", lambda _path: None)


def _shared_over_fork(_scene: Scene) -> None:
    """A writer forks in the middle of a transaction, and child and parent both commit it, one after the other.

    This ruins SQLite's memory, and it may make files under whatever name it finds there.
    """
    from formsvc.storage.tinydb_sqlite import connections, session

    plain = Counter.advance
    session._fork_aware.clear()
    _replace(connections, "register_fork_aware", lambda _object: None)
    _replace(session.Session, "is_own_process", property(lambda _session: True))
    forked: list[int] = []

    def advance(self: Counter, tx: Transaction, *more: Any) -> None:
        plain(self, tx, *more)
        if not forked:
            forked.append(1)
            if os.fork() == 0:
                time.sleep(0.15)

    _replace(Counter, "advance", advance)


def _stale_cache(_scene: Scene) -> None:
    """What was read once is believed for ever, whatever other programs wrote meanwhile."""
    from formsvc.storage.transactions import TableCollection

    plain_get, plain_replace = TableCollection.get, TableCollection.replace
    known: dict[str, Any] = {}

    def get(view: TableCollection, key: str) -> Any:
        if view.table.name != "counters":
            return plain_get(view, key)
        if key not in known:
            known[key] = plain_get(view, key)
        return known[key]

    def replace_(view: TableCollection, key: str, record: Mapping[str, Any]) -> None:
        plain_replace(view, key, record)
        if view.table.name == "counters":
            known[key] = dict(record)

    _replace(TableCollection, "get", get)
    _replace(TableCollection, "replace", replace_)


def _no_work(_scene: Scene) -> None:
    """The writers of the harness themselves stand still."""
    time.sleep(60)


DEFECTS: dict[str, Callable[[Scene], None]] = {
    "acknowledged early": _acknowledged_early,
    "number outside the transaction": _number_apart,
    "synchronous off": _not_synced,
    "kept files not synced": _files_not_synced,
    "connection shared over a fork": _shared_over_fork,
    "stale cache": _stale_cache,
    "no work": _no_work,
}


@contextmanager
def _somewhere(folder: str) -> Iterator[Path]:
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        yield Path(folder)
        return
    import tempfile

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        yield Path(place)


def main(words: Sequence[str]) -> int:
    """The whole size, with its figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=2000)
    asked.add_argument("--cuts", type=int, default=0)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(31))
    asked.add_argument("--defect", choices=DEFECTS, default="")
    asked.add_argument("--folder", default="")
    given = asked.parse_args(words)
    print(f"seed {given.seed}", flush=True)
    with _somewhere(given.folder) as folder:
        outcome = run(
            folder.resolve(), kills=given.kills, cuts=given.cuts, seed=given.seed, defect=given.defect
        )
    print(json.dumps(asdict(outcome), ensure_ascii=False, indent=1))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
