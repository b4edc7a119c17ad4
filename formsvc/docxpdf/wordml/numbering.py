"""Automatic numbers: 一、（一）1. ① and how they count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formsvc.docxpdf.characters.number_formats import format_number, is_supported
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element, attribute, child, chosen_branch, find_all, value_at, whole
from formsvc.docxpdf.wordml.properties import Properties, merge_element

_BULLETS = {
    "\uf06c": "●",
    "\uf0b7": "•",
    "\uf06e": "■",
    "\uf0d8": "➢",
    "\uf0fc": "✓",
    "\uf075": "◆",
    "\uf0a7": "▪",
    "o": "○",
}


@dataclass(frozen=True)
class ListLabel:
    """A list number: its text, what follows it (``tab``, ``space``, ``nothing``), its run and paragraph properties."""

    text: str
    suffix: str
    run_properties: Element | None
    paragraph_properties: Properties


class ListNumbering:
    """The numbering part of a document; counts as paragraphs ask, in document order."""

    def __init__(self, package: Package) -> None:
        root = package.related(package.document, "numbering")
        self._abstract = {attribute(a, "abstractNumId"): a for a in find_all(root, "w:abstractNum")}
        self._instances = {attribute(n, "numId"): n for n in find_all(root, "w:num")}
        self._levels: dict[str, dict[int, Element]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        self.unsupported_formats: set[str] = set()
        """Formats of numbers met that are written in plain figures instead."""

    def next_label(self, number: str, level: int) -> ListLabel | None:
        """The next number of a list at a level; None where there is no such list."""
        levels = self._levels_of(number)
        if level not in levels:
            return None
        counts = self._advance(number, level, levels)
        own = levels[level]
        return ListLabel(
            text=self._text(levels, counts, level),
            suffix=value_at(own, "w:suff", default="tab"),
            run_properties=child(own, "w:rPr"),
            paragraph_properties=merge_element({}, child(own, "w:pPr")),
        )

    def _levels_of(self, number: str) -> dict[int, Element]:
        if number not in self._levels:
            instance = self._instances.get(number)
            abstract = self._abstract.get(value_at(instance, "w:abstractNumId"))
            levels = {whole(attribute(e, "ilvl")): e for e in find_all(abstract, "w:lvl")}
            for override in find_all(instance, "w:lvlOverride"):
                replaced = child(override, "w:lvl")
                if replaced is not None:
                    levels[whole(attribute(override, "ilvl"))] = replaced
            self._levels[number] = levels
        return self._levels[number]

    def _advance(self, number: str, level: int, levels: dict[int, Element]) -> dict[int, int]:
        instance = self._instances[number]
        counts = self._counts.setdefault(value_at(instance, "w:abstractNumId"), {})
        restart = self._restart(number, level)
        if restart is not None:
            counts[level] = restart
        elif level in counts:
            counts[level] += 1
        else:
            counts[level] = _start(levels[level])
        for deeper in [k for k in counts if k > level]:
            del counts[deeper]
        return counts

    def _restart(self, number: str, level: int) -> int | None:
        """An instance with its own start begins there when it is first used."""
        if (number, level) in self._started:
            return None
        self._started.add((number, level))
        for override in find_all(self._instances[number], "w:lvlOverride"):
            if whole(attribute(override, "ilvl")) == level and child(override, "w:startOverride") is not None:
                return whole(value_at(override, "w:startOverride"), 1)
        return None

    def _text(self, levels: dict[int, Element], counts: dict[int, int], level: int) -> str:
        own = levels[level]
        pattern = value_at(own, "w:lvlText")
        if value_at(own, "w:numFmt") == "bullet":
            return "".join(_BULLETS.get(c, "•" if 0xE000 <= ord(c) < 0xF900 else c) for c in pattern)
        legal = child(own, "w:isLgl") is not None

        def counted(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            if place not in levels:
                return ""
            shape, custom = ("decimal", "") if legal else _shape(levels[place])
            if not is_supported(shape, custom):
                self.unsupported_formats.add(shape)
            return format_number(counts.get(place, _start(levels[place])), shape, custom)

        return re.sub(r"%([1-9])", counted, pattern)


def _shape(level: Element) -> tuple[str, str]:
    """A level's format and its pattern, Word's own where it is written beside an older one."""
    format_of = child(level, "w:numFmt")
    if format_of is None:
        for choice in find_all(level, "mc:AlternateContent"):
            format_of = child(chosen_branch(choice), "w:numFmt")
    return attribute(format_of, "val", "decimal"), attribute(format_of, "format")


def _start(level: Element) -> int:
    return whole(value_at(level, "w:start"), 1)
