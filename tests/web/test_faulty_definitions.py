"""A faulty file in the folders of definitions and templates holds back its own form alone."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from formsvc.app import create_app
from formsvc.bootstrap import build_ports
from formsvc.demo import office
from formsvc.errors import Fault
from formsvc.usecases.context import Ports
from formsvc.usecases.definitions import DefinitionRepository
from formsvc.usecases.ports import DefinitionFile
from tests.support.memory_office import SampleLibrary, make_office
from tests.support.paths import ROOT
from tests.support.sample_office import settings_in

Breakage = Callable[[Path, Path], None]


def with_text(key: str, value: object) -> Breakage:
    def write(definitions: Path, _templates: Path) -> None:
        content = json.loads((definitions / "T22.json").read_text(encoding="utf-8"))
        content[key] = value
        (definitions / "T22.json").write_text(json.dumps(content), encoding="utf-8")

    return write


def with_huge_number(definitions: Path, _templates: Path) -> None:
    text = (definitions / "T22.json").read_text(encoding="utf-8")
    (definitions / "T22.json").write_text(
        text.replace('"id": "T22"', '"id": "T22", "x": 1e400', 1), encoding="utf-8"
    )


def dangling_link(definitions: Path, _templates: Path) -> None:
    (definitions / "T22.json").unlink()
    (definitions / "T22.json").symlink_to("nowhere")


def circular_link(definitions: Path, _templates: Path) -> None:
    (definitions / "T22.json").unlink()
    (definitions / "T22.json").symlink_to("T22.json")


def dangling_template(_definitions: Path, templates: Path) -> None:
    (templates / "T22.docx").unlink()
    (templates / "T22.docx").symlink_to("nowhere")


def named_pipe(definitions: Path, _templates: Path) -> None:
    (definitions / "T22.json").unlink()
    os.mkfifo(definitions / "T22.json")


def folder_of_that_name(definitions: Path, _templates: Path) -> None:
    (definitions / "T22.json").unlink()
    (definitions / "T22.json").mkdir()


def dangling_group(definitions: Path, _templates: Path) -> None:
    (definitions / "groups" / "T22.json").symlink_to("nowhere")


BREAKAGES: dict[str, Breakage] = {
    "a title with U+0000": with_text("title", "责令\0改正"),
    "half a surrogate pair": with_text("title", "责令\ud800改正"),
    "a number beyond all": with_huge_number,
    "a link to nowhere": dangling_link,
    "a link to itself": circular_link,
    "a template that is a link to nowhere": dangling_template,
    "a named pipe": named_pipe,
    "a folder of that name": folder_of_that_name,
}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Three forms of the project with their templates, and what they share."""
    definitions, templates = tmp_path / "definitions", tmp_path / "templates"
    for folder in ("groups", "lookups", "registers"):
        shutil.copytree(ROOT / "form_definitions" / folder, definitions / folder)
    templates.mkdir()
    for form in ("T07", "T22", "T34"):
        shutil.copy(ROOT / f"form_definitions/{form}.json", definitions)
        shutil.copy(ROOT / f"doc_templates/{form}.docx", templates)
    return definitions, templates


def opened(tmp_path: Path, folders: tuple[Path, Path]) -> Ports:
    settings = replace(settings_in(tmp_path), definitions=folders[0], templates=folders[1])
    office.clear(settings)
    return build_ports(settings)


@pytest.mark.skipif(os.name != "posix", reason="named pipes and links without rights are there on POSIX only")
@pytest.mark.parametrize("name", BREAKAGES)
def test_a_faulty_pair_touches_no_other_form(tmp_path: Path, folders: tuple[Path, Path], name: str) -> None:
    BREAKAGES[name](*folders)
    ports = opened(tmp_path, folders)
    assert list(ports.definitions.current()) == ["T07", "T34"]
    assert any(
        fault.file.startswith("T22.") and fault.level == "error" for fault in ports.definitions.faults()
    )


@pytest.mark.skipif(os.name != "posix", reason="links without rights are there on POSIX only")
@pytest.mark.parametrize("name", BREAKAGES)
def test_the_last_good_revision_serves_and_every_page_opens(
    tmp_path: Path, folders: tuple[Path, Path], name: str
) -> None:
    ports = opened(tmp_path, folders)
    office.create_sample_office(ports)
    good = ports.definitions.current_revision("T22")
    settings = replace(settings_in(tmp_path), definitions=folders[0], templates=folders[1])
    client = create_app(settings, ports=ports).test_client()
    BREAKAGES[name](*folders)
    dangling_group(*folders)
    assert [client.get(path).status_code for path in ("/sign-in", "/healthz", "/static/app.css")] == [
        200,
        200,
        200,
    ]
    assert ports.definitions.current_revision("T22").id == good.id
    assert list(ports.definitions.current()) == ["T07", "T22", "T34"]


def test_one_fault_does_not_hide_another(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    """An unknown key, a wrong expression and a template that prints nothing: all in one run."""
    file = folders[0] / "T22.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    area = {"key": "area", "label": "面积", "kind": "decimal", "computed": "aera + 1.0", "requird": True}
    content["sections"][-1]["fields"].append(area)
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    shutil.copy(ROOT / "doc_templates/T07.docx", folders[1] / "T22.docx")
    messages = [str(fault) for fault in opened(tmp_path, folders).definitions.faults()]
    for words in ("不认识的键“requird”", "不认识的字段“aera”", "“town_name”不是这个表单的字段"):
        assert any(words in message for message in messages), (words, messages)


class SlowLibrary(SampleLibrary):
    """Definitions whose check does not end by itself."""

    def __init__(self) -> None:
        self.may_end = threading.Event()

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        self.may_end.wait(60)
        return super().checked_pairs(held)


def test_a_long_check_at_the_start_holds_up_no_page_without_forms(tmp_path: Path) -> None:
    library, sample = SlowLibrary(), make_office(tmp_path / "files")
    definitions = DefinitionRepository(library, sample.ports.store, sample.ports.files, sample.clock)
    app = create_app(settings_in(tmp_path), ports=replace(sample.ports, definitions=definitions))
    definitions.watch(wait=False)
    began = time.monotonic()
    assert [app.test_client().get(path).status_code for path in ("/healthz", "/sign-in")] == [200, 200]
    assert time.monotonic() - began < 10
    library.may_end.set()
    assert "T22" in definitions.current()
