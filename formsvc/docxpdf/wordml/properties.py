"""Formatting properties merged as Word merges them: later ones win.

Some are merged attribute by attribute.
"""

from __future__ import annotations

from typing import TypeAlias

from formsvc.docxpdf.opc.xml import Element, attribute, attributes_of, children, local, points, switched_on

Attributes: TypeAlias = dict[str, str]
Properties: TypeAlias = dict[str, Attributes]

# properties whose attributes are inherited one by one
_BY_ATTRIBUTE = frozenset({"ind", "spacing", "rFonts", "lang"})
_NESTED = frozenset({"pBdr"})
_SKIPPED = frozenset({"rPr", "pPr", "sectPr", "pPrChange", "rPrChange", "sectPrChange"})
# a font set by name ends the inherited theme font
_THEMED = {"ascii": "asciiTheme", "hAnsi": "hAnsiTheme", "eastAsia": "eastAsiaTheme", "cs": "cstheme"}
# strict documents (ISO 29500) write start and end
_ENDS = {"start": "left", "end": "right", "startChars": "leftChars", "endChars": "rightChars"}


def merge_element(base: Properties, element: Element | None) -> Properties:
    """Return ``base`` overridden by a ``w:pPr``, ``w:rPr`` or ``w:tcPr``.

    ``base`` itself does not change.
    """
    if element is None:
        return base
    result = dict(base)
    for name, entry in children(element):
        if name == "tabs":
            result["tabs"] = {**result.get("tabs", {}), **_tab_stops(entry)}
        elif name == "numPr":
            numbered = {n: attribute(e) for n, e in children(entry)}
            result["numPr"] = {**result.get("numPr", {}), **numbered}
        elif name in _NESTED:
            result.update({f"{name}.{side}": attributes_of(edge) for side, edge in children(entry)})
        elif name in _BY_ATTRIBUTE:
            result[name] = _merge_attributes(name, result.get(name, {}), attributes_of(entry))
        elif name not in _SKIPPED:
            result[name] = attributes_of(entry)
    return result


def merge_properties(base: Properties, over: Properties) -> Properties:
    result = dict(base)
    for name, attributes in over.items():
        if name in _BY_ATTRIBUTE:
            result[name] = _merge_attributes(name, result.get(name, {}), attributes)
        elif name in ("tabs", "numPr"):
            result[name] = {**result.get(name, {}), **attributes}
        else:
            result[name] = attributes
    return result


def is_on(properties: Properties, name: str, default: bool = False) -> bool:
    entry = properties.get(name)
    return default if entry is None else switched_on(entry.get("val", "1"))


def property_value(properties: Properties, name: str, key: str = "val", default: str = "") -> str:
    return properties.get(name, {}).get(key, default)


def _tab_stops(element: Element) -> Attributes:
    """Return position in points → kind and leader."""
    stops = {}
    for stop in element:
        if local(stop) == "tab":
            position = f"{points(attribute(stop, 'pos')):.2f}"
            stops[position] = f"{attribute(stop, 'val', 'left')} {attribute(stop, 'leader', 'none')}"
    return stops


def _merge_attributes(name: str, below: Attributes, above: Attributes) -> Attributes:
    if name == "ind":
        return _indents(below, {_ENDS.get(k, k): v for k, v in above.items()})
    joined = {**below, **above}
    if name == "rFonts":
        for plain, themed in _THEMED.items():
            if plain in above and themed not in above:
                joined.pop(themed, None)
    return joined


def _indents(below: Attributes, above: Attributes) -> Attributes:
    """Merge two sets of indents.

    First line and hanging indent exclude each other; twips override inherited characters.
    """
    joined = dict(below)
    if {"firstLine", "firstLineChars"} & above.keys():
        joined.pop("hanging", None)
        joined.pop("hangingChars", None)
    if {"hanging", "hangingChars"} & above.keys():
        joined.pop("firstLine", None)
        joined.pop("firstLineChars", None)
    for side in ("firstLine", "hanging", "left", "right"):
        if side in above and side + "Chars" not in above:
            joined.pop(side + "Chars", None)
    return {**joined, **above}
