"""Automatic numbers of lists: 一、（一）1. ① and how they count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formsvc.docxpdf.characters.number_formats import format_number, is_supported
from formsvc.docxpdf.characters.symbol_fonts import is_symbol_font, symbol_character
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import Element, attribute, child, chosen_branch, find_all, value_at, whole
from formsvc.docxpdf.wordml.properties import Properties, merge_element

# bullets of the symbol fonts, which are in the private use area, as characters every font has
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
    """Number of a list item, with its suffix and formatting.

    ``suffix`` is ``tab``, ``space`` or ``nothing``.
    """

    text: str
    suffix: str
    run_properties: Element | None
    paragraph_properties: Properties


class ListNumbering:
    """Numbering part of a document; ``next_label`` advances its numbers."""

    def __init__(self, package: Package) -> None:
        root = package.related(package.document, "numbering")
        self._abstract = {attribute(a, "abstractNumId"): a for a in find_all(root, "w:abstractNum")}
        self._instances = {attribute(n, "numId"): n for n in find_all(root, "w:num")}
        self._levels: dict[str, dict[int, Element]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        # Formats of numbers met that are written in plain figures instead
        self.unsupported_formats: set[str] = set()

    def next_label(self, number: str, level: int) -> ListLabel | None:
        """Return the next number at a level of a list, None if there is none."""
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
        # a number restarts the levels below it
        for deeper in [k for k in counts if k > level]:
            del counts[deeper]
        return counts

    def _restart(self, number: str, level: int) -> int | None:
        """Return the start override of an instance at its first use, else None."""
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
            font = value_at(own, "w:rPr/w:rFonts", "ascii")
            if is_symbol_font(font):
                pattern = "".join(symbol_character(font, c) or c for c in pattern)
            return "".join(_BULLETS.get(c, "•" if 0xE000 <= ord(c) < 0xF900 else c) for c in pattern)
        # w:isLgl writes the numbers of all levels in Arabic figures
        legal = child(own, "w:isLgl") is not None

        def format_level(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            if place not in levels:
                return ""
            number_format, custom = ("decimal", "") if legal else _number_format(levels[place])
            if not is_supported(number_format, custom):
                self.unsupported_formats.add(number_format)
            return format_number(counts.get(place, _start(levels[place])), number_format, custom)

        return re.sub(r"%([1-9])", format_level, pattern)


def _number_format(level: Element) -> tuple[str, str]:
    """Return a level's number format and its pattern."""
    format_of = child(level, "w:numFmt")
    # Word wraps formats newer than 2007 in mc:AlternateContent
    if format_of is None:
        for choice in find_all(level, "mc:AlternateContent"):
            format_of = child(chosen_branch(choice), "w:numFmt")
    return attribute(format_of, "val", "decimal"), attribute(format_of, "format")


def _start(level: Element) -> int:
    return whole(value_at(level, "w:start"), 1)
