"""Formulas (OMML, ECMA-376 part 1, 22.1) as text on one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from formsvc.docxpdf.opc.xml import Element, children, local
from formsvc.docxpdf.text.inline_items import TextItem
from formsvc.docxpdf.wordml.styles import RunFormat

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RAISED, _LOWERED, _SMALL = 0.33, -0.12, 0.65
# properties, which hold no text of the formula
_PROPERTIES = "Pr"


class FormulaReader:
    """Reader of a ``m:oMath``: its words in the order they are read out."""

    def __init__(self, form: RunFormat, format_of: Callable[[Element], RunFormat]) -> None:
        # the format of signs that the formula has no letter for, and that of its runs
        self._form, self._format_of = form, format_of

    def read(self, element: Element | None) -> list[TextItem]:
        items: list[TextItem] = []
        for name, part in children(element):
            if name == "r":
                words = "".join(
                    str(t) for name_of, e in children(part) if name_of == "t" for t in e.itertext()
                )
                items += [TextItem(words, self._format_of(part))] if words else []
            elif not name.endswith(_PROPERTIES):
                items += self._structure(name, part)
        return items

    def _structure(self, name: str, part: Element) -> list[TextItem]:
        inner = {local(e): e for _, e in children(part)}
        match name:
            case "f":
                return [*self._group(inner.get("num")), self._sign("/"), *self._group(inner.get("den"))]
            case "sSup" | "sSub" | "sSubSup" | "sPre":
                below, above = inner.get("sub"), inner.get("sup")
                return [
                    *self.read(inner.get("e")),
                    *self._moved(below, _LOWERED),
                    *self._moved(above, _RAISED),
                ]
            case "nary":
                sign = _property(part, "naryPr", "chr", "∫")
                moved = [*self._moved(inner.get("sub"), _LOWERED), *self._moved(inner.get("sup"), _RAISED)]
                return [self._sign(sign), *moved, *self.read(inner.get("e"))]
            case "rad":
                return [
                    *self._moved(inner.get("deg"), _RAISED),
                    self._sign("√"),
                    *self._group(inner.get("e")),
                ]
            case "d":
                return self._delimited(part)
            case "m":
                rows = [self.read(row) for kind, row in children(part) if kind == "mr"]
                return [self._sign("["), *self._joined(rows, "; "), self._sign("]")]
            case "eqArr":
                return self._joined([self.read(e) for kind, e in children(part) if kind == "e"], "; ")
            case _:
                return self.read(part)

    def _delimited(self, part: Element) -> list[TextItem]:
        opening, closing = (
            _property(part, "dPr", name, sign) for name, sign in (("begChr", "("), ("endChr", ")"))
        )
        entries = [self.read(e) for kind, e in children(part) if kind == "e"]
        signs = [[self._sign(sign)] if sign else [] for sign in (opening, closing)]
        return [*signs[0], *self._joined(entries, _property(part, "dPr", "sepChr", "|")), *signs[1]]

    def _joined(self, entries: list[list[TextItem]], sign: str) -> list[TextItem]:
        joined: list[TextItem] = []
        for entry in entries:
            joined += [self._sign(sign), *entry] if joined else entry
        return joined

    def _group(self, part: Element | None) -> list[TextItem]:
        items = self.read(part)
        # brackets keep what belongs together: (a+b)/c
        simple = (
            sum(len(item.text) for item in items) < 2
            or all(i.text.isalnum() for i in items)
            and len(items) == 1
        )
        return items if simple else [self._sign("("), *items, self._sign(")")]

    def _moved(self, part: Element | None, share: float) -> list[TextItem]:
        return [
            TextItem(
                i.text,
                replace(i.format, size=i.format.size * _SMALL, rise=i.format.rise + share * i.format.size),
            )
            for i in self.read(part)
        ]

    def _sign(self, sign: str) -> TextItem:
        return TextItem(sign, self._form)


def _property(part: Element, properties: str, name: str, default: str) -> str:
    found = part.find(f"{_M}{properties}/{_M}{name}")
    return default if found is None else found.get(f"{_M}val", "")
