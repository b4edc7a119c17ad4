"""Relationships of a package and its parts (ECMA-376 part 2, clause 6.5)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from formsvc.docxpdf.opc.xml import Element

RELATIONSHIPS_NS = "http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(frozen=True)
class Relationship:
    """One relationship; ``source`` is its part, empty for the package itself."""

    id: str
    source: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """Last segment of the type, such as ``styles``.

        Transitional and strict files differ before it.
        """
        return self.type.rpartition("/")[2]

    @property
    def part_name(self) -> str:
        """Name of the part of an internal relationship, which need not exist."""
        return posixpath.normpath(posixpath.join("/", posixpath.dirname(self.source), self.target)).lstrip(
            "/"
        )


def rels_name(part: str) -> str:
    """Return the name of the part that holds the relationships of ``part``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def source_name(rels: str) -> str:
    folder, name = posixpath.split(rels)
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))


def read_relationships(root: Element, source: str) -> list[Relationship]:
    return [
        Relationship(
            id=element.get("Id", ""),
            source=source,
            type=element.get("Type", ""),
            target=element.get("Target", ""),
            external=element.get("TargetMode", "").lower() == "external",
        )
        for element in root.iter("{*}Relationship")
    ]
