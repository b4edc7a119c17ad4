"""Faults of each kind planted into the shipped definitions: how many are reported with their place.

Run whole by ``make planted-faults``; the suite runs a shorter form of the same.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from formsvc.documents.checking.check import check_paths
from formsvc.documents.checking.folders import FolderLibrary
from formsvc.errors import Fault
from tests.hostile.templates import parts_of, zipped
from tests.proofs.planting import KINDS as FIELD_KINDS
from tests.proofs.planting import misspelt
from tests.proofs.planting_files import FILE_KINDS, PART_KINDS
from tests.proofs.planting_life import LIFE_KINDS
from tests.proofs.planting_rows import ROW_KINDS
from tests.support.checkers import DirectChecker
from tests.support.paths import ROOT

TIMES = 20
WANTED = 0.95
TAG = "misspelt tag"
FORM_KINDS = {**FIELD_KINDS, **ROW_KINDS, **LIFE_KINDS, **PART_KINDS}
KINDS = (*FORM_KINDS, *FILE_KINDS)
_FIELD = re.compile(r"/fields/\d+")
_TAG = re.compile(rb"\{\{ ?([a-z_]+) ?\}\}")


@dataclass
class Table:
    """How many of the planted faults of each kind were reported in place."""

    reported: dict[str, int] = field(default_factory=dict)
    planted: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return sum(self.reported.values()) / max(1, sum(self.planted.values()))

    def lines(self) -> list[str]:
        return [f"{kind:<28} {self.reported[kind]:>3} of {self.planted[kind]}" for kind in self.planted]


class Folder:
    """A copy of the shipped folders, in which one pair at a time is at fault."""

    def __init__(self, place: Path) -> None:
        self.definitions, self.templates = place / "form_definitions", place / "doc_templates"
        shutil.copytree(ROOT / "form_definitions", self.definitions)
        shutil.copytree(ROOT / "doc_templates", self.templates)
        self._library = FolderLibrary(self.definitions, self.templates, DirectChecker())
        self.forms = [file.stem for file in sorted(self.definitions.glob("*.json"))]

    def errors(self) -> list[Fault]:
        return [fault for fault in self._library.checked_pairs()[1] if fault.level == "error"]

    def errors_with(self, file: Path, content: bytes) -> list[Fault]:
        """Return the errors while a file holds other content."""
        before = file.read_bytes()
        file.write_bytes(content)
        try:
            return self.errors()
        finally:
            file.write_bytes(before)


def is_reported(faults: Iterable[Fault], file: str, places: tuple[str, ...]) -> bool:
    """Return whether a fault stands at one of the places.

    What two forms do not agree on is placed in words, its pointer counts the fields of groups as well.
    """
    there = {_FIELD.sub("/fields/", place) for place in places}
    return any(
        fault.file == file
        and (fault.where in places or (fault.place and _FIELD.sub("/fields/", fault.where) in there))
        for fault in faults
    )


def run(seed: int, times: int, kinds: Iterable[str] = ()) -> Table:
    """Plant each kind so many times, all kinds by default."""
    table = Table()
    with TemporaryDirectory() as place:
        folder = Folder(Path(place))
        table.alarms += [str(fault) for fault in folder.errors()]
        for kind in tuple(kinds) or KINDS:
            plant = _plant_file if kind in FILE_KINDS else _plant
            for number in range(times):
                plant(folder, table, kind, random.Random(f"{seed}-{kind}-{number}"))
        for number in range(times):
            _plant_tag(folder, table, random.Random(f"{seed}-tag-{number}"))
        table.alarms += [str(fault) for fault in folder.errors()]
    return table


def _plant(folder: Folder, table: Table, kind: str, chance: random.Random) -> None:
    places = None
    while places is None:
        form = chance.choice(folder.forms)
        source: dict[str, Any] = json.loads((folder.definitions / f"{form}.json").read_text(encoding="utf-8"))
        places = FORM_KINDS[kind](chance, source)
    content = json.dumps(source, ensure_ascii=False).encode()
    faults = folder.errors_with(folder.definitions / f"{form}.json", content)
    _count(table, kind, is_reported(faults, f"{form}.json", places), f"{form} {places}", faults, source)


def _plant_file(folder: Folder, table: Table, kind: str, chance: random.Random) -> None:
    """Plant a fault into a register or a view, which is checked by itself."""
    name, make = FILE_KINDS[kind]
    places = None
    while places is None:
        file = chance.choice(sorted((folder.definitions / name).glob("*.json")))
        source: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        places = make(chance, source)
    before = file.read_bytes()
    file.write_text(json.dumps(source, ensure_ascii=False), encoding="utf-8")
    faults = check_paths(folder.definitions, folder.templates, [file], DirectChecker())
    file.write_bytes(before)
    shown = f"{name}/{file.name}"
    _count(table, kind, is_reported(faults, shown, places), f"{shown} {places}", faults, source)


def _plant_tag(folder: Folder, table: Table, chance: random.Random) -> None:
    """Misspell a name in a tag of a template."""
    form = chance.choice(folder.forms)
    file = folder.templates / f"{form}.docx"
    parts = parts_of(file.read_bytes())
    document = parts["word/document.xml"]
    match = chance.choice(list(_TAG.finditer(document)))
    wrong = misspelt(chance, match.group(1).decode()).encode()
    parts["word/document.xml"] = document[: match.start(1)] + wrong + document[match.end(1) :]
    faults = folder.errors_with(file, zipped(parts))
    told = [fault for fault in faults if fault.file == file.name and wrong.decode() in fault.message]
    in_place = any(fault.where not in ("", "模板", "文件") for fault in told)
    _count(table, TAG, in_place, f"{form} {match.group(0).decode()} → {wrong.decode()}", faults, {})


def _count(
    table: Table, kind: str, reported: bool, what: str, faults: list[Fault], source: dict[str, Any]
) -> None:
    table.planted[kind] = table.planted.get(kind, 0) + 1
    table.reported[kind] = table.reported.get(kind, 0) + reported
    if not reported:
        said = [f"{fault.file} {fault.where}: {fault.message}" for fault in faults]
        table.missed.append(f"{kind}: {what} {_planted_part(source)} → {said}")


def _planted_part(source: dict[str, Any]) -> list[Any]:
    """Return the planted fields and rules, for the list of what was missed."""
    entries = [e for section in source.get("sections", ()) for e in section["fields"] if isinstance(e, dict)]
    rules = [rule for rule in source.get("rules", ()) if rule.get("id") == "planted"]
    return [e for e in entries if str(e.get("key", "")).startswith("planted")] + rules


def main() -> int:
    """The whole size, with its table."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    times = int(sys.argv[2]) if len(sys.argv) > 2 else TIMES
    began = time.monotonic()
    table = run(seed, times, sys.argv[3:])
    print(*table.lines(), sep="\n")
    print(*(f"missed: {line}" for line in table.missed), sep="\n")
    print(*(f"alarm on a sound one: {line}" for line in table.alarms), sep="\n")
    print(f"{table.share:.1%} in {time.monotonic() - began:.0f} s")
    return 0 if table.share >= WANTED and not table.alarms else 1


if __name__ == "__main__":
    sys.exit(main())
