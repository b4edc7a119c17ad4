"""What was checked is written by a child process; a child that fails holds back one kind of document alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formsvc.bootstrap import OfficeClock
from formsvc.child_processes.publishing import PublishingProcess, StorePlace
from formsvc.errors import Busy, Fault
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases import definitions
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.ports import DefinitionFile, Transaction
from formsvc.usecases.publishing import NewRevision, StorePublisher, read_state
from tests.support.failing_publisher import fail_at
from tests.support.memory_office import SampleLibrary

FORMS = ["T07", "T21", "T22", "T34"]
OTHERS = ["T07", "T21", "T34"]


class FourKinds(SampleLibrary):
    """Four kinds of the project; a new wording makes each of them new."""

    wording = "一"

    def signature(self) -> str:
        return self.wording

    def forms(self) -> list[str]:
        return FORMS

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        pairs, _faults = super().checked_pairs(held)
        changed = [
            DefinitionFile(pair.form, {**pair.definition, "summary": f"试用{self.wording}"}, pair.template)
            for pair in pairs
            if pair.form in FORMS
        ]
        return changed, []


class Place:
    """A store in a folder, and the kinds of documents that its service publishes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.library = folder, OfficeClock(), FourKinds()
        self.store, self.files = TinyStore(folder / "formsvc.sqlite"), FolderFiles(folder / "files")
        self.definitions = self.served_by(module="formsvc.child_processes.publishing_worker")

    def publisher(self, module: str, seconds: int = 60, megabytes: int = 700) -> PublishingProcess:
        place = StorePlace(self.store.path, self.files.root, None)
        return PublishingProcess(place, self.clock, seconds=seconds, megabytes=megabytes, module=module)

    def served_by(self, module: str, seconds: int = 60, megabytes: int = 700) -> DefinitionRepository:
        publisher = self.publisher(module, seconds, megabytes)
        return DefinitionRepository(self.library, self.store, self.files, self.clock, publisher)

    def wordings(self) -> dict[str, str]:
        return {form: r.definition.summary for form, r in self.definitions.current().items()}

    def events(self) -> list[str]:
        with self.store.read() as tx:
            return [str(event["detail"].get("form", "")) for event in tx.events.find(order="id")]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.store.close()


def test_the_process_that_serves_writes_nothing_when_a_pair_is_published(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def refuse(_store: TinyStore) -> Iterator[Transaction]:
        raise AssertionError("the serving process wrote")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(TinyStore, "write", refuse)
        patch.setattr(FolderFiles, "keep", refuse)
        assert list(place.definitions.current()) == FORMS
    assert place.definitions.faults() == ()
    assert sorted(place.events())[-4:] == FORMS
    for revision in place.definitions.current().values():
        assert place.definitions.template(revision, {}) == place.library.checked_pairs()[0][0].template
    # with the keys in the order in which they were written: pages and examples go by it
    for pair in place.library.checked_pairs()[0]:
        current = place.definitions.current()[pair.form].definition
        assert json.dumps(dict(current.example)) == json.dumps(pair.definition["example"]), pair.form
    # the same records as a process writes that has the store itself
    other = TinyStore(place.folder / "other/formsvc.sqlite")
    StorePublisher(other, place.files, place.clock).publish(
        [NewRevision.of(pair, "x") for pair in place.library.checked_pairs()[0]], []
    )
    with place.store.read() as here, other.read() as there:
        for record in here.revisions.find():
            same = there.revisions.get(record["id"])
            assert same is not None and {**same, "published_at": ""} == {**record, "published_at": ""}
    assert dict(read_state(other).serving) == dict(read_state(place.store).serving)
    assert place.store.verify() == []


@pytest.mark.skipif(os.name != "posix", reason="a process is killed and limited the POSIX way")
@pytest.mark.parametrize(
    ("how", "count", "words"),
    [
        ("crash", 1, "意外中断"),
        ("kill", 2, "意外中断"),
        ("memory", 1, "FORMSVC_PUBLISH_MEGABYTES"),
        ("time", 1, "FORMSVC_PUBLISH_SECONDS"),
    ],
)
def test_a_process_that_fails_at_one_pair_leaves_its_last_good_revision_and_the_others_new(
    place: Place, monkeypatch: pytest.MonkeyPatch, how: str, count: int, words: str
) -> None:
    StorePublisher(place.store, place.files, place.clock).publish(
        [NewRevision.of(pair, "x") for pair in place.library.checked_pairs()[0]], []
    )
    fail_at(place.folder, how, count)
    place.definitions = place.served_by("tests.support.failing_publisher", seconds=1 if how == "time" else 60)
    place.library.wording = "二"
    place.definitions.look()
    assert place.wordings() == {**dict.fromkeys(OTHERS, "试用二"), "T22": "试用一"}
    (fault,) = place.definitions.faults()
    assert fault.file == "T22.json" and words in fault.message and "原来的照常使用" in fault.message
    assert place.store.verify() == []
    # tried again by itself, and no more once it went well
    place.definitions.look()
    assert place.wordings()["T22"] == "试用一"
    monkeypatch.setattr(definitions, "RETRY_SECONDS", -1.0)
    fail_at(place.folder, "crash", 9)
    place.definitions._retry_at = 0.0
    place.definitions.look()
    assert place.wordings() == dict.fromkeys(FORMS, "试用二") and place.definitions.faults() == ()


def test_what_the_store_refuses_is_a_fault_of_its_own_file(place: Place) -> None:
    revisions = [NewRevision.of(pair, "x") for pair in place.library.checked_pairs()[0]]
    odd = json.dumps({"id": "T99", "title": "责令\ud800改正"}, ensure_ascii=False)
    refused = NewRevision("T99", odd, b"template", {}, "x")
    register = {"id": "ledger", "title": "台账"}
    publisher = place.publisher("formsvc.child_processes.publishing_worker")
    publication = publisher.publish([refused, *revisions], [register, {"id": "odd", "title": "\ud800"}])
    assert [fault.file for fault in publication.faults] == ["registers/odd.json", "T99.json"]
    assert publication.is_final
    assert sorted(read_state(place.store).serving) == FORMS
    with place.store.read() as tx:
        assert [record["id"] for record in tx.registers.find()] == ["ledger"]


def test_a_process_without_memory_to_start_leaves_all_as_it_was(place: Place) -> None:
    served = place.served_by("formsvc.child_processes.publishing_worker", megabytes=1)
    served.refresh()
    assert served.current() == {}
    assert {f"{form}.json" for form in FORMS} < {fault.file for fault in served.faults()}
    assert place.events() == []
    assert list(place.definitions.current()) == FORMS


def test_a_store_that_is_busy_is_asked_again(place: Place) -> None:
    fail_at(place.folder, "crash", 9)
    place.definitions = place.served_by("tests.support.failing_publisher")
    with place.store.write() as tx:
        tx.settings.insert("x", {"id": "x"})
        with pytest.raises(Busy):
            place.definitions.refresh()
    assert list(place.definitions.current()) == FORMS
