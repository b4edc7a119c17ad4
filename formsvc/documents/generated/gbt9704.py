"""Page of GB/T 9704—2012: paper, grid, styles, head, imprint."""

from __future__ import annotations

from formsvc.documents.generated.docx_xml import (
    NAMESPACES,
    borders,
    cell,
    element,
    fonts,
    order_properties,
    page_number,
    paragraph,
    row,
    run,
    run_properties,
    table,
)
from formsvc.documents.templates.docx_file import CONTENT_TYPES, WordFile

SONG_TITLE, IMITATION, KAI, HEI, SONG = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
RED = "FF0000"
# twips: 156 × 225 mm, 22 lines of 28 characters (GB/T 9704, 5.2)
TYPE_WIDTH, TYPE_HEIGHT = 8844, 12756
LINE, CHARACTER = 579, 320
# eighths of a point: Word draws no 0.35 mm, these are the nearest widths
IMPRINT_THICK, IMPRINT_THIN = 8, 6

# charSpace in 4096ths of a point narrows characters of 16 points to 156 mm / 28
_GRID = element("docGrid", type="linesAndChars", linePitch=LINE, charSpace=-849)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def spacing(line: int, *, before: int = 0, after: int = 0) -> str:
    """Return exact line spacing and the space around a paragraph, in twips."""
    extra: dict[str, str | int] = {}
    if before:
        extra["before"] = before
    if after:
        extra["after"] = after
    return element("spacing", **extra, line=line, lineRule="exact")


def indent(*, first: int = 0, left: int = 0, right: int = 0, size: float = 16) -> str:
    """Return indents in hundredths of a character, with the same in twips.

    `size` is the paragraph's own in points.
    """
    attributes: dict[str, str | int] = {}
    for name, value in (("left", left), ("right", right), ("firstLine", first)):
        if value:
            # Word counts left and right in characters of the default style, not of the paragraph
            if name == "firstLine" or size == CHARACTER / 20:
                attributes[f"{name}Chars"] = value
            attributes[name] = int(value * size / 5)
    return element("ind", **attributes)


def align(how: str) -> str:
    return element("jc", val=how)


_NO_GRID = element("snapToGrid", val=0)
_STYLES: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("Body", "公文正文", {"widowControl": "<w:widowControl/>", "ind": indent(first=200)}, ""),
    (
        "IssuerMark",
        "发文机关标志",
        {"snapToGrid": _NO_GRID, "spacing": spacing(1240), "jc": align("center")},
        run_properties(font=SONG_TITLE, color=RED, size=39),
    ),
    ("Number", "发文字号", {"jc": align("center")}, ""),
    (
        "Title",
        "公文标题",
        {"snapToGrid": _NO_GRID, "spacing": spacing(680), "jc": align("center")},
        run_properties(font=SONG_TITLE, size=22),
    ),
    ("Addressee", "主送机关", {"jc": align("left")}, ""),
    ("Signature", "署名", {"ind": indent(left=1350), "jc": align("center")}, ""),
    ("LongSignature", "长名署名", {"ind": indent(right=100), "jc": align("right")}, ""),
    ("Dated", "成文日期", {"ind": indent(right=400), "jc": align("right")}, ""),
    ("SealedSignature", "落款", {"ind": indent(left=1000), "jc": align("center")}, ""),
    ("ActNumber", "文书文号", {"spacing": spacing(LINE, after=120), "jc": align("right")}, ""),
    ("AnnexHead", "附件标识", {"jc": align("left")}, run_properties(font=HEI)),
    (
        "AnnexTitle",
        "附件标题",
        {"snapToGrid": _NO_GRID, "spacing": spacing(620, after=160), "jc": align("center")},
        run_properties(font=SONG_TITLE, size=18),
    ),
    (
        "CellText",
        "表格文字",
        {"snapToGrid": _NO_GRID, "spacing": spacing(360, before=40, after=80), "jc": align("left")},
        run_properties(size=12),
    ),
    (
        "CellHead",
        "表头",
        {"snapToGrid": _NO_GRID, "spacing": spacing(360, before=20, after=60), "jc": align("center")},
        run_properties(font=HEI, size=12),
    ),
    (
        "FormText",
        "记录文字",
        {"snapToGrid": _NO_GRID, "spacing": spacing(480, before=60, after=60), "jc": align("both")},
        run_properties(size=14),
    ),
    ("Imprint", "版记", {"snapToGrid": _NO_GRID, "spacing": spacing(520)}, run_properties(size=14)),
    (
        "PageNumber",
        "页码",
        {"snapToGrid": _NO_GRID, "spacing": spacing(360)},
        run_properties(font=SONG, size=14),
    ),
)
_LEAD_INS = (("LeadIn", "一级层次", HEI), ("SubLeadIn", "二级层次", KAI))


def number_rule() -> dict[str, str]:
    """Return the red rule under the document number, 4 mm below it (7.2.7)."""
    rule = element("bottom", val="single", sz=16, space=8, color=RED)
    return {"pBdr": f"<w:pBdr>{rule}</w:pBdr>", "spacing": spacing(LINE)}


def blank(lines: int = 1, *, keep: bool = False) -> str:
    return paragraph("", keep=keep) * lines


def imprint(copies: str, issuer: str, printed: str) -> str:
    """Return the imprint at the foot of the last page (7.4).

    Its lines are 0.35 and 0.25 mm. ``copies`` is the row of copies with its tags.
    """
    edges = borders("tblBorders", {"top": IMPRINT_THICK, "bottom": IMPRINT_THICK, "insideH": IMPRINT_THIN})
    floating = element(
        "tblpPr",
        leftFromText=0,
        rightFromText=0,
        vertAnchor="margin",
        horzAnchor="margin",
        tblpXSpec="center",
        tblpYSpec="bottom",
    )
    left, right = 5600, TYPE_WIDTH - 5600
    issuing = paragraph(run(issuer), "Imprint", ind=indent(left=100, size=14), jc=align("left"))
    printing = paragraph(run(printed), "Imprint", ind=indent(right=100, size=14), jc=align("right"))
    last = row([cell(issuing, left), cell(printing, right)])
    return table([copies, last], (left, right), edges=edges, floating=floating, margin=0) + end_mark()


def copies_row(text: str) -> str:
    """Return the row of copies, whose text hangs behind three characters."""
    # four and one characters of the row's own size, three of them before the second line
    hanging = element("ind", left=1120, right=280, hanging=840)
    return row([cell(paragraph(run(text), "Imprint", ind=hanging), TYPE_WIDTH, span=2)])


def end_mark() -> str:
    return paragraph("", snapToGrid=_NO_GRID, spacing=spacing(20))


def _page_number_footer(side: str) -> str:
    marks = run_properties(font=SONG, size=14)
    inset = indent(right=100, size=14) if side == "right" else indent(left=100, size=14)
    content = run("— ", properties=marks) + page_number(marks) + run(" —", properties=marks)
    return paragraph(content, "PageNumber", ind=inset, jc=align(side))


def word_document(body: str, *, above_number: str = "", bottom: int = 1984, landscape: bool = False) -> bytes:
    """Return a whole Word file around the body.

    ``above_number`` is printed above the page number in each footer; ``bottom`` is the lower margin in twips.
    ``landscape`` turns the sheet so that its upper edge is bound.
    """
    parts = {
        CONTENT_TYPES: _content_types(),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
        "word/_rels/document.xml.rels": _relations(
            {
                "rId1": ("styles", "styles.xml"),
                "rId2": ("settings", "settings.xml"),
                "rId3": ("fontTable", "fontTable.xml"),
                "rId4": ("footer", "footer1.xml"),
                "rId5": ("footer", "footer2.xml"),
            }
        ),
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}{_section(bottom, landscape)}</w:body></w:document>",
        "word/styles.xml": _styles(),
        "word/settings.xml": _settings(),
        "word/fontTable.xml": _font_table(),
        "word/footer1.xml": f"<w:ftr {NAMESPACES}>{above_number}{_page_number_footer('right')}</w:ftr>",
        "word/footer2.xml": f"<w:ftr {NAMESPACES}>{above_number}{_page_number_footer('left')}</w:ftr>",
    }
    return WordFile({name: (_XML + xml).encode() for name, xml in parts.items()}).to_bytes()


def _section(bottom: int, landscape: bool) -> str:
    footers = (
        '<w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>'
    )
    if landscape:
        paper = element("pgSz", w=16838, h=11906, orient="landscape")
        margins = element(
            "pgMar", top=1588, right=1304, bottom=1474, left=1304, header=851, footer=900, gutter=0
        )
        return f"<w:sectPr>{footers}{paper}{margins}{element('cols', space=0)}{_GRID}</w:sectPr>"
    paper = element("pgSz", w=11906, h=16838)
    margins = element(
        "pgMar", top=2098, right=1474, bottom=bottom, left=1588, header=851, footer=1417, gutter=0
    )
    return f"<w:sectPr>{footers}{paper}{margins}{element('cols', space=0)}{_GRID}</w:sectPr>"


def _styles() -> str:
    defaults = (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts(IMITATION)}{element('sz', val=32)}{element('szCs', val=32)}"
        f"{element('lang', val='zh-CN', eastAsia='zh-CN', bidi='ar-SA')}</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    )
    normal = order_properties(
        {"widowControl": element("widowControl", val=0), "spacing": spacing(LINE), "jc": align("both")}
    )
    entries = [_style("Normal", "Normal", normal, "", default=True)]
    entries += [
        f'<w:style w:type="character" w:customStyle="1" w:styleId="{key}">{element("name", val=name)}<w:qFormat/>'
        f"<w:rPr>{fonts(font)}</w:rPr></w:style>"
        for key, name, font in _LEAD_INS
    ]
    entries += [
        _style(key, name, order_properties(properties), marks) for key, name, properties, marks in _STYLES
    ]
    return f"<w:styles {NAMESPACES}>{defaults}{''.join(entries)}</w:styles>"


def _style(key: str, name: str, paragraph_marks: str, run_marks: str, *, default: bool = False) -> str:
    kind = 'w:default="1"' if default else 'w:customStyle="1"'
    based = "" if default else element("basedOn", val="Normal")
    marks = f"<w:rPr>{run_marks}</w:rPr>" if run_marks else ""
    return (
        f'<w:style w:type="paragraph" {kind} w:styleId="{key}">{element("name", val=name)}{based}<w:qFormat/>'
        f"<w:pPr>{paragraph_marks}</w:pPr>{marks}</w:style>"
    )


def _settings() -> str:
    compatible = (
        "<w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/>"
        "<w:doNotExpandShiftReturn/><w:adjustLineHeightInTable/><w:useFELayout/>"
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    )
    return (
        f"<w:settings {NAMESPACES}>{element('zoom', percent=100)}<w:evenAndOddHeaders/>"
        f"{element('drawingGridVerticalSpacing', val=579)}{element('characterSpacingControl', val='compressPunctuation')}"
        f"{compatible}{element('themeFontLang', val='zh-CN', eastAsia='zh-CN')}</w:settings>"
    )


def _font_table() -> str:
    names = (IMITATION, SONG_TITLE, KAI, HEI, SONG)
    entries = "".join(f'<w:font w:name="{name}">{element("charset", val="86")}</w:font>' for name in names)
    return f"<w:fonts {NAMESPACES}>{entries}</w:fonts>"


def _relations(entries: dict[str, tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{key}" Type="{_RELATION}/{kind}" Target="{target}"/>'
        for key, (kind, target) in entries.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def _content_types() -> str:
    kinds = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "fontTable": "fontTable",
        "footer1": "footer",
        "footer2": "footer",
    }
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_OFFICE}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
