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
_HIGHEST, _LOWEST = 1100, -300

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
class PdfForm:
    """What kind of PDF is wanted.

    ``archive``: ``a-2b`` is PDF/A-2b, ``a-3b`` PDF/A-3b with the Word file inside, empty a plain PDF.
    ``accessible`` adds the tags of PDF/UA-1. ``mark`` is a word or two in the upper right corner of each page.
    """

    archive: Archive = "a-2b"
    accessible: bool = False
    mark: str = ""


def pdf_form(archive: str, *, accessible: bool = False) -> PdfForm:
    """The form of these names. Raises ValueError for a name there is not."""
    if archive not in ("", "a-2b", "a-3b"):
        raise ValueError(f"archive must be a-2b, a-3b or empty, not {archive!r}")
    return PdfForm(archive, accessible)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Tags:
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
    def moment(self) -> str:
        """The beginning of that day in China, as XMP and HTML write it."""
        return f"{self.day.isoformat()}T00:00:00+08:00" if self.day else ""


class Finish:
    """What is done to a PDF just before it is written."""

    def __init__(self, tags: Tags, form: PdfForm) -> None:
        self._tags, self._form = tags, form

    def __call__(self, _document: Any, pdf: Any) -> None:
        """Write metadata, and what readers need to know of the whole file."""
        import pydyf

        self._inform(pdf.info)
        producer = str(pdf.info["Producer"].string)
        packet = xmp_packet(self._tags, producer, self._form)
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
        _level_fonts(pdf)
        if _is_transparent(pdf):
            group = pydyf.Dictionary({"Type": "/Group", "S": "/Transparency", "CS": "/DeviceRGB"})
            for page in (o for o in pdf.objects if isinstance(o, dict) and o.get("Type") == "/Page"):
                page["Group"] = group

    def _inform(self, info: Any) -> None:
        import pydyf

        tags = self._tags
        for key, text in (("Title", tags.title), ("Author", tags.author), ("Subject", tags.number)):
            info.pop(key, None)
            if text:
                info[key] = pydyf.String(strip_control_characters(text))
        if tags.day:
            info["CreationDate"] = pydyf.String(f"D:{tags.day:%Y%m%d}000000+08'00'")


def _level_fonts(pdf: Any) -> None:
    """Fonts with room for stacked letters (Tibetan) say they reach far below the line.

    Programs that take text out by these figures would then hold the word for a line of its own.
    """
    for thing in pdf.objects:
        if isinstance(thing, dict) and thing.get("Type") == "/FontDescriptor":
            thing["Ascent"] = min(int(thing["Ascent"]), _HIGHEST)
            thing["Descent"] = max(int(thing["Descent"]), _LOWEST)


def _is_transparent(pdf: Any) -> bool:
    """Whether something shines through (a seal over text): pages then say in which colours that is reckoned."""
    for thing in pdf.objects:
        extra = getattr(thing, "extra", None) or {}
        states = thing.get("ExtGState", {}).values() if isinstance(thing, dict) else ()
        if "SMask" in extra or any(
            "SMask" in s or s.get("ca", 1) != 1 or s.get("CA", 1) != 1 for s in states
        ):
            return True
    return False


def xmp_packet(tags: Tags, producer: str, form: PdfForm) -> str:
    """The XMP packet of a document."""
    parts = [
        _alternative("dc:title", tags.title),
        _listed("dc:creator", "Seq", tags.author),
        _alternative("dc:description", tags.number),
        _simple("dc:identifier", tags.number),
        _listed("dc:language", "Bag", LANGUAGE),
        _simple("dc:format", "application/pdf"),
        _simple("xmp:CreateDate", tags.moment),
        _simple("pdf:Producer", producer),
    ]
    if form.archive:
        level = form.archive.removeprefix("a-").upper()
        parts += [_simple("pdfaid:part", level[:1]), _simple("pdfaid:conformance", level[1:])]
    if form.accessible:
        parts += [_simple("pdfuaid:part", "1"), _UA_SCHEMA if form.archive else ""]
    described = "".join(_described(prefix, parts) for prefix in _SCHEMAS)
    return _PACKET.format(
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">{described}</rdf:RDF></x:xmpmeta>'
    )


def _described(prefix: str, parts: list[str]) -> str:
    """The properties of one schema, with its name where they stand: some validators look nowhere else."""
    own = "".join(part for part in parts if part.startswith(f"<{prefix}:"))
    if not own:
        return ""
    return f'<rdf:Description rdf:about="" xmlns:{prefix}="{_SCHEMAS[prefix]}">{own}</rdf:Description>'


def _clean(text: str) -> str:
    return escape(strip_control_characters(text))


def _simple(name: str, text: str) -> str:
    return f"<{name}>{_clean(text)}</{name}>" if text else ""


def _alternative(name: str, text: str) -> str:
    if not text:
        return ""
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{_clean(text)}</rdf:li></rdf:Alt></{name}>'


def _listed(name: str, kind: str, text: str) -> str:
    return f"<{name}><rdf:{kind}><rdf:li>{_clean(text)}</rdf:li></rdf:{kind}></{name}>" if text else ""
