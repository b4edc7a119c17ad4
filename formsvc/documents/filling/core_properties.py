"""Core properties of a Word file: title, author, number and date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from formsvc.documents.templates.docx_file import CONTENT_TYPES, PACKAGE_RELS, WordFile
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.xml import strip_control_characters
from formsvc.domain.chinese import parse_date
from formsvc.errors import FormsvcError
from formsvc.usecases.ports import DocumentMetadata

_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_CORE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_CORE_NAME = "docProps/core.xml"
_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}</cp:coreProperties>'
)


def ensure_core_properties(parts: Mapping[str, bytes]) -> tuple[dict[str, bytes], str]:
    """Return the parts with core properties declared, and their part name."""
    word = WordFile(parts)
    changed = dict(parts)
    name = next((part for part, kind in word.types.items() if kind == _CORE_TYPE and part in parts), "")
    if not name:
        name = _CORE_NAME
        changed[CONTENT_TYPES] = _with_override(parts[CONTENT_TYPES], name)
        changed[PACKAGE_RELS] = _with_relationship(parts[PACKAGE_RELS], name)
    return changed, name


def read_metadata(word: bytes, name: str) -> DocumentMetadata:
    """Return the metadata of a Word file; ``name`` is the default title.

    Empty for a file that must not be opened: its conversion raises the reason.
    """
    try:
        package = Package(word)
    except FormsvcError:
        return DocumentMetadata(name, "")
    core = package.related("", "core-properties")
    properties = (
        {etree.QName(e).localname: (e.text or "").strip() for e in core if isinstance(e.tag, str)}
        if core is not None
        else {}
    )
    day = _parse_day(properties.get("created", ""))
    return DocumentMetadata(
        title=properties.get("title") or name,
        author=properties.get("creator", ""),
        number=properties.get("identifier", ""),
        dated=day.isoformat() if day else "",
    )


def core_properties_xml(tags: DocumentMetadata) -> bytes:
    texts = (("dc:title", tags.title), ("dc:creator", tags.author), ("dc:identifier", tags.number))
    elements = [f"<{tag}>{escape(strip_control_characters(text))}</{tag}>" for tag, text in texts if text]
    elements.append("<dc:language>zh-CN</dc:language>")
    # the date of the act, not the clock: the same act gives the same bytes
    day = _parse_day(tags.dated)
    if day is not None:
        stamp = f"{day.isoformat()}T00:00:00Z"
        elements += [
            f'<dcterms:{what} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{what}>'
            for what in ("created", "modified")
        ]
    return _CORE.format("".join(elements)).encode()


def _parse_day(text: str) -> date | None:
    try:
        return parse_date(text[:10] if text[4:5] == "-" else text) if text else None
    except ValueError:
        return None


def _with_override(types: bytes, name: str) -> bytes:
    element = f"<Override PartName={quoteattr('/' + name)} ContentType={quoteattr(_CORE_TYPE)}/></Types>"
    # edited as text: equal input gives equal bytes
    return types.replace(b"</Types>", element.encode())


def _with_relationship(rels: bytes, name: str) -> bytes:
    element = (
        f'<Relationship Id="rIdCoreProperties" Type="{_CORE_RELATION}" Target="{name}"/></Relationships>'
    )
    return rels.replace(b"</Relationships>", element.encode())
