"""A store of each earlier layout opens and finds by search and list what it holds.

The stores were written by the programs of their time (``layouts/write_store.py``): two issued notices and a draft.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formsvc.config import read_settings
from formsvc.domain.accounts.account import Account
from formsvc.maintenance import verify_instance
from formsvc.storage.file_store import FolderFiles
from formsvc.storage.migrations import STEPS, VERSION
from formsvc.storage.tinydb_store import TinyStore
from formsvc.usecases.acts.search import ActFilters, list_acts, list_drafts
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.maintenance.integrity import check_integrity
from tests.support.memory_office import make_office
from tests.support.paths import ROOT

LAYOUTS = sorted((ROOT / "tests/storage/layouts").glob("*.tar.gz"))
NOTICES = ["东消改〔2026〕2号", "东消改〔2026〕1号"]
FOUND = {
    "": NOTICES,
    "责令": NOTICES,
    "FAKE": NOTICES,
    "东消改〔2026〕2号": NOTICES[:1],
    "餐馆": NOTICES[:1],
    # whatever dot, and blanks
    "虚构・餐 馆": NOTICES[:1],
    "杂货店": NOTICES[1:],
    "棋牌": [],
    "待填": [],
}
BIG = 60_000


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Ports:
    """The ports of an office, whose store is replaced."""
    return make_office(tmp_path_factory.mktemp("office")).ports


def unpacked(layout: Path, folder: Path) -> Path:
    """The folder of a store as its program left it."""
    with tarfile.open(layout) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(params=LAYOUTS, ids=lambda path: path.name.removesuffix(".tar.gz"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TinyStore]:
    """A store of an earlier layout, opened by today's program."""
    opened = TinyStore(unpacked(request.param, tmp_path) / "formsvc.sqlite")
    yield opened
    opened.close()


def test_there_is_a_small_one_of_every_layout() -> None:
    assert {path.name[7:9] for path in LAYOUTS} == {f"{step.number - 1:02d}" for step in STEPS}
    assert all(path.stat().st_size < BIG for path in LAYOUTS)


def test_it_opens_sound_and_search_and_lists_find_what_it_holds(store: TinyStore, ports: Ports) -> None:
    there, folder = replace(ports, store=store), store.path.parent
    with store.read() as tx:
        people = {name: Actor(Account(**(tx.accounts.get(name) or {}))) for name in ("staff", "approver")}
    for text, numbers in FOUND.items():
        page = list_acts(there, people["approver"], ActFilters(text=text))
        assert ([act.number for act in page.acts], page.total) == (numbers, len(numbers)), text
    assert [act.party for act in list_drafts(there, people["staff"])] == ["虚构棋牌室（FAKE）"]
    assert [act.id for act in list_acts(there, people["approver"], ActFilters(form="T22", state="issued")).acts] == [
        "A2", "A1"
    ]  # fmt: skip
    found = check_integrity(store, FolderFiles(folder / "files"))
    assert (found.acts, found.numbers, found.findings) == (3, 2, [])
    # what is changed since is found by its new text alone
    with store.write() as tx:
        tx.acts.replace("A1", {**(tx.acts.get("A1") or {}), "search": "东消改〔2026〕1号 虚构书店"})
    for text, expected in (("书店", 1), ("杂货店", 0)):
        assert list_acts(there, people["approver"], ActFilters(text=text)).total == expected
    store.reindex()
    assert list_acts(there, people["approver"], ActFilters(text="书店")).total == 1


def test_verifying_one_leaves_it_as_it_is_and_says_which_layout_it_has(tmp_path: Path) -> None:
    for layout in (LAYOUTS[0], LAYOUTS[-1]):
        folder = unpacked(layout, tmp_path / layout.stem)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        (notice, *_others) = reversed(verify_instance(read_settings({}, instance=folder)).findings)
        assert f"第 {int(layout.name[7:9])} 版" in notice.message and notice.level == "notice"
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert int(LAYOUTS[-1].name[7:9]) < VERSION
