"""Word files written as raw XML, so that a test says exactly what stands in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": W,
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_CONTENT_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_TYPE}"/></Types>'
)
GB_PAGE = (
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851" w:footer="1417" w:gutter="0"/>'
    '<w:docGrid w:type="linesAndChars" w:linePitch="579" w:charSpace="-849"/>'
)
STYLES = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:pPr><w:widowControl w:val="0"/><w:jc w:val="both"/></w:pPr>'
    '<w:rPr><w:rFonts w:eastAsia="仿宋_GB2312"/><w:sz w:val="32"/></w:rPr></w:style>'
)
MODERN = '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(content: str = "", properties: str = "") -> str:
    """A paragraph; plain text becomes one run."""
    runs = content if content.startswith("<") or not content else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def page_field(kind: str = "PAGE") -> str:
    """A page number as Word writes it."""
    marks = [f'<w:r><w:fldChar w:fldCharType="{m}"/></w:r>' for m in ("begin", "separate", "end")]
    code = f'<w:r><w:instrText xml:space="preserve"> {kind} </w:instrText></w:r>'
    return marks[0] + code + marks[1] + run("1") + marks[2]


def table(
    rows: list[list[str]], widths: list[int], *, heads: int = 0, row: str = "", properties: str = ""
) -> str:
    """A ruled table of plain cells."""
    sides = "".join(
        f'<w:{s} w:val="single" w:sz="4"/>' for s in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    lines = []
    for index, cells in enumerate(rows):
        head = "<w:tblHeader/>" if index < heads else ""
        content = "".join(f"<w:tc><w:tcPr/>{c if c.startswith('<') else paragraph(c)}</w:tc>" for c in cells)
        lines.append(f"<w:tr><w:trPr>{row}{head}</w:trPr>{content}</w:tr>")
    return f"<w:tbl><w:tblPr>{properties}<w:tblBorders>{sides}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"


def seal(relation: str, *, x_mm: float, y_mm: float, size_mm: float = 42, behind: int = 0) -> str:
    """A run with a picture anchored to its paragraph."""
    size, x, y = (int(v * 36000) for v in (size_mm, x_mm, y_mm))
    return (
        f'<w:r><w:drawing><wp:anchor behindDoc="{behind}" simplePos="0" relativeHeight="1"><wp:simplePos x="0" y="0"/>'
        f'<wp:positionH relativeFrom="column"><wp:posOffset>{x}</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="paragraph"><wp:posOffset>{y}</wp:posOffset></wp:positionV>'
        f'<wp:extent cx="{size}" cy="{size}"/><wp:wrapNone/><wp:docPr id="1" name="印章"/><a:graphic><a:graphicData uri="pic">'
        f'<pic:pic><pic:blipFill><a:blip r:embed="{relation}"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>'
    )


def seal_picture() -> bytes:
    """A red ring on nothing."""
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((6, 6, 194, 194), outline=(214, 20, 24, 230), width=10)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def word_file(
    body: str,
    *,
    section: str = GB_PAGE,
    styles: str = STYLES,
    settings: str = MODERN,
    parts: Mapping[str, str | bytes] | None = None,
    relations: str = "",
) -> bytes:
    """A Word file. ``parts``: more parts by name, XML ones as the root's content; ``relations``: of the document."""
    documents = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _relations(
            f'<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{body}<w:sectPr>{section}</w:sectPr></w:body></w:document>",
        "word/styles.xml": f"<w:styles {_NAMESPACES}>{styles}</w:styles>",
        "word/settings.xml": f"<w:settings {_NAMESPACES}>{settings}</w:settings>",
        "word/_rels/document.xml.rels": _relations(
            relation("s1", "styles", "styles.xml") + relation("s2", "settings", "settings.xml") + relations
        ),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**documents, **(parts or {})}.items():
            package.writestr(name, content)
    return stream.getvalue()


def relation(name: str, kind: str, target: str, *, outside: bool = False) -> str:
    """One relationship."""
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{escape(target)}"{mode}/>'


def part(name: str, content: str) -> str:
    """The XML of a header, footer or numbering part."""
    return f"<w:{name} {_NAMESPACES}>{content}</w:{name}>"


def _relations(entries: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'
