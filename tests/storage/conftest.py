"""Stores to test: in memory and on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formsvc.storage.tinydb_store import TinyStore
from tests.support.memory_store import MemoryStore


@pytest.fixture(params=["memory", "tiny"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryStore | TinyStore]:
    """One empty store of each kind, with a short patience."""
    if request.param == "memory":
        yield MemoryStore(lock_timeout=0.3)
        return
    tiny = TinyStore(tmp_path / "数据" / "store.db", lock_timeout=0.3)
    yield tiny
    tiny.close()


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[TinyStore]:
    """One empty store on disk."""
    opened = TinyStore(tmp_path / "store.db", lock_timeout=5)
    yield opened
    opened.close()


@pytest.fixture
def both(tiny: TinyStore) -> Callable[[], tuple[MemoryStore, TinyStore]]:
    """Asked once for each example: a store in memory and the one on disk, neither with acts or rows in it."""

    def emptied() -> tuple[MemoryStore, TinyStore]:
        with tiny.write() as tx:
            for act in tx.acts.find():
                tx.acts.remove(act["id"])
            for row in tx.register_rows.find():
                tx.register_rows.remove(row["id"])
        return MemoryStore(), tiny

    return emptied
