"""A backup of 100,000 acts with 20,000 kept files, made while others issue; restored elsewhere, read back, compared.

Run by ``make backup-proof``; tests/test_cli_backups.py has the same road with a handful of acts.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.maintenance.integrity import check_integrity, error_messages
from formsvc.usecases.ports import ChainHead, Condition, Record, Transaction
from tests.proofs.crash import KINDS, Scene, Writers, apart, stage
from tests.support.live_server import run_script
from tests.support.sample_office import environment

IN_ONE_GO = 1000
SERIES, YEAR = "old", 2025


def fill(scene: Scene, acts: int, files: int) -> None:
    """Acts of another year beside the ones of today, each like a real one, in a series of their own."""
    scene.door.open()
    chance = random.Random(1)
    kept = [scene.files.keep(os.urandom(chance.randint(8_000, 60_000))) for _ in range(files)]
    with scene.door.read() as tx:
        pattern = tx.acts.find(Condition("form", "==", KINDS[0][0]), limit=1)[0]
        events = tx.events.find(Condition("act_id", "==", pattern["id"]), order="id")
    for first in range(0, acts, IN_ONE_GO):
        with scene.door.write() as tx:
            for n in range(first + 1, min(first + IN_ONE_GO, acts) + 1):
                _add(tx, n, pattern, events, kept)
            _count(tx, min(first + IN_ONE_GO, acts))
    scene.door.store.close()


def _add(tx: Transaction, n: int, pattern: Record, events: list[Record], kept: list[str]) -> None:
    text = f"旧〔{YEAR}〕{n}号"
    word, pdf = kept[2 * n % len(kept)], kept[(2 * n + 1) % len(kept)]
    act = {
        **pattern, "id": f"old-{n:06d}", "number": text, "series": SERIES, "year": YEAR, "n": n, "word": word,
        "pdf": pdf, "search": f"{text} {pattern['search']}",
    }  # fmt: skip
    tx.acts.insert(act["id"], act)
    row = {"series": SERIES, "year": YEAR, "n": n, "text": text, "act_id": act["id"], "state": "used"}
    tx.numbers.insert(f"{SERIES}/{YEAR}/{n:06d}", row)
    for event in (events[0], events[-1]):
        key = tx.next_event_key()
        told = {**event, "id": key, "act_id": act["id"]}
        if event["kind"] == "Issued":
            told["detail"] = {**event["detail"], "number": text, "word": word, "pdf": pdf}
        tx.events.insert(key, told)


def _count(tx: Transaction, n: int) -> None:
    key = f"{SERIES}/{YEAR}"
    counter = {"last": n, "last_dated": f"{YEAR}-12-31"}
    if tx.counters.get(key):
        tx.counters.replace(key, counter)
    else:
        tx.counters.insert(key, counter)


def acknowledged(scene: Scene) -> int:
    """How many acts the writers have issued so far."""
    return len(scene.log.read_text(encoding="utf-8").splitlines())


def compare(instance: Path, archive: Path, scene: Scene) -> dict[str, Any]:
    """What was restored against what goes on living: sound, and a prefix of its history."""
    there, files = TinyStore(instance / "formsvc.sqlite"), FolderFiles(instance / "files")
    scene.door.open()
    found = check_integrity(there, files)
    faults = error_messages(found)
    saved = _head_saved(archive)
    faults += [str(one) for one in scene.door.verify(saved)]
    with there.read() as tx, scene.door.read() as living:
        now = living.events.count()
        for row in tx.numbers.find(Condition("series", "!=", SERIES), order="id"):
            if living.numbers.get(row["id"]) != row:
                faults.append(f"{row['id']} differs")
    return {
        "acts": found.acts, "numbers": found.numbers, "files": found.files, "events": found.events,
        "events_of_the_living": now, "faults": faults,
    }  # fmt: skip


def _head_saved(archive: Path) -> ChainHead:
    """How far the chain had come when the backup was made, as its manifest says."""
    with ZipFile(archive) as held:
        manifest = json.loads(held.read("manifest.json"))
    return ChainHead(manifest["links"], manifest["head"], "")


def prove(folder: Path, acts: int, files: int) -> dict[str, Any]:
    """The proof, with its figures."""
    told: dict[str, Any] = {}
    scene = stage(folder, power=False)
    began = time.monotonic()
    os.waitpid(apart(lambda: fill(scene, acts, files)), 0)
    told["fill_s"] = round(time.monotonic() - began, 1)
    writers = Writers(scene, random.Random(1), "")
    archive = folder / "stick/whole.backup"
    archive.parent.mkdir()
    try:
        writers.top_up(2)
        told["issued_per_s_alone"] = _pace(scene, 10)
        told["backup_s"], told["issued_per_s_meanwhile"] = _saved(scene, archive, "--no-trial")
        later = archive.with_name("later.backup")
        told["incremental_s"], _pace_then = _saved(scene, later, "--since", str(archive), "--no-trial")
    finally:
        writers.kill_all()
    told["archive_mb"] = round(archive.stat().st_size / 1e6)
    told["incremental_mb"] = round(later.stat().st_size / 1e6)
    began = time.monotonic()
    instance = folder / "elsewhere"
    done = run_script(["-m", "formsvc", "restore", str(later)], **_environment(folder, instance))
    told["restore_and_check_s"] = round(time.monotonic() - began, 1)
    told["said"] = [done.stdout, done.stderr]
    place = folder / "found.json"
    os.waitpid(apart(lambda: _write(place, json.dumps(compare(instance, later, scene)))), 0)
    return {**told, **json.loads(place.read_text())}


def _environment(folder: Path, instance: Path) -> dict[str, str]:
    return {
        **environment(folder),
        "FORMSVC_INSTANCE": str(instance),
        "FORMSVC_FILES": str(instance / "files"),
    }


def _saved(scene: Scene, archive: Path, *words: str) -> tuple[float, float]:
    before, began = acknowledged(scene), time.monotonic()
    done = run_script(
        ["-m", "formsvc", "backup", "-o", str(archive), *words],
        **_environment(scene.folder, scene.door.path.parent),
    )
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    return round(took, 1), round((acknowledged(scene) - before) / took, 1)


def _pace(scene: Scene, seconds: float) -> float:
    before = acknowledged(scene)
    time.sleep(seconds)
    return round((acknowledged(scene) - before) / seconds, 1)


def _write(place: Path, text: str) -> None:
    place.write_text(text)


def main(words: Sequence[str]) -> int:
    """The whole size."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--acts", type=int, default=100_000)
    asked.add_argument("--files", type=int, default=20_000)
    given = asked.parse_args(words)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        told = prove(Path(folder), given.acts, given.files)
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 1 if told["faults"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
