"""Word files of kinds that offices send: forms, notices, minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from formsvc.documents.generated.docx_xml import borders, cell, element, fonts, paragraph, row, run, table
from formsvc.documents.generated.gbt9704 import word_document
from formsvc.documents.templates.docx_file import WordFile

_CLAUSE = (
    "经查，你单位于2026年9月21日在绥化市北林区东河镇中心街18号经营期间，二层安全出口被杂物堵塞，宽度不足1.4米，违反了《中华人民共和国消防法》"
    "第二十八条“任何单位、个人不得损坏、挪用或者擅自拆除、停用消防设施、器材”的规定；依据该法第六十条第一款第（三）项，"
    "决定处以罚款人民币5,000.00元（大写：伍仟元整）。"
)
_ENGLISH = (
    "The Fire Protection Law of the People's Republic of China (2021 Amendment) applies to every unit and individual within "
    "the territory, including GB/T 9704-2012 documents and state-of-the-art systems. "
)
_PAGE = element("pgMar", top=1440, right=1800, bottom=1440, left=1800, header=851, footer=992, gutter=0)
_GRID = element("docGrid", type="lines", linePitch=312)
_WIDTH = 8306


def write_forms(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, (body, grid) in _forms().items():
        file = folder / f"{name}.docx"
        file.write_bytes(_on_page(word_document(body), grid))
        files.append(file)
    return files


def _forms() -> dict[str, tuple[str, str]]:
    spaced = _every_spacing()
    return {
        "court_form": (_court_form(), _GRID),
        "merged_notice": (_merged_notice(), _GRID),
        "minutes": (_minutes(), _GRID),
        "exact_body": (_exact_body(), ""),
        "spacing_on_grid": (spaced, _GRID),
        "spacing_without_grid": (spaced, ""),
        "tabs_and_words": (_tabs_and_words(), _GRID),
    }


def _on_page(word: bytes, grid: str) -> bytes:
    """Return the file on the usual page of Word for Chinese, with the grid."""
    parts = dict(WordFile.from_bytes(word).parts)
    document = parts["word/document.xml"].decode()
    start, end = document.index("<w:pgMar"), document.index("</w:sectPr>")
    parts["word/document.xml"] = (document[:start] + _PAGE + grid + document[end:]).encode()
    styles = parts["word/styles.xml"].decode()
    parts["word/styles.xml"] = styles.replace('w:lang w:val="zh-CN"', 'w:lang w:val="en-US"').encode()
    return WordFile(parts).to_bytes()


def _text(text: str, size: int = 24, font: str = "宋体", **properties: str) -> str:
    """Return a paragraph, single-spaced by default; size in half points."""
    marks = fonts(font) + element("sz", val=size)
    spacing = {"spacing": element("spacing", line=240, lineRule="auto"), **properties}
    return paragraph(run(text, properties=marks), properties=spacing)


def _title(text: str) -> str:
    return _text(text, 44, jc=element("jc", val="center"))


def _court_form() -> str:
    rows = [
        row([cell(_text(f"{n}．当事人姓名（名称）"), 2400), cell(_text(_CLAUSE * (1 + n % 3), 21), _WIDTH - 2400)], splits=True)
        for n in range(1, 25)
    ]  # fmt: skip
    return _title("民事起诉状") + table(rows, (2400, _WIDTH - 2400)) + paragraph("")


def _merged_notice() -> str:
    grid = (1400, 2753, 1400, 2753)

    def exact(cells: Sequence[str], height: int) -> str:
        return row(cells, height=height).replace('w:hRule="atLeast"', 'w:hRule="exact"')

    whole = sum(grid[1:])
    lines = [
        exact([cell(_text("被检查单位", 21), grid[0]), cell(_text("北林区东河镇福满家购物广场有限公司", 21), whole, span=3)], 700),
        exact([cell(_text(t, 21), w) for t, w in zip(("安全出口", "二层东侧", "是否畅通", "否"), grid, strict=True)], 600),
        exact([cell(_text("处理意见", 21), grid[0]), cell(_text(_CLAUSE, 21), whole, span=3)], 3000),
    ]  # fmt: skip
    return _title("责令限期改正通知书") + table(lines, grid) + _text("（此件一式两份）")


def _minutes() -> str:
    rows = [
        row([cell(_text(name), 1800), cell(_text(text), 6500)])
        for name, text in (("会议时间", "2026年9月21日上午9时"), ("会议内容", _CLAUSE * 3))
    ]
    made = table(
        rows, (1800, 6500), edges=borders("tblBorders", dict.fromkeys(("top", "bottom", "insideH"), 4))
    )
    start, end = made.index("<w:tblGrid>"), made.index("</w:tblGrid>") + len("</w:tblGrid>")
    return (
        _title("会议纪要") + made[:start] + made[end:] + _text(_CLAUSE * 4, ind=element("ind", firstLine=480))
    )


def _exact_body() -> str:
    spacing = element("spacing", line=560, lineRule="exact")
    return "".join(
        _text(f"第{n}条　{_CLAUSE}", 32, "仿宋_GB2312", spacing=spacing, ind=element("ind", firstLine=640))
        for n in range(1, 15)
    )


def _every_spacing() -> str:
    rules = ((360, "auto"), (300, "auto"), (480, "auto"), (400, "atLeast"), (240, "auto"))
    return "".join(
        _text(_CLAUSE, size, "仿宋_GB2312", spacing=element("spacing", line=line, lineRule=rule), ind=element("ind", firstLine=480))
        for line, rule in rules
        for size in (28, 24, 28, 24)
    )  # fmt: skip


def _tabs_and_words() -> str:
    def tabbed(text: str, kind: str, place: int, leader: str) -> str:
        stop = f"<w:tabs>{element('tab', val=kind, leader=leader, pos=place)}</w:tabs>"
        return _text(text, tabs=stop)

    contents = [tabbed(f"第{n}章　总则\t{n * 3}", "right", 8296, "dot") for n in range(1, 9)]
    parties = tabbed("甲方（盖章）：\t乙方（盖章）：", "left", 4200, "none")
    mixed = _text(
        f"{_CLAUSE}The unit shall rectify within 30 days（Article 60）；按GB 50016—2014第5.5.3条处理。{_CLAUSE}"
    )
    ways = [_text(_CLAUSE, jc=element("jc", val=how)) for how in ("distribute", "left", "both")]
    return "".join([*contents, parties, _text(_ENGLISH * 4), mixed, *ways])
