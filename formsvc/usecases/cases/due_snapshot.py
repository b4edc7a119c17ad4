"""Index of pending steps as bytes; a start need not compute it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import orjson

from formsvc.usecases.cases.pending import ActOwnership, PendingAct


class Snapshot(Protocol):
    """Place for the bytes of something computed, spared at the next start."""

    def load(self) -> bytes | None: ...

    def save(self, content: bytes) -> None: ...


@dataclass(frozen=True)
class DueSnapshot:
    """Content of a DueIndex; ``link`` is the hash of the last link."""

    entries: tuple[PendingAct, ...]
    rules: str
    day: date
    chain_length: int
    link: str


def snapshot_to_bytes(snapshot: DueSnapshot) -> bytes:
    owners: dict[str, list[Any]] = {}
    for entry in snapshot.entries:
        for act in (entry.act, *entry.ancestors):
            owners[act.id] = [act.form, act.drafter, act.authority, act.confidential, act.readers]
    rows = [
        [e.act.id, e.dated, e.due_days, e.actions, [each.id for each in e.ancestors]]
        for e in snapshot.entries
    ]
    known = [snapshot.rules, snapshot.day.isoformat(), snapshot.chain_length, snapshot.link]
    return orjson.dumps([known, owners, rows])


def snapshot_from_bytes(content: bytes) -> DueSnapshot | None:
    """Return the snapshot; None for bytes that are none."""
    try:
        (rules, day, chain_length, link), owners, rows = orjson.loads(content)
        acts = _owners(owners)
        entries = tuple(
            PendingAct(acts[id_], dated, tuple(days), _interned(actions), tuple(acts[a] for a in ancestors))
            for id_, dated, days, actions, ancestors in rows
        )
        return DueSnapshot(entries, rules, date.fromisoformat(day), int(chain_length), link)
    except (ValueError, TypeError, KeyError):
        return None


def _owners(owners: Mapping[str, list[Any]]) -> dict[str, ActOwnership]:
    known = {}
    for id_, (form, drafter, authority, confidential, readers) in owners.items():
        form, drafter, authority = _interned([form, drafter, authority])  # noqa: PLW2901 - the same texts
        known[id_] = ActOwnership(id_, form, drafter, authority, confidential, tuple(readers))
    return known


def _interned(texts: Iterable[str]) -> tuple[str, ...]:
    # some dozen different texts stand in tens of thousands of entries
    return tuple(map(sys.intern, texts))
