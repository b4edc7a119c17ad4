"""How long checking takes: one shipped kind, all, all unchanged, a definition of 500 fields."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from formsvc.bootstrap import build_checker
from formsvc.documents.checking.folders import FolderLibrary, load_definition_file
from formsvc.documents.generated.scaffold import draft_template
from tests.hostile.case import field, sound
from tests.support.checkers import DirectChecker
from tests.support.live_server import run_script
from tests.support.paths import ROOT
from tests.support.sample_office import settings_in

# seconds
ONE, ALL, UNCHANGED, LARGE = 2.0, 8.0, 1.0, 5.0
LARGE_FIELDS = 500


def new_library(definitions: Path, templates: Path, instance: Path) -> FolderLibrary:
    """Return the library of an instance, with its limits and its cache."""
    return FolderLibrary(definitions, templates, build_checker(settings_in(instance)))


def copied(place: Path, kinds: Collection[str] = ()) -> tuple[Path, Path]:
    """Copy the shipped folders; only some of the kinds if they are named."""
    folders = place / "form_definitions", place / "doc_templates"
    for folder in folders:
        shutil.copytree(ROOT / folder.name, folder)
        for file in folder.iterdir():
            if kinds and file.is_file() and file.stem not in kinds:
                file.unlink()
    return folders


def seconds_of_one(definitions: Path, templates: Path) -> dict[str, float]:
    """Return the seconds that each kind takes, checked alone."""
    spent = {}
    for file in sorted(definitions.glob("*.json")):
        library = new_library(definitions, templates, definitions.parent / f"cache-{file.stem}")
        began = time.monotonic()
        library.check_file(file, templates / f"{file.stem}.docx")
        spent[file.stem] = time.monotonic() - began
    return spent


def seconds_of_all(definitions: Path, templates: Path) -> tuple[float, float]:
    """Return the seconds for all kinds, then once more unchanged."""
    began = time.monotonic()
    new_library(definitions, templates, definitions.parent).checked_pairs()
    first = time.monotonic()
    # a library that has never looked, as that of another process
    new_library(definitions, templates, definitions.parent).checked_pairs()
    return first - began, time.monotonic() - first


def large_definition() -> dict[str, Any]:
    """Return a definition of 500 fields of many kinds, with conditions, computed fields and rules."""
    definition = sound()
    definition["id"] = definition["template"] = "L01"
    definition["template"] += ".docx"
    kinds = ("text", "integer", "decimal", "date", "yes_no", "money", "long_text", "phone", "choice", "text")
    fields = definition["sections"][1]["fields"]
    for number in range(LARGE_FIELDS - len(fields) - 5):
        kind = kinds[number % len(kinds)]
        entry = {**field(kind), "key": f"x{number}", "label": f"第{number}项"}
        if kind == "choice":
            entry["choices"] = ["甲", "乙", "丙"]
        if number % 10 == 9:
            entry |= {"shown": f'x{number - 1} == "甲"', "max": 200}
        if number % 50 == 11:
            entry["computed"] = f"x{number - 10} + 1"
        fields.append(entry)
    definition["rules"] += [
        {"id": f"r{n}", "check": f"is_empty(x{n}) || x{n} >= 0", "message": "数值不对。", "field": f"x{n}"}
        for n in range(1, 400, 10)
    ]
    return definition


def seconds_of_large(place: Path) -> float:
    """Return the seconds for the definition of 500 fields with a drafted template."""
    file = place / "L01.json"
    file.write_text(json.dumps(large_definition(), ensure_ascii=False), encoding="utf-8")
    (place / "L01.docx").write_bytes(
        draft_template(load_definition_file(file, ROOT / "form_definitions", DirectChecker()))
    )
    library = new_library(ROOT / "form_definitions", place, place)
    began = time.monotonic()
    checked = library.check_file(file)
    spent = time.monotonic() - began
    errors = [str(fault) for fault in checked.faults if fault.level == "error"]
    assert not errors, errors[:5]
    return spent


def seconds_of_command(*words: str) -> float:
    """Return the seconds of a command, its start included."""
    began = time.monotonic()
    run_script(["-m", "formsvc", *words], PYTHONPATH=str(ROOT))
    return time.monotonic() - began


def figures() -> tuple[dict[str, float], dict[str, float]]:
    """Return the seconds of each thing measured, and of each kind alone."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        folders = copied(place)
        alone = seconds_of_one(*folders)
        every, unchanged = seconds_of_all(*folders)
        (place / "large").mkdir()
        large = seconds_of_large(place / "large")
    measured = {
        "slowest kind alone": max(alone.values()),
        "all kinds": every,
        "all unchanged": unchanged,
        f"{LARGE_FIELDS} fields": large,
    }
    return measured, alone


def main() -> int:
    """The figures, and the commands with their start."""
    found, alone = figures()
    print(f"{len(alone)} kinds:", ", ".join(f"{form} {seconds:.2f}" for form, seconds in alone.items()))
    bounds = dict(zip(found, (ONE, ALL, UNCHANGED, LARGE), strict=True))
    for what, seconds in found.items():
        print(f"{what:<24} {seconds:6.2f} s   (at most {bounds[what]:g} s)")
    print(f"{'formsvc check T22.json':<24} {seconds_of_command('check', 'form_definitions/T22.json'):6.2f} s")
    for what in ("formsvc check", "formsvc check, again"):
        print(f"{what:<24} {seconds_of_command('check'):6.2f} s")
    return 0 if all(seconds <= bounds[what] for what, seconds in found.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
