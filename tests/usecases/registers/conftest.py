"""An office on a store of files, with the shipped registers and no forms."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formsvc.documents.checking.folders import FolderLibrary
from formsvc.domain.accounts.account import Account
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import DefinitionRepository
from tests.support.checkers import DirectChecker
from tests.support.memory_office import make_office
from tests.support.paths import ROOT


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[Ports]:
    """The ports of the office."""
    office = make_office(tmp_path / "office")
    for name in ("lookups", "registers"):
        shutil.copytree(ROOT / "form_definitions" / name, tmp_path / "definitions" / name)
    store = TinyStore(tmp_path / "store.db")
    library = FolderLibrary(tmp_path / "definitions", tmp_path / "definitions", DirectChecker())
    definitions = DefinitionRepository(library, store, office.ports.files, office.clock)
    yield replace(office.ports, store=store, definitions=definitions)
    store.close()


@pytest.fixture
def clerk() -> Actor:
    """A clerk, who keeps registers."""
    return Actor(Account("staff", "李明", "donghe", {"*": ["staff"]}))
