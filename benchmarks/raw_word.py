"""Word files written as raw XML, with the number of pages that they must have."""

from __future__ import annotations

import io
import itertools
import zipfile
from dataclasses import dataclass, field

NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
NAMESPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_WORDS = "消防安全检查记录责令改正期限届满复查意见整改措施单位场所"
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_EMU = 12700


EXACT = '<w:spacing w:line="579" w:lineRule="exact"/>'
_SETTINGS = (
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    "</w:compat>"
)


@dataclass(frozen=True)
class FindingPaper:
    """A Word file, the pages it must have and how they follow."""

    name: str
    derivation: str
    pages: int
    body: str
    normal: str = '<w:sz w:val="32"/>'
    grid: str = ""
    numbering: str = ""
    parts: dict[str, bytes] = field(default_factory=dict)
    relations: str = ""

    def to_bytes(self) -> bytes:
        """Return the file, with its pages noted as Word notes them."""
        count = sum(1 for _ in self.body)
        properties = (
            '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
            f"<Pages>{self.pages}</Pages><Characters>{count}</Characters></Properties>"
        )
        contents: dict[str, str | bytes] = {
            "[Content_Types].xml": _content_types(),
            "_rels/.rels": _relationships(
                relation("r1", "officeDocument", "word/document.xml")
                + relation("r2", "extended-properties", "docProps/app.xml")
            ),
            "docProps/app.xml": properties,
            "word/document.xml": f"<w:document {NAMESPACES}><w:body>{self.body}{_section(self.grid)}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {NAMESPACES}>{_styles(self.normal)}</w:styles>",
            "word/numbering.xml": f"<w:numbering {NAMESPACES}>{self.numbering}</w:numbering>",
            "word/settings.xml": f"<w:settings {NAMESPACES}>{_SETTINGS}</w:settings>",
            "word/_rels/document.xml.rels": _relationships(
                relation("s1", "styles", "styles.xml")
                + relation("s2", "numbering", "numbering.xml")
                + relation("s3", "settings", "settings.xml")
                + self.relations
            ),
            **self.parts,
        }
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in contents.items():
                package.writestr(zipfile.ZipInfo(name), content)
        return stream.getvalue()


def letters(count: int) -> str:
    return "".join(itertools.islice(itertools.cycle(_WORDS), count))


def run_of(text: str, size: int) -> str:
    return f'<w:r><w:rPr><w:sz w:val="{size * 2}"/></w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def exact_line(text: str, size: int, more: str = "") -> str:
    return f"<w:p><w:pPr>{EXACT}{more}</w:pPr>{run_of(text, size) if text else ''}</w:p>"


def exact_lines(count: int) -> str:
    return exact_line(letters(20), 16) * count


def auto_line(content: str) -> str:
    return f'<w:p><w:pPr><w:spacing w:line="240" w:lineRule="auto"/></w:pPr>{content}</w:p>'


def small_line() -> str:
    return '<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/></w:pPr></w:p>'


def cell_of(width: int, content: str, span: int = 1) -> str:
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}</w:tcPr>{content}</w:tc>'


def row_of(cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def table_of(rows: list[str], grid: str, place: str = "") -> str:
    edges = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in _SIDES)
    columns = f"<w:tblGrid>{grid}</w:tblGrid>" if grid else ""
    return (
        f'<w:tbl><w:tblPr>{place}<w:tblW w:w="8844" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>'
        f"{columns}{''.join(rows)}</w:tbl>"
    )


def inline_drawing(width: int, height: int, graphic: str) -> str:
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{width * _EMU}" cy="{height * _EMU}"/><wp:docPr id="1" name="图"/>'
        f"{graphic}</wp:inline></w:drawing></w:r>"
    )


def inline_picture(width: int, height: int, *, turned: bool) -> str:
    turn = ' rot="5400000"' if turned else ""
    size = f'<a:ext cx="{width * _EMU}" cy="{height * _EMU}"/>'
    picture = (
        '<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="图"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="p1"/>'
        f'<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm{turn}><a:off x="0" y="0"/>{size}</a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
    )
    return inline_drawing(
        width,
        height,
        f'<a:graphic><a:graphicData uri="{NAMES["pic"]}">{picture}</a:graphicData></a:graphic>',
    )


def bullet_numbering(text: str) -> str:
    return (
        '<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="bullet"/><w:suff w:val="nothing"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    )


def _section(grid: str) -> str:
    return (
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588"'
        f' w:header="851" w:footer="992" w:gutter="0"/>{grid}</w:sectPr>'
    )


def _styles(normal: str) -> str:
    return (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋_GB2312"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:pPr><w:widowControl w:val="0"/>'
        f'<w:jc w:val="both"/></w:pPr><w:rPr>{normal}</w:rPr></w:style>'
    )


def relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{NAMES["r"]}/{kind}" Target="{target}"/>'


def _relationships(entries: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _content_types() -> str:
    names = {
        "document": "document.main",
        "styles": "styles",
        "numbering": "numbering",
        "settings": "settings",
    }
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_KIND}.{kind}+xml"/>'
        for name, kind in names.items()
    )
    chart = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/charts/chart1.xml" ContentType="{chart}"/>{overrides}</Types>'
    )
