"""A sample office on the real store: TinyDB over SQLite in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from formsvc.demo import office
from formsvc.documents.generated.register_export import OfficeRegisterExporter
from formsvc.domain.calendar import OFFICIAL
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.ports import Policy
from tests.support.memory_office import SampleLibrary, SetClock, SheetRenderer


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ports(tmp_path: Path, clock: SetClock) -> Ports:
    store, files = TinyStore(tmp_path / "store.db"), FolderFiles(tmp_path / "files")
    made = Ports(
        store=store,
        files=files,
        renderer=SheetRenderer(),
        clock=clock,
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        definitions=DefinitionRepository(SampleLibrary(), store, files, clock),
        policy=Policy(),
        register_documents=OfficeRegisterExporter(),
    )
    office.create_sample_office(made)
    return made


@pytest.fixture
def actor(ports: Ports) -> Callable[[str], Actor]:
    def of(name: str) -> Actor:
        return office.sample_actor(ports, name)

    return of
