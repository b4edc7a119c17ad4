"""Papers of courts, brigades and offices as Word and as WPS write them, made by hand for tests."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from tests.support.docx_samples.raw_xml import (
    MODERN,
    page_field,
    paragraph,
    part,
    relation,
    run,
    seal,
    seal_picture,
    word_file,
)

A4 = (
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1440" w:right="1800" w:bottom="1440" w:left="1800" w:header="851" w:footer="992" w:gutter="0"/>'
)
ACROSS = (
    '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
    '<w:pgMar w:top="1588" w:right="1440" w:bottom="1474" w:left="1440" w:header="851" w:footer="992" w:gutter="0"/>'
)
LINES = '<w:docGrid w:type="lines" w:linePitch="312"/>'
CHINESE = MODERN.replace("<w:compat>", "<w:compat><w:adjustLineHeightInTable/>")
WPS = MODERN.replace("<w:compat>", "<w:compat><w:adjustLineHeightInTable/>").replace('"15"', '"14"')
"""WPS Office writes the compatibility mode of Word 2010."""
SMALL = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/><w:sz w:val="21"/>'
FANG = '<w:rFonts w:ascii="仿宋" w:hAnsi="仿宋" w:eastAsia="仿宋"/><w:sz w:val="28"/>'
TITLE = '<w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:b/><w:sz w:val="36"/>'
CENTER = '<w:jc w:val="center"/>'
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
RULED = (
    "<w:tblBorders>"
    + "".join(f'<w:{s} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for s in _SIDES)
    + "</w:tblBorders>"
)
EMU = 12700
FACTS = "经检查，该场所疏散通道被货物占用，安全出口上锁，自动消防设施未保持完好有效，未按规定组织消防安全培训和灭火应急疏散演练。"


def text(words: str, properties: str = "", look: str = SMALL) -> str:
    """A paragraph in small type."""
    return paragraph(run(words, look) if words else "", properties)


def cell(content: str, width: int, properties: str = "") -> str:
    """A cell of paragraphs or of plain words."""
    inner = content if content.startswith("<") else text(content)
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{properties}</w:tcPr>{inner}</w:tc>'


def row(*cells: str, properties: str = "") -> str:
    """A table row."""
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table_of(widths: list[int], *rows: str, properties: str = "", grid: bool = True) -> str:
    """A ruled table."""
    columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    described = f"<w:tblGrid>{columns}</w:tblGrid>" if grid else ""
    return f"<w:tbl><w:tblPr>{properties}{RULED}</w:tblPr>{described}{''.join(rows)}</w:tbl>"


def span(count: int) -> str:
    """A cell over several columns."""
    return f'<w:gridSpan w:val="{count}"/>'


def merged(begins: bool = False) -> str:
    """A cell of a vertical merge."""
    return '<w:vMerge w:val="restart"/>' if begins else "<w:vMerge/>"


def at_least(points: float) -> str:
    """A row's least height."""
    return f'<w:trHeight w:val="{int(points * 20)}"/>'


def exactly(points: float) -> str:
    """A row's height."""
    return f'<w:trHeight w:val="{int(points * 20)}" w:hRule="exact"/>'


MIDDLE = '<w:vAlign w:val="center"/>'


def court_form(paragraphs: int = 40, *, wps: bool = False) -> bytes:
    """One bordered table from end to end, with a row longer than a page, as complaint forms have it."""
    whole, head = span(4) + '<w:shd w:val="clear" w:color="auto" w:fill="D9D9D9"/>', "<w:tblHeader/>"
    facts = "".join(text(f"{n}. {FACTS}") for n in range(1, paragraphs + 1))
    rows = [
        row(cell(text("民事起诉状", CENTER, TITLE), 8296, span(4)), properties=at_least(40)),
        row(cell(text("说明：请如实填写，没有的内容写“无”。方框内打√。"), 8296, span(4))),
        row(cell(text("当事人信息", CENTER), 8296, whole), properties=head if wps else ""),
        row(
            cell("原告（自然人）", 2074, MIDDLE),
            cell(
                text("姓名：王某某")
                + text("性别：男☑　女☐")
                + text("出生日期：1980年5月6日　民族：汉族")
                + text("住所地：绥化市北林区某街1号"),
                6222,
                span(3),
            ),
        ),
        row(
            cell("被告", 2074, MIDDLE + merged(True)),
            cell("名称", 1500),
            cell("绥化市某某商贸有限公司", 4722, span(2)),
        ),
        row(cell("", 2074, merged()), cell("电话", 1500), cell("0455-8000000", 4722, span(2))),
        row(cell(text("诉讼请求和依据", CENTER), 8296, whole)),
        row(
            cell("1. 请求判令被告立即消除火灾隐患", 2074, MIDDLE),
            cell(text("是☑　否☐") + text("内容：" + FACTS), 6222, span(3)),
        ),
        row(cell("事实与理由", 2074, MIDDLE), cell(facts, 6222, span(3))),
        row(
            cell("证据清单", 2074), cell("见附页", 6222, span(3)), properties="<w:cantSplit/>" + at_least(60)
        ),
        row(
            cell(
                text("具状人（签字、盖章）：", '<w:jc w:val="right"/>')
                + text("年　　月　　日", '<w:jc w:val="right"/>'),
                8296,
                span(4),
            ),
            properties=at_least(50),
        ),
    ]
    layout = '<w:tblLayout w:type="fixed"/>' if wps else ""
    body = table_of(
        [2074, 1500, 2648, 2074], *rows, properties=f'<w:tblW w:w="8296" w:type="dxa"/>{layout}'
    ) + text("")
    return word_file(body, section=A4 + LINES, settings=WPS if wps else CHINESE)


def enforcement_letter(*, wps: bool = False) -> bytes:
    """A red head, text, seal, and an annex across."""
    rule = '<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="1" w:color="FF0000"/></w:pBdr>'
    red = '<w:rFonts w:eastAsia="方正小标宋简体"/><w:color w:val="FF0000"/><w:sz w:val="60"/>'
    fixed = '<w:spacing w:line="560" w:lineRule="exact"/>'
    body = paragraph(run("绥化市北林区消防救援大队", red), CENTER + ("" if wps else rule))
    body += _red_line() if wps else ""
    body += text("北消函〔2026〕12号", fixed + CENTER, FANG) + text(
        "关于协助查封危险部位的函", fixed + CENTER, TITLE
    )
    body += text("北林区市场监督管理局：", fixed, FANG)
    for _ in range(3):
        body += text(
            FACTS, fixed + '<w:ind w:firstLineChars="200" w:firstLine="560"/><w:jc w:val="both"/>', FANG
        )
    body += text("附件：检查场所清单", fixed + '<w:ind w:firstLineChars="200" w:firstLine="560"/>', FANG)
    body += paragraph(
        run("绥化市北林区消防救援大队", FANG) + seal("i1", x_mm=95, y_mm=-12),
        fixed + '<w:ind w:rightChars="200" w:right="560"/><w:jc w:val="right"/>',
    )
    body += text(
        "2026年9月21日", fixed + '<w:ind w:rightChars="400" w:right="1120"/><w:jc w:val="right"/>', FANG
    )
    body += f"<w:p><w:pPr><w:sectPr>{_footer('f1')}{A4}{LINES}</w:sectPr></w:pPr></w:p>"
    body += text("附件", "", FANG) + text("检查场所清单", CENTER, TITLE)
    widths = [900, 4200, 3600, 2600, 2658]
    head = row(
        *(
            cell(text(t, CENTER), w, MIDDLE)
            for t, w in zip(("序号", "单位名称", "地址", "火灾隐患", "整改期限"), widths, strict=True)
        ),
        properties="<w:tblHeader/>" + at_least(28),
    )
    lines = [
        row(
            *(
                cell(t, w, MIDDLE)
                for t, w in zip(
                    (
                        str(n),
                        f"绥化市第{n}商贸有限公司",
                        f"北林区中兴路{n}号",
                        "疏散通道被占用",
                        "2026年10月8日前",
                    ),
                    widths,
                    strict=True,
                )
            ),
            properties=at_least(24),
        )
        for n in range(1, 41)
    ]
    body += table_of(
        widths, head, *lines, properties='<w:tblW w:w="13958" w:type="dxa"/><w:jc w:val="center"/>'
    )
    parts: dict[str, str | bytes] = {
        "word/footer1.xml": _page_foot(wps),
        "word/media/seal.png": seal_picture(),
    }
    relations = relation("f1", "footer", "footer1.xml") + relation("i1", "image", "media/seal.png")
    return word_file(
        body,
        section=_footer("f1") + ACROSS + LINES,
        settings=WPS if wps else CHINESE,
        parts=parts,
        relations=relations,
    )


def _footer(name: str) -> str:
    return f'<w:footerReference w:type="default" r:id="{name}"/>'


def _page_foot(wps: bool) -> str:
    """A page number in a paragraph (Word) or in a text box as wide as its text (WPS)."""
    number = run("— ", SMALL) + page_field() + run(" —", SMALL)
    if not wps:
        return part("ftr", paragraph(number, CENTER))
    return part("ftr", paragraph(footer_box(paragraph(number))))


def footer_box(content: str) -> str:
    """The text box WPS puts a page number into, with its older twin."""
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor distT="0" distB="0" distL="114300" distR="114300" '
        'simplePos="0" relativeHeight="251659264" behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="margin"><wp:align>center</wp:align></wp:positionH><wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset></wp:positionV>'
        '<wp:extent cx="1828800" cy="1828800"/><wp:wrapNone/><wp:docPr id="1" name="文本框 1"/><wp:cNvGraphicFramePr/><a:graphic>'
        '<a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1828800" cy="1828800"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>'
        f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>"
        '<wps:bodyPr rot="0" vert="horz" wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="t"><a:spAutoFit/></wps:bodyPr></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>'
        '<mc:Fallback><w:pict><v:shape id="_x0000_s1026" type="#_x0000_t202" style="position:absolute;margin-top:0pt;height:144pt;width:144pt;mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-wrap-style:none;z-index:251659264" filled="f" stroked="f">'
        f'<v:textbox inset="0mm,0mm,0mm,0mm" style="mso-fit-shape-to-text:t;"><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>'
    )


def _red_line() -> str:
    """A red line drawn as a shape, as WPS templates have it under the head."""
    return paragraph(
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor simplePos="0" relativeHeight="2" behindDoc="0"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="column"><wp:posOffset>0</wp:posOffset></wp:positionH><wp:positionV relativeFrom="paragraph"><wp:posOffset>76200</wp:posOffset></wp:positionV>'
        '<wp:extent cx="5274310" cy="0"/><wp:wrapNone/><wp:docPr id="3" name="直线 2"/><a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvCnPr/>'
        '<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="5274310" cy="0"/></a:xfrm><a:prstGeom prst="line"><a:avLst/></a:prstGeom><a:ln w="28575"><a:solidFill><a:srgbClr val="FF0000"/></a:solidFill></a:ln></wps:spPr><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>'
        '<mc:Fallback><w:pict><v:line style="position:absolute;z-index:2" from="0,6pt" to="415.3pt,6pt" strokecolor="red" strokeweight="2.25pt"/></w:pict></mc:Fallback></mc:AlternateContent></w:r>'
    )


def merged_notice(*, wps: bool = False) -> bytes:
    """A notice of merged cells with rows of exact height, some too low for their text."""
    narrow, wide = 1100, 1796
    upright = '<w:textDirection w:val="tbRlV"/><w:vAlign w:val="center"/>'
    rows = [
        row(
            cell(text("责令改正通知书（存根）", CENTER, TITLE), 8284, span(5) + MIDDLE),
            properties=exactly(42),
        ),
        row(
            cell(text("当事人", CENTER), narrow, upright + merged(True)),
            cell("名称", wide, MIDDLE),
            cell("绥化市某某商贸有限公司", 5388, span(3) + MIDDLE),
            properties=exactly(26),
        ),
        row(
            cell("", narrow, merged()),
            cell("负责人", wide, MIDDLE),
            cell("李某某", wide, MIDDLE),
            cell("电话", wide, MIDDLE),
            cell("0455-8000000", wide, MIDDLE),
            properties=exactly(26),
        ),
        row(
            cell("", narrow, merged()),
            cell("地址", wide, MIDDLE),
            cell("绥化市北林区中兴路1号", 5388, span(3) + MIDDLE),
            properties=exactly(26),
        ),
        row(
            cell(text("违法事实", CENTER), narrow, MIDDLE),
            cell(FACTS * 2, 7184, span(4)),
            properties=exactly(70),
        ),
        row(
            cell(text("依据", CENTER), narrow, MIDDLE),
            cell("《中华人民共和国消防法》第六十条", 3592, span(2) + MIDDLE),
            cell(text("期限", CENTER), wide, MIDDLE),
            cell("2026年10月8日", wide, MIDDLE),
            properties=exactly(30),
        ),
        row(
            cell(text("承办人意见", CENTER), 2896, span(2) + MIDDLE),
            cell(text("审批意见", CENTER), 5388, span(3) + MIDDLE),
            properties=exactly(22),
        ),
        row(
            cell(
                text("") + text("年　月　日", '<w:jc w:val="right"/>'),
                2896,
                span(2) + '<w:vAlign w:val="bottom"/>',
            ),
            cell(text("年　月　日", '<w:jc w:val="right"/>'), 5388, span(3) + '<w:vAlign w:val="bottom"/>'),
            properties=exactly(90),
        ),
    ]
    margins = (
        '<w:tblCellMar><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>'
        if wps
        else ""
    )
    body = table_of(
        [narrow, wide, wide, wide, wide],
        *rows,
        properties=f'<w:tblW w:w="8284" w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/>{margins}',
    )
    return word_file(body + text("此联存档。"), section=A4 + LINES, settings=WPS if wps else CHINESE)


def form_picture() -> bytes:
    """A pre-printed form as a scanner gives it: rules and boxes on white."""
    image = Image.new("RGB", (595, 842), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 120, 535, 760), outline=(180, 30, 30), width=2)
    for line in range(160, 760, 40):
        draw.line((60, line, 535, line), fill=(180, 30, 30))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def preprinted_form(*, wps: bool = False) -> bytes:
    """Words placed over the picture of a printed form: behind the text in the header (Word), in the body by VML (WPS)."""
    places = [
        (150, 130, "绥化市某某商贸有限公司"),
        (150, 170, "李某某"),
        (380, 170, "0455-8000000"),
        (150, 210, "绥化市北林区中兴路1号"),
        (380, 720, "2026年9月21日"),
    ]
    width, height = 595.3 * EMU, 841.9 * EMU
    picture = '<pic:pic><pic:blipFill><a:blip r:embed="i1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr/></pic:pic>'
    whole_page = (
        f'<w:r><w:drawing><wp:anchor behindDoc="1" simplePos="0" relativeHeight="1"><wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:positionV><wp:extent cx="{int(width)}" cy="{int(height)}"/><wp:wrapNone/><wp:docPr id="9" name="底图"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">{picture}</a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>'
    )
    boxes = "".join(_page_box(x, y, words, number, vml=wps) for number, (x, y, words) in enumerate(places, 1))
    relations = relation("h1", "header", "header1.xml") + relation("i1", "image", "media/form.png")
    parts: dict[str, str | bytes] = {
        "word/media/form.png": form_picture(),
        "word/header1.xml": part("hdr", paragraph("" if wps else whole_page)),
    }
    parts["word/_rels/header1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + relation("i1", "image", "media/form.png")
        + "</Relationships>"
    )
    body = paragraph((whole_page if wps else "") + boxes)
    return word_file(
        body,
        section='<w:headerReference w:type="default" r:id="h1"/>' + A4,
        settings=WPS if wps else CHINESE,
        parts=parts,
        relations=relations,
    )


def _page_box(x: int, y: int, words: str, number: int, *, vml: bool) -> str:
    content = text(words)
    if vml:
        return (
            f'<w:r><w:pict><v:shape id="b{number}" type="#_x0000_t202" style="position:absolute;margin-left:{x}pt;margin-top:{y}pt;width:180pt;height:24pt;z-index:{number};mso-position-horizontal-relative:page;mso-position-vertical-relative:page" filled="f" stroked="f">'
            f'<v:textbox inset="0mm,0mm,0mm,0mm"><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>'
        )
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor behindDoc="0" simplePos="0" relativeHeight="{number}"><wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="page"><wp:posOffset>{x * EMU}</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="page"><wp:posOffset>{y * EMU}</wp:posOffset></wp:positionV><wp:extent cx="{180 * EMU}" cy="{24 * EMU}"/><wp:wrapNone/><wp:docPr id="{number}" name="框{number}"/><a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        f'<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{180 * EMU}" cy="{24 * EMU}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></wps:spPr><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx><wps:bodyPr lIns="0" tIns="0" rIns="0" bIns="0"/></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice></mc:AlternateContent></w:r>'
    )


def minutes(*, wps: bool = False) -> bytes:
    """Minutes whose table has no grid: widths from the cells, or (WPS) none at all, to be fitted to the words."""

    def at(width: int, words: str, properties: str = "") -> str:
        made = cell(words, width, properties)
        return (
            made.replace(f'<w:tcW w:w="{width}" w:type="dxa"/>', '<w:tcW w:w="0" w:type="auto"/>')
            if wps
            else made
        )

    rows = [
        row(at(1400, "会议名称"), at(6896, "消防安全重大事项集体讨论会", span(3))),
        row(at(1400, "时间"), at(2748, "2026年9月18日9时"), at(1400, "地点"), at(2748, "大队二楼会议室")),
        row(at(1400, "主持人"), at(2748, "赵某某"), at(1400, "记录人"), at(2748, "钱某某")),
        row(at(1400, "讨论内容"), at(6896, FACTS * 4, span(3))),
        row(at(1400, "结论"), at(6896, "同意拟处理意见。", span(3))),
    ]
    body = text("集体讨论记录", CENTER, TITLE) + table_of([], *rows, grid=False) + text("参加人签名：")
    return word_file(body, section=A4 + LINES, settings=WPS if wps else CHINESE)


def boxed_footer(*, wps: bool = False) -> bytes:
    """Odd and even page numbers: in frames (Word), in text boxes on the outer side (WPS)."""
    number = run("— ", FANG) + page_field() + run(" —", FANG)

    def foot(side: str) -> str:
        if wps:
            box = footer_box(paragraph(number)).replace(
                "<wp:align>center</wp:align>", "<wp:align>outside</wp:align>"
            )
            return part("ftr", paragraph(box))
        frame = '<w:framePr w:wrap="around" w:vAnchor="text" w:hAnchor="margin" w:xAlign="outside" w:y="1"/>'
        return part(
            "ftr", paragraph(number, frame) + paragraph("", '<w:ind w:right="360" w:firstLine="360"/>')
        )

    parts: dict[str, str | bytes] = {"word/footer1.xml": foot("right"), "word/footer2.xml": foot("left")}
    relations = relation("f1", "footer", "footer1.xml") + relation("f2", "footer", "footer2.xml")
    references = '<w:footerReference w:type="default" r:id="f1"/><w:footerReference w:type="even" r:id="f2"/>'
    body = "".join(text(FACTS, '<w:ind w:firstLineChars="200" w:firstLine="560"/>', FANG) for _ in range(22))
    return word_file(
        body,
        section=references + A4 + LINES,
        settings="<w:evenAndOddHeaders/>" + (WPS if wps else CHINESE),
        parts=parts,
        relations=relations,
    )


PAPERS = {
    "court_form": court_form,
    "enforcement_letter": enforcement_letter,
    "merged_notice": merged_notice,
    "preprinted_form": preprinted_form,
    "minutes": minutes,
    "boxed_footer": boxed_footer,
}
