"""The archive form of a PDF: PDF/A-2b (ISO 19005-2), PDF/A-3b with the Word file inside, PDF/UA-1 tags on request.

The page engine writes the objects; what a file says about itself is written here, once for the information
dictionary and once for XMP, from the same values, so that the two cannot disagree.
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
    """What kind of PDF is wanted.

    ``archive``: ``a-2b`` is PDF/A-2b, ``a-3b`` PDF/A-3b with the Word file inside, empty a plain PDF.
    ``accessible`` adds the tags of PDF/UA-1. ``mark`` is a word or two in the upper right corner of each page.
    """

    archive: Archive = "a-2b"
    accessible: bool = False
    mark: str = ""


def parse_profile(archive: str, *, accessible: bool = False) -> PdfProfile:
    """The form of these names. Raises ValueError for a name there is not."""
    if archive not in ("", "a-2b", "a-3b"):
        raise ValueError(f"archive must be a-2b, a-3b or empty, not {archive!r}")
    return PdfProfile(archive, accessible)  # type: ignore[arg-type]


@dataclass(frozen=True)
class PdfMetadata:
    """What a PDF says about itself."""

    title: str
    author: str
    number: str = ""
    dated: str = ""

    @property
    def day(self) -> date | None:
        """The day of ``dated`` (ISO 8601, a day or a moment); None if it is empty or no date."""
        try:
            return date.fromisoformat(self.dated[:10])
        except ValueError:
            return None

    @property
    def timestamp(self) -> str:
        """The beginning of that day in China, as XMP and HTML write it."""
        return f"{self.day.isoformat()}T00:00:00+08:00" if self.day else ""


class PdfFinisher:
    """What is done to a PDF just before it is written."""

    def __init__(self, metadata: PdfMetadata, profile: PdfProfile) -> None:
        self._metadata, self._profile = metadata, profile

    def __call__(self, _document: Any, pdf: Any) -> None:
        """Write metadata, and what readers need to know of the whole file."""
        import pydyf

        self._write_info(pdf.info)
        producer = str(pdf.info["Producer"].string)
        packet = xmp_packet(self._metadata, producer, self._profile)
        extra = {"Type": "/Metadata", "Subtype": "/XML"}
        # never compressed: archives read it without knowing PDF
        stream = pydyf.Stream([packet.encode()], extra, False)
        if "Metadata" in pdf.catalog:
            number = int(pdf.catalog["Metadata"].split()[0])
            stream.number = number
            pdf.objects[number] = stream
        else:
            pdf.add_object(stream)
            pdf.catalog["Metadata"] = stream.reference
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
        pdf.catalog["Lang"] = pydyf.String(LANGUAGE)
        _clamp_font_extents(pdf)
        if _uses_transparency(pdf):
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
    """Fonts with room for stacked letters (Tibetan) say they reach far below the line.

    Programs that take text out by these figures would then hold the word for a line of its own.
    """
    for thing in pdf.objects:
        if isinstance(thing, dict) and thing.get("Type") == "/FontDescriptor":
            thing["Ascent"] = min(int(thing["Ascent"]), _MAX_ASCENT)
            thing["Descent"] = max(int(thing["Descent"]), _MIN_DESCENT)


def _uses_transparency(pdf: Any) -> bool:
    """Whether something shines through (a seal over text): pages then say in which colours that is reckoned."""
    for thing in pdf.objects:
        extra = getattr(thing, "extra", None) or {}
        states = thing.get("ExtGState", {}).values() if isinstance(thing, dict) else ()
        if "SMask" in extra or any(
            "SMask" in s or s.get("ca", 1) != 1 or s.get("CA", 1) != 1 for s in states
        ):
            return True
    return False


def xmp_packet(metadata: PdfMetadata, producer: str, profile: PdfProfile) -> str:
    """The XMP packet of a document."""
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
    described = "".join(_description(prefix, parts) for prefix in _SCHEMAS)
    return _PACKET.format(
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">{described}</rdf:RDF></x:xmpmeta>'
    )


def _description(prefix: str, parts: list[str]) -> str:
    """The properties of one schema, with its name where they stand: some validators look nowhere else."""
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
