"""Namespaces of WordprocessingML and the reading of its values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "wp14": "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w10": "urn:schemas-microsoft-com:office:word",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}
W = "{" + NAMESPACES["w"] + "}"
R = "{" + NAMESPACES["r"] + "}"
EMU_PER_POINT = 12700
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# ST_OnOff (ECMA-376 part 1, 22.9.2.7)
_OFF = frozenset({"0", "false", "off"})
_MEASURE = re.compile(r"(-?\d+(?:\.\d+)?)(pt|mm|cm|in|pc|pi)")
_UNITS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0, "pc": 12.0, "pi": 12.0}


class XmlError(ValueError):
    """A part is no well-formed XML."""


class XmlTooDeep(XmlError):
    """Elements are nested deeper than libxml2 allows (256)."""


class XmlHasDoctype(XmlError):
    """A part has a DOCTYPE, forbidden by ECMA-376 part 2 (6.2.5)."""


def parse_xml(content: bytes, *, keep_comments: bool = True) -> Element:
    """Return the root element; fetch nothing and resolve no entities.

    Raise XmlError if the content is malformed, too deep or has a doctype.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not keep_comments,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise (XmlTooDeep if "depth" in str(error) else XmlError)(str(error)) from error
    except ValueError as error:
        raise XmlError(str(error)) from error
    document = root.getroottree().docinfo
    if document.internalDTD is not None or document.doctype:
        raise XmlHasDoctype
    return root


def xml_text(element: Element | None) -> str:
    """Return an element as XML, to compare it with others; empty for None."""
    return "" if element is None else str(etree.tostring(element, encoding="unicode", with_tail=False))


def strip_control_characters(text: str) -> str:
    """Return the text without the characters that XML 1.0 cannot hold."""
    return _NOT_IN_XML.sub("", text)


def local(element: Element) -> str:
    """Return the name without namespace; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None) -> Iterator[tuple[str, Element]]:
    for child in element if element is not None else ():
        if isinstance(child.tag, str):
            yield local(child), child


def child(element: Element | None, path: str) -> Element | None:
    """Return the first element at a path such as ``w:tblPr/w:jc``."""
    if element is None:
        return None
    tags = _tags(path)
    if len(tags) > 1:
        return next(_descend(element, tags), None)
    return next(element.iterchildren(tags[0]), None)


def _descend(element: Element, tags: tuple[str, ...]) -> Iterator[Element]:
    """Yield the elements at a path, several times faster than ``find``."""
    for step in element.iterchildren(tags[0]):
        if len(tags) == 1:
            yield step
        else:
            yield from _descend(step, tags[1:])


@lru_cache(maxsize=1024)
def _tags(path: str) -> tuple[str, ...]:
    steps = (step.partition(":") for step in path.split("/"))
    return tuple(f"{{{NAMESPACES[prefix]}}}{name}" for prefix, _, name in steps)


def find_all(element: Element | None, path: str) -> list[Element]:
    return [] if element is None else element.findall(path, NAMESPACES)


def attribute(element: Element | None, name: str = "val", default: str = "") -> str:
    if element is None:
        return default
    value = element.get(W + name)
    return default if value is None else value


def value_at(element: Element | None, path: str, name: str = "val", default: str = "") -> str:
    return attribute(child(element, path), name, default)


def flag(element: Element | None) -> bool:
    """Return whether an on/off element is present and on (CT_OnOff)."""
    return element is not None and attribute(element, "val", "1") not in _OFF


def switched_on(text: str | None) -> bool:
    return text is not None and text not in _OFF


def attributes_of(element: Element) -> dict[str, str]:
    return {str(key).rpartition("}")[2]: str(text) for key, text in element.attrib.items()}


def number(text: str | None, default: float = 0.0) -> float:
    """Return a finite number below 10⁹, the default for anything else."""
    try:
        result = float(text) if text is not None else default
    except ValueError:
        return default
    return result if math.isfinite(result) and abs(result) < 1e9 else default


def whole(text: str | None, default: int = 0) -> int:
    return int(number(text, default))


def points(text: str | None, default: float = 0.0) -> float:
    """Return twips, or a measure with its unit, in points."""
    if text is None or text == "":
        return default
    if match := _MEASURE.fullmatch(text.strip()):
        return number(match[1]) * _UNITS[match[2]]
    return number(text, default * 20) / 20


def emu(text: str | None, default: float = 0.0) -> float:
    """Return English metric units in points."""
    return number(text, default * EMU_PER_POINT) / EMU_PER_POINT


_UNDERSTOOD = frozenset({"wps", "wpg", "w14", "w15", "wp14", "wpc"})


def chosen_branch(alternatives: Element) -> Element | None:
    """Return the understood branch of ``mc:AlternateContent``."""
    for name, branch in children(alternatives):
        if name == "Fallback":
            return branch
        if name == "Choice" and set(branch.get("Requires", "").split()) <= _UNDERSTOOD:
            return branch
    return None
