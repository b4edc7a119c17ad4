"""Runs TinyDB's own tests against our storage and tables: ``python -m tests.proofs.tinydb_suite tinydb-4.9.0.tar.gz``.

The tests come from the source package of the release; nothing of them is kept here. Wherever they open a TinyDB with
its JSON file or in memory, they get one of ours. What is expected to differ stands in ``BY_DESIGN`` with the reason;
any other failure, and any of those that passes, is an error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.support.paths import ROOT

NO_CACHE = "there is no query cache: another program may have written"
UNTAKEN = "asking for the next id does not take it: an id is taken when its document is written"
NEVER_AGAIN = "an id is never given twice, not even after the table was emptied"
OWN_NAME = "our classes and storages have names of their own"

BY_DESIGN: dict[str, dict[str, str]] = {
    "ours": {
        "test_tables.py::test_lru_cache": NO_CACHE,
        "test_tables.py::test_next_id": UNTAKEN,
        "test_tables.py::test_query_cache": NO_CACHE,
        "test_tables.py::test_query_cache_size": NO_CACHE,
        "test_tables.py::test_table_repr": OWN_NAME,
        "test_tables.py::test_truncate_table": NEVER_AGAIN,
        "test_tinydb.py::test_access_storage": OWN_NAME,
        "test_tinydb.py::test_repr": OWN_NAME,
        "test_tinydb.py::test_search": NO_CACHE,
        "test_tinydb.py::test_search_path": NO_CACHE,
        "test_tinydb.py::test_storage_access": OWN_NAME,
    },
    "stock": {
        "test_tables.py::test_table_repr": OWN_NAME,
        "test_tinydb.py::test_access_storage": OWN_NAME,
        "test_tinydb.py::test_storage_access": OWN_NAME,
    },
}
"""By class of the database: ours, or the stock class with our storage."""

CONFTEST = """
import itertools, os, sys, tempfile
import pytest, tinydb
from tinydb.storages import JSONStorage, MemoryStorage
from formsvc.storage.tinydb_sqlite.database import SQLiteStorage, SQLiteTinyDB

stock, opened, places = tinydb.TinyDB, [], itertools.count()
folder = tempfile.TemporaryDirectory()

class Meta(type):
    def __call__(cls, *args, **kwargs):
        storage = kwargs.get("storage", JSONStorage)
        if storage not in (JSONStorage, MemoryStorage):
            return stock(*args, **kwargs)
        path = args[0] if args else os.path.join(folder.name, f"{next(places)}.db")
        ours = os.environ["FORMSVC_CLASS"] == "ours"
        database = SQLiteTinyDB(path) if ours else stock(path, storage=SQLiteStorage)
        opened.append(database)
        return database

class Ours(metaclass=Meta):
    default_table_name = stock.default_table_name
    def __instancecheck__(cls, other):
        return isinstance(other, stock)

@pytest.fixture(autouse=True)
def closed_afterwards():
    yield
    while opened:
        opened.pop().close()

def pytest_collection_modifyitems(items):
    for item in items:
        if item.module.__name__.endswith(("test_tinydb", "test_tables", "test_operations")):
            item.module.TinyDB = Ours

@pytest.fixture
def db():
    database = Ours()
    database.insert_multiple({"int": 1, "char": c} for c in "abc")
    yield database

@pytest.fixture
def storage():
    return tinydb.middlewares.CachingMiddleware(MemoryStorage)()

def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        with open(os.environ["FORMSVC_TOLD"], "a", encoding="utf-8") as told:
            told.write(f"{report.outcome} {report.nodeid.rpartition('/')[2]}\\n")
"""


def main(package: Path) -> int:
    """Run the suite with each class; answers how many outcomes nobody expected."""
    return sum(reported(kind, outcomes_of(package, kind)) for kind in BY_DESIGN)


def outcomes_of(package: Path, kind: str) -> dict[str, str]:
    """Run the suite; answers the outcome of each test."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(package) as archive:
            archive.extractall(folder, filter="data")
        (suite,) = Path(folder).glob("tinydb-*/tests")
        (suite / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        told = Path(folder) / "told"
        files = [str(suite / name) for name in ("test_tinydb.py", "test_tables.py", "test_operations.py")]
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-qq",
                "--tb=no",
                "--no-summary",
                "-p",
                "no:cacheprovider",
                *files,
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "FORMSVC_TOLD": str(told), "FORMSVC_CLASS": kind},
            check=False,
        )
        lines = told.read_text(encoding="utf-8").splitlines()
    return {name: outcome for outcome, name in (line.split(" ", 1) for line in lines)}


def reported(kind: str, outcomes: dict[str, str]) -> int:
    """Print what differs by design and what should not; answers how many of the latter."""
    failed, expected = {name for name, outcome in outcomes.items() if outcome == "failed"}, BY_DESIGN[kind]
    for name in sorted(failed & set(expected)):
        print(f"by design  {name}: {expected[name]}")
    unexpected = sorted(failed ^ set(expected))
    for name in unexpected:
        print(f"{'FAILED    ' if name in failed else 'now passes'} {name}")
    print(
        f"{kind}: {len(outcomes)} tests of TinyDB, {len(outcomes) - len(failed)} pass, {len(failed)} differ",
        flush=True,
    )
    return len(unexpected)


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]))))
