"""Kinds of documents that a test makes up, beside the shipped ones, in the office in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.domain.definition_loader import load_definition
from formsvc.errors import Fault
from formsvc.usecases import operator
from formsvc.usecases.ports import DefinitionFile
from tests.support.circumstances import read_folder
from tests.support.memory_office import Office, SampleLibrary, make_office

TOWN, BRIGADE = "绥化市北林区东河镇人民政府", "绥化市北林区消防救援大队"
# What the group @ISS asks for, filled in.
ISSUER = {"issuer_name": TOWN, "issue_date": "2026-09-21", "drafter": "冯文书", "approver": "李明远"}


def kind(form: str, title: str, *fields: str | Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A definition with one section; it is numbered in a series of its own unless ``numbering`` says otherwise."""
    return {
        "id": form,
        "title": title,
        "family": "C",
        "template": f"{form}.docx",
        "numbering": {"style": "official", "genre": "函"},
        "sections": [{"title": "内容", "fields": ["@ISS", *fields]}],
        **more,
    }


class MadeUpLibrary(SampleLibrary):
    """The shipped kinds and made-up ones, which ``add`` replaces."""

    def __init__(self) -> None:
        self._made: dict[str, DefinitionFile] = {}
        self._count = 0

    def add(self, source: Mapping[str, Any]) -> None:
        loaded = load_definition(dict(source), read_folder("groups"), read_folder("lookups"))
        self.add_resolved(loaded.to_resolved())

    def add_resolved(self, resolved: Mapping[str, Any]) -> None:
        """Add a definition that is not checked any more."""
        self._made[resolved["id"]] = DefinitionFile(resolved["id"], resolved, b"template")
        self._count += 1

    def signature(self) -> str:
        return f"1 {self._count}"

    def forms(self) -> list[str]:
        return [*super().forms(), *self._made]

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        pairs, faults = super().checked_pairs(held)
        return [*pairs, *self._made.values()], faults


class MadeUpKindsOnly(MadeUpLibrary):
    """Made-up kinds alone: an office with them is ready in a fraction of the time."""

    def forms(self) -> list[str]:
        return [*self._made]

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        return [*self._made.values()], []


def office_with(
    folder: Path, kinds: Sequence[Mapping[str, Any]], library: MadeUpLibrary | None = None
) -> tuple[Office, MadeUpLibrary]:
    """The sample office with these kinds, and a number series of the town for each that is numbered."""
    library = library or MadeUpLibrary()
    for source in kinds:
        library.add(source)
    office = make_office(folder, library=library)
    add_series(office, kinds)
    return office, library


def add_series(office: Office, kinds: Sequence[Mapping[str, Any]], authority: str = "donghe") -> None:
    """Give each kind a series of an authority, such as 东甲."""
    with office.ports.store.write() as tx:
        for place, source in enumerate(kinds):
            style = source["numbering"]["style"]
            if style == "none":
                continue
            name = f"东{'甲乙丙丁戊己庚辛'[place]}"
            series = {
                "id": f"{authority}-{source['id']}",
                "authority": authority,
                "agent": "",
                "forms": [source["id"]],
                "prefix": f"{name}字" if style == "enforcement" else name,
                "style": style,
                "width": 4,
                "starts": {},
            }
            tx.series.insert(series["id"], series)


def issue(office: Office, form: str, **answers: Any) -> Act:
    """A document of a made-up kind, issued by the town."""
    ports = office.ports
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    return operator.issue_at_once(ports, staff, approver, form, {**ISSUER, **answers})
