"""PDF/A-2b (ISO 19005-2), PDF/A-3b and PDF/UA-1 metadata.

The information dictionary and the XMP packet are written from the same values, so that they always agree: PDF/A
requires it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from xml.sax.saxutils import escape

from formsvc.docxpdf.opc.xml import strip_control_characters

Archive = Literal["", "a-2b", "a-3b"]
LANGUAGE = "zh-CN"
_MAX_ASCENT, _MIN_DESCENT = 1100, -300

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SCHEMAS = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
}
_PACKET = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{}\n<?xpacket end="r"?>'
# PDF/A allows only properties it knows or that the file itself describes; PDF/UA's own mark is not among them
_UA_SCHEMA = (
    '<pdfaExtension:schemas xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    "<rdf:Bag><rdf:li rdf:parseType='Resource'>"
    "<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>"
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    "<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType='Resource'>"
    "<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property>"
    "</rdf:li></rdf:Bag></pdfaExtension:schemas>"
)


@dataclass(frozen=True)
class PdfProfile:
    """Variant of a PDF.

    `archive` is `a-2b`, `a-3b` (with the Word file attached) or empty for plain PDF. `accessible` adds the tags of
    PDF/UA-1. `mark` is a word or two for the upper right corner of each page.
    """

    archive: Archive = "a-2b"
    accessible: bool = False
    mark: str = ""


def parse_profile(archive: str, *, accessible: bool = False) -> PdfProfile:
    """Return the profile of these names. Raise ValueError if unknown."""
    if archive not in ("", "a-2b", "a-3b"):
        raise ValueError(f"archive must be a-2b, a-3b or empty, not {archive!r}")
    return PdfProfile(archive, accessible)  # type: ignore[arg-type]


@dataclass(frozen=True)
class PdfMetadata:
    title: str
    author: str
    number: str = ""
    dated: str = ""

    @property
    def day(self) -> date | None:
        """Return the date of `dated` (ISO 8601); None if empty or invalid."""
        try:
            return date.fromisoformat(self.dated[:10])
        except ValueError:
            return None

    @property
    def timestamp(self) -> str:
        """Return the start of that day in China as ISO 8601, or ""."""
        return f"{self.day.isoformat()}T00:00:00+08:00" if self.day else ""


class PdfFinisher:
    """Completes a PDF before WeasyPrint writes it: metadata and catalogue."""

    def __init__(self, metadata: PdfMetadata, profile: PdfProfile) -> None:
        self._metadata, self._profile = metadata, profile

    def __call__(self, _document: Any, pdf: Any) -> None:
        import pydyf

        self._write_info(pdf.info)
        producer = str(pdf.info["Producer"].string)
        packet = xmp_packet(self._metadata, producer, self._profile)
        extra = {"Type": "/Metadata", "Subtype": "/XML"}
        # not compressed: archives read the packet without parsing the PDF
        stream = pydyf.Stream([packet.encode()], extra, False)
        if "Metadata" in pdf.catalog:
            number = int(pdf.catalog["Metadata"].split()[0])
            stream.number = number
            pdf.objects[number] = stream
        else:
            pdf.add_object(stream)
            pdf.catalog["Metadata"] = stream.reference
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary(
            # the margins of official documents are prescribed: print dialogs must not scale the page
            {"DisplayDocTitle": "true", "PrintScaling": "/None"}
        )
        pdf.catalog["Lang"] = pydyf.String(LANGUAGE)
        _clamp_font_extents(pdf)
        if _uses_transparency(pdf):
            # a seal over text is transparent; PDF/A then needs a blending colour space on the page
            group = pydyf.Dictionary({"Type": "/Group", "S": "/Transparency", "CS": "/DeviceRGB"})
            for page in (o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/Page"):
                page["Group"] = group

    def _write_info(self, info: Any) -> None:
        import pydyf

        tags = self._metadata
        for key, text in (("Title", tags.title), ("Author", tags.author), ("Subject", tags.number)):
            info.pop(key, None)
            if text:
                info[key] = pydyf.String(strip_control_characters(text))
        if tags.day:
            info["CreationDate"] = pydyf.String(f"D:{tags.day:%Y%m%d}000000+08'00'")


def _clamp_font_extents(pdf: Any) -> None:
    """Limit the ascent and descent that font descriptors declare."""
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("Type") == "/FontDescriptor":
            item["Ascent"] = min(int(item["Ascent"]), _MAX_ASCENT)
            item["Descent"] = max(int(item["Descent"]), _MIN_DESCENT)


def _uses_transparency(pdf: Any) -> bool:
    """Return whether the page uses transparency."""
    for item in pdf.objects:
        extra = getattr(item, "extra", None) or {}
        states = item.get("ExtGState", {}).values() if isinstance(item, dict) else ()
        if "SMask" in extra or any(
            "SMask" in s or s.get("ca", 1) != 1 or s.get("CA", 1) != 1 for s in states
        ):
            return True
    return False


def xmp_packet(metadata: PdfMetadata, producer: str, profile: PdfProfile) -> str:
    parts = [
        _language_alternative("dc:title", metadata.title),
        _array_property("dc:creator", "Seq", metadata.author),
        _language_alternative("dc:description", metadata.number),
        _text_property("dc:identifier", metadata.number),
        _array_property("dc:language", "Bag", LANGUAGE),
        _text_property("dc:format", "application/pdf"),
        _text_property("xmp:CreateDate", metadata.timestamp),
        _text_property("pdf:Producer", producer),
    ]
    if profile.archive:
        level = profile.archive.removeprefix("a-").upper()
        parts += [_text_property("pdfaid:part", level[:1]), _text_property("pdfaid:conformance", level[1:])]
    if profile.accessible:
        parts += [_text_property("pdfuaid:part", "1"), _UA_SCHEMA if profile.archive else ""]
    descriptions = "".join(_description(prefix, parts) for prefix in _SCHEMAS)
    return _PACKET.format(
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">{descriptions}</rdf:RDF></x:xmpmeta>'
    )


def _description(prefix: str, parts: list[str]) -> str:
    """Return the RDF description of one schema's properties."""
    # each schema declares its own prefix: some validators look for it nowhere else
    own = "".join(part for part in parts if part.startswith(f"<{prefix}:"))
    if not own:
        return ""
    return f'<rdf:Description rdf:about="" xmlns:{prefix}="{_SCHEMAS[prefix]}">{own}</rdf:Description>'


def _escape_text(text: str) -> str:
    return escape(strip_control_characters(text))


def _text_property(name: str, text: str) -> str:
    return f"<{name}>{_escape_text(text)}</{name}>" if text else ""


def _language_alternative(name: str, text: str) -> str:
    if not text:
        return ""
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{_escape_text(text)}</rdf:li></rdf:Alt></{name}>'


def _array_property(name: str, kind: str, text: str) -> str:
    return f"<{name}><rdf:{kind}><rdf:li>{_escape_text(text)}</rdf:li></rdf:{kind}></{name}>" if text else ""
