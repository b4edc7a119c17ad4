"""What ISO 19005-2 and -3 (PDF/A-2b, PDF/A-3b) and ISO 14289-1 (PDF/UA-1) ask of a file, looked up in the file.

Not the whole of the standards: what can go wrong in files made as ours are. Each fault is a sentence with the clause.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pikepdf
from fontTools.ttLib import TTFont

# PDF text rendering mode (ISO 32000-1, table 106)
_INVISIBLE = 3
_NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
}
_FORBIDDEN_ACTIONS = {
    "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView", "/JavaScript",
}  # fmt: skip
_BLENDS = {"/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten"}
_DEEPEST = 28


def opened(pdf: bytes) -> pikepdf.Pdf:
    """The file for looking into."""
    return pikepdf.open(io.BytesIO(pdf))


def archive_faults(content: bytes, part: str = "2") -> list[str]:
    """Everything found against PDF/A of a part, conformance B."""
    with opened(content) as pdf:
        return [
            *_file_faults(content, pdf),
            *_metadata_faults(pdf, part),
            *_colour_faults(pdf),
            *(fault for page in pdf.pages for fault in _page_faults(page)),
            *_object_faults(pdf),
            *font_faults(pdf),
            *_attachment_faults(pdf, part),
        ]


def _file_faults(content: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    second = content.split(b"\n", 2)[1]
    if not content.startswith(b"%PDF-1.7\n") or second[:1] != b"%" or any(b < 128 for b in second[1:5]):
        yield "6.1.2 header"
    if not content.rstrip().endswith(b"%%EOF"):
        yield "6.1.3 something after the end"
    if len(pdf.trailer.get("/ID", [])) != 2:
        yield "6.1.3 no ID"
    if pdf.is_encrypted:
        yield "6.1.3 encrypted"
    yield from (f"6.1 {problem}" for problem in pdf.check_pdf_syntax())


def xmp(pdf: pikepdf.Pdf) -> ElementTree.Element:
    """The XMP packet's tree."""
    return ElementTree.fromstring(
        pdf.Root.Metadata.read_bytes().decode().split("?>", 1)[1].rsplit("<?", 1)[0]
    )


def said(packet: ElementTree.Element, name: str) -> str:
    """The text of an XMP property."""
    found = packet.find(f".//{name}", _NS)
    return "".join(found.itertext()) if found is not None else ""


def _metadata_faults(pdf: pikepdf.Pdf, part: str) -> Iterator[str]:
    if "/Filter" in pdf.Root.Metadata:
        yield "6.6.2 metadata are packed"
    packet = xmp(pdf)
    if (said(packet, "pdfaid:part"), said(packet, "pdfaid:conformance")) != (part, "B"):
        yield "6.6.4 another part or conformance"
    for key, name in (
        ("/Title", "dc:title"),
        ("/Author", "dc:creator"),
        ("/Subject", "dc:description"),
        ("/Producer", "pdf:Producer"),
    ):
        if str(pdf.docinfo.get(key, "")) != said(packet, name):
            yield f"6.6.3 {key} is not {name}"
    digits = "".join(c for c in str(pdf.docinfo.get("/CreationDate", "")) if c.isdigit())
    if digits != "".join(c for c in said(packet, "xmp:CreateDate") if c.isdigit()):
        yield "6.6.3 the dates differ"


def _colour_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    intents = [i for i in pdf.Root.get("/OutputIntents", []) if i.S == "/GTS_PDFA1"]
    if len(intents) != 1:
        yield "6.2.3 not one output intent"
        return
    profile = intents[0].DestOutputProfile
    icc = profile.read_bytes()
    if icc[36:40] != b"acsp" or icc[16:20] != b"RGB " or profile.N != 3:
        yield "6.2.3 not an RGB profile"


def _page_faults(page: pikepdf.Page) -> Iterator[str]:
    depth = deepest = 0
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        word = str(operator)
        depth += {"q": 1, "Q": -1}.get(word, 0)
        deepest = max(deepest, depth)
        if word in ("k", "K") or (word in ("cs", "CS") and str(operands[0]) == "/DeviceCMYK"):
            yield "6.2.4 CMYK without a CMYK output intent"
    if depth or deepest > _DEEPEST:
        yield f"6.1.13 graphics states nested {deepest} deep, {depth} left open"


def _object_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    things = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream)]
    for thing in things:
        if "/AA" in thing or thing.get("/S") in _FORBIDDEN_ACTIONS or "/JS" in thing:
            yield "6.5.1 an action"
        if "/BM" in thing and str(thing.BM) not in _BLENDS:
            yield "6.2.10 a blend mode"
        if thing.get("/Type") == "/Annot":
            yield from _annotation_faults(int(thing.get("/F", 0)))
        if isinstance(thing, pikepdf.Stream):
            yield from _stream_faults(thing)
    if any("/SMask" in thing for thing in things) and any(
        "/CS" not in p.get("/Group", {}) for p in pdf.pages
    ):
        yield "6.2.10 transparency without a blending space"
    for key in ("/OpenAction", "/AA", "/OCProperties", "/AcroForm", "/Requirements"):
        if key in pdf.Root:
            yield f"6.5/6.9 {key}"


def _annotation_faults(flags: int) -> Iterator[str]:
    if not flags & 4 or flags & (1 | 2 | 32 | 256):
        yield "6.3.2 an annotation that is hidden or not printed"


def _stream_faults(stream: pikepdf.Stream) -> Iterator[str]:
    filters = str(stream.get("/Filter", ""))
    if "LZW" in filters or "Crypt" in filters:
        yield "6.1.7 a filter"
    if stream.get("/Subtype") == "/Image" and (
        stream.get("/Interpolate") or "/Alternates" in stream or "/OPI" in stream
    ):
        yield "6.2.8 an image"


def font_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Faults of the embedded fonts, and glyphs that the pages use and the fonts do not have."""
    used: dict[Any, set[int]] = {}
    seen: dict[Any, set[int]] = {}
    fonts: dict[Any, pikepdf.Object] = {}
    for page in pdf.pages:
        for (name, visible), glyphs in _glyphs_of(page).items():
            font = page.Resources.Font[name]
            fonts[font.objgen] = font
            used.setdefault(font.objgen, set()).update(glyphs)
            if visible:
                seen.setdefault(font.objgen, set()).update(glyphs)
    for key, font in fonts.items():
        yield from _faults_of_font(font, used[key], seen.get(key, set()))


def _glyphs_of(page: pikepdf.Page) -> dict[tuple[str, bool], set[int]]:
    """The glyphs of each font, those that are seen and those drawn in the invisible mode."""
    found: dict[tuple[str, bool], set[int]] = {}
    name, visible = "", True
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "Tf":
            name = str(operands[0])
        elif str(operator) == "Tr":
            visible = int(operands[0]) != _INVISIBLE
        elif str(operator) in ("Tj", "TJ", "'", '"'):
            pieces = operands[0] if str(operator) == "TJ" else [operands[-1]]
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    raw = bytes(piece)
                    found.setdefault((name, visible), set()).update(
                        int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)
                    )
    return found


def _faults_of_font(font: pikepdf.Object, used: set[int], seen: set[int]) -> Iterator[str]:
    name = str(font.BaseFont)
    inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    files = [k for k in ("/FontFile2", "/FontFile3") if k in inner.FontDescriptor]
    if font.Subtype != "/Type0" or font.Encoding != "/Identity-H":
        yield f"6.2.11 {name}: {font.Subtype} {font.Encoding}"
    elif not files or name[7:8] != "+":
        yield f"6.2.11.4 {name} is not embedded as a subset"
    else:
        yield from (f"{fault} ({name})" for fault in _faults_of_program(inner, files[0], used))
        yield from (f"{fault} ({name})" for fault in _faults_of_meanings(font, seen))


def _faults_of_program(font: pikepdf.Object, file: str, used: set[int]) -> Iterator[str]:
    if font.Subtype == "/CIDFontType2" and font.get("/CIDToGIDMap") != "/Identity":
        yield "6.2.11.3 no CIDToGIDMap"
    if "/CIDSet" in font.FontDescriptor:
        yield "6.2.11.4 a CIDSet nobody asked for"
    if 0 in used:
        yield "6.2.11.8 .notdef is shown"
    program = TTFont(io.BytesIO(font.FontDescriptor[file].read_bytes()), lazy=True)
    order, widths = program.getGlyphOrder(), _widths(font)
    em = program["head"].unitsPerEm
    for glyph in sorted(used):
        if glyph >= len(order):
            yield f"6.2.11.4 glyph {glyph} is not in the font"
        elif abs(program["hmtx"][order[glyph]][0] * 1000 / em - widths.get(glyph, 1000)) > 1:
            yield f"6.2.11.5 another width for glyph {glyph}"


def _faults_of_meanings(font: pikepdf.Object, used: set[int]) -> Iterator[str]:
    mapped = to_unicode(font)
    for glyph in sorted(used):
        if not mapped.get(glyph):
            yield f"6.2.11.7 glyph {glyph} means no character"
        elif set(mapped[glyph]) & {"\0", "\ufeff", "\ufffe"}:
            yield f"6.2.11.7 glyph {glyph} means no real character"


def _widths(font: pikepdf.Object) -> dict[int, float]:
    entries, found, at = list(font.get("/W", [])), {}, 0
    while at < len(entries):
        first, second = int(entries[at]), entries[at + 1]
        if isinstance(second, pikepdf.Array):
            found.update({first + n: float(width) for n, width in enumerate(second)})
            at += 2
        else:
            found.update(dict.fromkeys(range(first, int(second) + 1), float(entries[at + 2])))
            at += 3
    return found


def to_unicode(font: pikepdf.Object) -> dict[int, str]:
    """Which characters each glyph stands for."""
    found = {}
    for line in font.ToUnicode.read_bytes().decode("latin-1").splitlines():
        parts = line.split()
        if len(parts) == 2 and all(p.startswith("<") and p.endswith(">") for p in parts):
            found[int(parts[0][1:-1], 16)] = bytes.fromhex(parts[1][1:-1]).decode("utf-16-be")
    return found


def _attachment_faults(pdf: pikepdf.Pdf, part: str) -> Iterator[str]:
    inside = list(pdf.attachments.values())
    if part == "2" and inside:
        yield "6.8 files inside a PDF/A-2 file"
    associated = [f.objgen for f in pdf.Root.get("/AF", [])]
    for attachment in inside:
        card = attachment.obj
        stream = card.EF.F
        if not all(k in card for k in ("/F", "/UF", "/AFRelationship")) or "/Subtype" not in stream:
            yield "6.8 (part 3) an embedded file is not described"
        if card.objgen not in associated:
            yield "6.8 (part 3) an embedded file is not associated"


def structure(pdf: pikepdf.Pdf) -> list[tuple[int, str, str]]:
    """The structure tree: depth, role, and the alternate text of pictures, in reading order."""
    found: list[tuple[int, str, str]] = []

    def walk(element: pikepdf.Object, depth: int) -> None:
        found.append((depth, str(element.S)[1:], str(element.get("/Alt", ""))))
        for kid in element.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                walk(kid, depth + 1)

    walk(pdf.Root.StructTreeRoot.K[0], 0)
    return found


def accessibility_faults(content: bytes) -> list[str]:
    """What is found against PDF/UA-1."""
    with opened(content) as pdf:
        return list(_accessibility_faults(pdf))


def _accessibility_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if said(xmp(pdf), "pdfuaid:part") != "1":
        yield "5 no mark of PDF/UA-1"
    if str(root.get("/Lang", "")) != "zh-CN":
        yield "7.2 no language"
    if not root.get("/ViewerPreferences", pikepdf.Dictionary()).get("/DisplayDocTitle") or not said(
        xmp(pdf), "dc:title"
    ):
        yield "7.1 the title is not shown"
    if not root.get("/MarkInfo", pikepdf.Dictionary()).get("/Marked"):
        yield "7.1 not marked"
        return
    marks = _marks(root.StructTreeRoot)
    for number, page in enumerate(pdf.pages):
        yield from _untagged(page, number, marks)
        if page.get("/Annots") and page.get("/Tabs") != "/S":
            yield "7.18.3 tab order"
    levels = [int(role[1:]) for _, role, _ in structure(pdf) if role[:1] == "H" and role[1:].isdigit()]
    if any(after > before + 1 for before, after in zip([0, *levels], levels, strict=False)):
        yield "7.4.2 headings skip a level"
    yield from (
        "7.3 a figure without words" for _, role, alt in structure(pdf) if role == "Figure" and not alt
    )


def _marks(tree: pikepdf.Object) -> dict[tuple[Any, int], int]:
    """How often each piece of marked content hangs in the tree."""
    found: dict[tuple[Any, int], int] = {}

    def walk(element: pikepdf.Object) -> None:
        for kid in element.get("/K", []):
            if isinstance(kid, int):
                key = (element.Pg.objgen, kid)
            elif kid.get("/Type") == "/MCR":
                key = (kid.Pg.objgen, int(kid.MCID))
            elif "/S" in kid:
                walk(kid)
                continue
            else:
                continue
            found[key] = found.get(key, 0) + 1

    for top in tree.K:
        walk(top)
    return found


def _untagged(page: pikepdf.Page, number: int, marks: dict[tuple[Any, int], int]) -> Iterator[str]:
    """Text or lines that are neither furniture nor in the tree exactly once; furniture within content."""
    open_marks: list[str] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        word = str(operator)
        if word in ("BMC", "BDC"):
            if open_marks and "Artifact" in (str(operands[0])[1:], open_marks[-1]):
                yield f"7.1 page {number + 1}: furniture and content in each other"
            open_marks.append(str(operands[0])[1:])
            if (
                word == "BDC"
                and "/MCID" in operands[1]
                and marks.get((page.objgen, int(operands[1].MCID))) != 1
            ):
                yield f"7.1 page {number + 1}: a piece is not in the tree once"
        elif word == "EMC":
            open_marks.pop()
        elif word in ("Tj", "TJ", "Do", "f", "f*", "S", "B", "sh") and not open_marks:
            yield f"7.1 page {number + 1}: {word} is neither content nor furniture"
