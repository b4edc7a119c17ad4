"""WordprocessingML elements, each with its children in schema order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from formsvc.documents.generated.xml_text import xml_text
from formsvc.docxpdf.opc.xml import NAMESPACES as XML_NAMESPACES

NAMESPACES = " ".join(f'xmlns:{prefix}="{XML_NAMESPACES[prefix]}"' for prefix in ("w", "r"))
# the order of CT_PPr (ECMA-376 part 1, 17.3.1.26); Word refuses a file with another
_PARAGRAPH_ORDER = (
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "widowControl",
    "pBdr",
    "tabs",
    "snapToGrid",
    "spacing",
    "ind",
    "jc",
    "outlineLvl",
)
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def element(name: str, /, **attributes: str | int) -> str:
    return f"<w:{name}{_attributes(attributes)}/>"


def _attributes(attributes: dict[str, str | int]) -> str:
    return "".join(f" w:{key}={quoteattr(str(value))}" for key, value in attributes.items())


def fonts(name: str) -> str:
    return element("rFonts", hint="eastAsia", ascii=name, hAnsi=name, eastAsia=name, cs=name)


def run_properties(*, font: str = "", bold: bool = False, color: str = "", size: float = 0) -> str:
    """Return the children of ``w:rPr``; size in points."""
    parts = [fonts(font) if font else ""]
    parts.append("<w:b/><w:bCs/>" if bold else "")
    parts.append(element("color", val=color) if color else "")
    half_points = int(size * 2)
    parts.append(element("sz", val=half_points) + element("szCs", val=half_points) if size else "")
    return "".join(parts)


def run(text: str, *, style: str = "", properties: str = "") -> str:
    """Return text in one run; tabs and line ends become Word's own."""
    inner = (element("rStyle", val=style) if style else "") + properties
    marks = f"<w:rPr>{inner}</w:rPr>" if inner else ""
    pieces = []
    for number, line in enumerate(xml_text(text).split("\n")):
        if number:
            pieces.append("<w:br/>")
        for place, piece in enumerate(line.split("\t")):
            if place:
                pieces.append("<w:tab/>")
            if piece:
                pieces.append(f'<w:t xml:space="preserve">{escape(piece)}</w:t>')
    return f"<w:r>{marks}{''.join(pieces)}</w:r>" if pieces else ""


def page_number(properties: str) -> str:
    marks = f"<w:rPr>{properties}</w:rPr>"
    codes = (
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>1</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    )
    return "".join(f"<w:r>{marks}{code}</w:r>" for code in codes)


def paragraph(
    content: str,
    style: str = "",
    *,
    keep: bool = False,
    properties: Mapping[str, str] | None = None,
    **more: str,
) -> str:
    """Return a paragraph.

    ``properties`` and ``more`` are elements by name (``ind=…``) in any order. ``keep``: stays on the page of the
    next paragraph.
    """
    elements = {**(properties or {}), **more}
    if style:
        elements["pStyle"] = element("pStyle", val=style)
    if keep:
        elements["keepNext"] = "<w:keepNext/>"
    return f"<w:p>{_wrap('pPr', order_properties(elements))}{content}</w:p>"


def order_properties(properties: dict[str, str]) -> str:
    unknown = set(properties) - set(_PARAGRAPH_ORDER)
    if unknown:
        raise ValueError(f"unordered paragraph properties: {sorted(unknown)}")
    return "".join(properties[name] for name in _PARAGRAPH_ORDER if name in properties)


def _wrap(name: str, inner: str) -> str:
    return f"<w:{name}>{inner}</w:{name}>" if inner else ""


def borders(name: str, sizes: dict[str, int], *, color: str = "auto") -> str:
    """Return a border set; sizes in eighths of a point, 0 for none."""
    sides = "".join(
        element(side, val="single", sz=sizes[side], space=0, color=color)
        if sizes[side]
        else element(side, val="nil")
        for side in _SIDES
        if side in sizes
    )
    return f"<w:{name}>{sides}</w:{name}>"


def cell(content: str, width: int, *, span: int = 1, align: str = "center") -> str:
    """Return a table cell; width in twips."""
    inner = element("tcW", w=width, type="dxa")
    if span > 1:
        inner += element("gridSpan", val=span)
    inner += element("vAlign", val=align)
    return f"<w:tc><w:tcPr>{inner}</w:tcPr>{content}</w:tc>"


def row(cells: Iterable[str], *, height: int = 0, head: bool = False, splits: bool = False) -> str:
    """Return a table row.

    ``head`` repeats it on each page, ``splits`` lets a page end within it.
    """
    inner = "" if splits else "<w:cantSplit/>"
    if height:
        inner += element("trHeight", val=height, hRule="atLeast")
    if head:
        inner += "<w:tblHeader/>"
    return f"<w:tr>{_wrap('trPr', inner)}{''.join(cells)}</w:tr>"


def table(
    rows: Iterable[str], grid: Sequence[int], *, edges: str = "", floating: str = "", margin: int = 85
) -> str:
    """Return a table of fixed columns in twips.

    ``edges`` is its border set, ``floating`` its position if it floats.
    """
    frame = edges or borders("tblBorders", dict.fromkeys(_SIDES, 4))
    columns = "".join(element("gridCol", w=width) for width in grid)
    margins = element("left", w=margin, type="dxa") + element("right", w=margin, type="dxa")
    properties = (
        floating
        + element("tblW", w=sum(grid), type="dxa")
        + element("jc", val="center")
        + frame
        + element("tblLayout", type="fixed")
        + f"<w:tblCellMar>{margins}</w:tblCellMar>"
    )
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
