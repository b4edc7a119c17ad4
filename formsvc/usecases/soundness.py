"""Whether numbers, acts, events and kept files agree, told without looking into how they are stored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from formsvc.usecases import verifying
from formsvc.usecases.ports import JSON, Collection, Condition, Files, Record, Store, Transaction

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PAGE = 1000
_FILE_KEYS = ("word", "pdf", "sha256", "template")


@dataclass
class Soundness:
    """What a store holds, and every sentence that speaks against it."""

    acts: int = 0
    numbers: int = 0
    events: int = 0
    files: int = 0
    head: str = ""
    faults: list[str] = field(default_factory=list)


def examine(store: Store, files: Files) -> Soundness:
    """Everything ``formsvc verify`` looks at, and the digest of the history."""
    seen = verifying.examine(store, files)
    with store.read() as tx:
        events, head = history_head(tx)
    faults = [str(finding) for finding in seen.findings if finding.level == "error"]
    return Soundness(seen.acts, seen.numbers, events, seen.files, head, faults)


def history_head(tx: Transaction, events: int | None = None) -> tuple[int, str]:
    """How many events there are, and a digest over the first ``events`` of them in their order (all by default)."""
    head, number = "", 0
    for number, event in enumerate(_events(tx), start=1):
        text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        head = hashlib.sha256(f"{head}{text}".encode()).hexdigest()
        if number == events:
            break
    return number, head


def files_named(tx: Transaction) -> set[str]:
    """The hashes of all kept files that records point to."""
    return {
        sha256
        for collection in (tx.acts, tx.revisions)
        for record in _all(collection)
        for sha256 in _hashes(record)
    }


def _hashes(value: JSON, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for inner, part in value.items():
            yield from _hashes(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from _hashes(part, key)
    elif key in _FILE_KEYS and isinstance(value, str) and _SHA256.fullmatch(value):
        yield value


def _all(collection: Collection) -> Iterator[Record]:
    last = ""
    while page := collection.find(Condition("id", ">", last), order="id", limit=_PAGE):
        yield from page
        last = page[-1]["id"]


def _events(tx: Transaction) -> Iterator[Record]:
    return _all(tx.events)
