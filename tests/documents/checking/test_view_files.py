"""Files of views are checked as those of kinds and registers are: each fault with its place and what to write."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from formsvc.documents.checking.check import check_paths
from formsvc.documents.view_folder import MOST_VIEWS
from formsvc.errors import Fault
from tests.support.checkers import DirectChecker
from tests.support.paths import ROOT

VIEW = {"id": "mine", "title": "未办的事，按种类", "source": "due", "group": "form", "forms": ["T22"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of definitions with one kind, named but not looked at, and the shipped views."""
    shutil.copytree(ROOT / "form_definitions/views", tmp_path / "views")
    shutil.copy(ROOT / "form_definitions/T22.json", tmp_path)
    return tmp_path


def faults_of(folder: Path, content: str | bytes) -> list[Fault]:
    file = folder / "views" / "mine.json"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return check_paths(folder, folder, [file], DirectChecker())


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        ({"titel": "x"}, "/titel", "title"),
        ({"source": "acs"}, "/source", "acts"),
        ({"group": "people"}, "/group", "drafter"),
        ({"place": "1"}, "/place", "整数"),
        ({"id": "other"}, "/id", "文件名“mine”"),
        ({"forms": ["T22", "T2"]}, "/forms/1", "没有编号为“T2”的文书"),
        ({"forms": ["T22", "T22"]}, "/forms/1", "写了两次"),
        ({"title": ""}, "/title", ""),
    ],
)
def test_a_fault_of_a_view_is_named_with_its_place_and_what_to_write(
    folder: Path, change: dict[str, Any], where: str, said: str
) -> None:
    (fault,) = faults_of(folder, json.dumps({**VIEW, **change}, ensure_ascii=False))
    assert (fault.file, fault.where, fault.level) == ("views/mine.json", where, "error")
    assert said in fault.message


def test_a_sound_view_and_the_shipped_ones_have_no_faults(folder: Path) -> None:
    assert faults_of(folder, json.dumps({"$schema": "../../docs/view.schema.json", **VIEW})) == []
    shipped = sorted((ROOT / "form_definitions/views").glob("*.json"))
    assert shipped and check_paths(ROOT / "form_definitions", folder, shipped, DirectChecker()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"id": "a", "id": "b"}', b"[" * 9999])
def test_what_is_no_view_is_one_fault_of_its_file(folder: Path, content: bytes) -> None:
    found = faults_of(folder, content)
    assert found and {fault.file for fault in found} == {"views/mine.json"}


def test_the_check_of_a_project_looks_at_its_views_and_counts_them(tmp_path: Path) -> None:
    views = tmp_path / "form_definitions" / "views"
    views.mkdir(parents=True)
    (tmp_path / "doc_templates").mkdir()
    for number in range(MOST_VIEWS + 2):
        content = {**VIEW, "id": f"v{number:02d}", "forms": []}
        (views / f"v{number:02d}.json").write_text(json.dumps(content), encoding="utf-8")
    os.symlink("/etc/hostname", views / "a.json")
    found = check_paths(tmp_path, tmp_path, [tmp_path], DirectChecker())
    named = {fault.file: fault.message for fault in found}
    assert set(named) == {"views/a.json", f"views/v{MOST_VIEWS - 1}.json"}
    assert f"前 {MOST_VIEWS} 个" in named[f"views/v{MOST_VIEWS - 1}.json"]
