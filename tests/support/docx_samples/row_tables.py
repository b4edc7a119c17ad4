"""Tables of many kinds that run over a page end, to compare two ways to lay out their rows."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.support.docx_samples.raw_xml import (
    GB_PAGE,
    paragraph,
    part,
    relation,
    run,
    seal,
    seal_picture,
    word_file,
)

_WIDTHS = (1200, 4000, 3000)
_SMALL = '<w:sz w:val="21"/>'
_WORDS = "经检查发现该场所疏散通道被杂物堵塞，宽度不足1.4米，违反《中华人民共和国消防法》第二十八条的规定；"


def text(length: int, properties: str = "", look: str = "") -> str:
    """A paragraph of so many characters of law."""
    words = (_WORDS * (length // len(_WORDS) + 1))[:length]
    return paragraph(run(words, _SMALL + look) if words else "", properties)


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def ruled(*rows: str, properties: str = "", widths: tuple[int, ...] = _WIDTHS) -> str:
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f"<w:tbl><w:tblPr>{properties}<w:tblBorders>{sides}</w:tblBorders></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def plain(number: int, properties: str = "", of_cell: str = "", of_text: str = "") -> str:
    """A row with a number, a text of one to four lines, and a note."""
    parts = (paragraph(run(str(number), _SMALL)), text(9 + number * 17 % 60, of_text), text(number % 5))
    return row(*(cell(content, of_cell) for content in parts), properties=properties)


def many(properties: str = "", of_cell: str = "", of_text: str = "", count: int = 26) -> list[str]:
    return [plain(number, properties, of_cell, of_text) for number in range(count)]


def _among(odd: str, every: int = 5) -> str:
    rows = many()
    for place in range(every, len(rows), every):
        rows[place] = odd
    return ruled(*rows)


def _merged_down() -> str:
    rows = many()
    for place in range(4, len(rows) - 2, 6):
        for step, merge in enumerate(('<w:vMerge w:val="restart"/>', "<w:vMerge/>", "<w:vMerge/>")):
            content = (paragraph(run("合", _SMALL)), text(20 + step * 30), text(3))
            rows[place + step] = row(*(cell(x, merge if not n else "") for n, x in enumerate(content)))
    return ruled(*rows)


def _repeated_head(properties: str) -> str:
    return ruled(
        plain(1, f"{properties}<w:tblHeader/>"), plain(2, f"{properties}<w:tblHeader/>"), *many(properties)
    )


def _spread() -> str:
    """Rows with merged columns, columns left out, and several paragraphs of each alignment in a cell."""
    rows = []
    for kind in list(range(6)) * 4:
        align = ("left", "center", "right", "both")[kind % 4]
        place = ("top", "center", "bottom")[kind % 3]
        spaced = f'<w:spacing w:before="{kind % 3 * 60}" w:after="{kind % 4 * 40}"/><w:jc w:val="{align}"/>'
        wide = cell(
            text(kind % 40, spaced) + text(5, spaced) + paragraph("", spaced),
            f'<w:gridSpan w:val="2"/><w:vAlign w:val="{place}"/>',
        )
        high = f'<w:trHeight w:val="{400 + kind % 5 * 300}"/>'
        rows.append(
            row(wide, cell(text(4, spaced)), properties=high)
            if kind % 4
            else row(wide, properties=f'{high}<w:gridBefore w:val="1"/>')
        )
    return ruled(*rows)


def _looks() -> str:
    looks = (
        "<w:b/>",
        '<w:u w:val="single"/>',
        '<w:color w:val="C00000"/>',
        '<w:position w:val="6"/>',
        "<w:i/>",
        "<w:rtl/>",
    )
    return ruled(
        *(row(cell(text(8, look=look)), cell(text(40, look=look)), cell(text(0))) for look in looks * 4)
    )


def _borders() -> str:
    """Rows whose cells have borders of every style, several widths and colours, and none."""
    kinds = ("single", "double", "dashed", "dotted", "thick", "nil", "wave", "triple")
    rows = []
    for number in list(range(8)) * 3:
        sides = "".join(
            f'<w:{side} w:val="{kinds[(number + place) % 8]}" w:sz="{4 + (number + place) % 3 * 8}"'
            f' w:color="{("000000", "FF0000", "auto")[number % 3]}"/>'
            for place, side in enumerate(("top", "left", "bottom", "right"))
        )
        rows.append(plain(number, of_cell=f"<w:tcBorders>{sides}</w:tcBorders>"))
    return ruled(*rows)


def _footnotes() -> bytes:
    reference = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    note = f'<w:footnote w:id="1">{paragraph(run("脚注"))}</w:footnote>'
    odd = row(cell(text(5)), cell(paragraph(run("有注", _SMALL) + reference)), cell(text(5)))
    rows = [*many()[:15], odd, *many()[15:]]
    return word_file(
        ruled(*rows),
        parts={"word/footnotes.xml": part("footnotes", note)},
        relations=relation("n1", "footnotes", "footnotes.xml"),
    )


def _pictures() -> bytes:
    odd = row(
        cell(text(5)),
        cell(paragraph(run("章", _SMALL) + seal("p1", x_mm=2, y_mm=1, size_mm=12))),
        cell(text(5)),
    )
    return word_file(
        _among(odd),
        parts={"word/media/seal.png": seal_picture()},
        relations=relation("p1", "image", "media/seal.png"),
    )


def _inner_table() -> str:
    inner = ruled(row(cell(text(6)), cell(text(30))), row(cell(text(6)), cell(text(3))), widths=(1000, 2000))
    return _among(row(cell(text(5)), cell(inner + paragraph()), cell(text(5))))


_COLUMNS = GB_PAGE + '<w:cols w:num="2" w:space="400"/>'
_FLOATING = '<w:tblpPr w:vertAnchor="margin" w:horzAnchor="margin" w:tblpYSpec="bottom"/>'
_FILL = '<w:shd w:val="clear" w:color="auto" w:fill="D9D9D9"/>'

# Word files by what is special about them
TABLES: dict[str, Callable[[], bytes]] = {
    "rows that divide": lambda: word_file(ruled(*many())),
    "rows that stay whole": lambda: word_file(ruled(*many("<w:cantSplit/>"))),
    "a text before and after": lambda: word_file(text(200) + ruled(*many(count=24)) + text(300)),
    "rows kept with the next": lambda: word_file(ruled(*many("<w:cantSplit/>", of_text="<w:keepNext/>"))),
    "a paragraph kept with the table": lambda: word_file(
        "".join(text(60) for _ in range(9)) + text(9, "<w:keepNext/>") + ruled(*many("<w:cantSplit/>"))
    ),
    "repeated heads": lambda: word_file(_repeated_head("<w:cantSplit/>")),
    "repeated heads over divided rows": lambda: word_file(_repeated_head("")),
    "a row higher than a page": lambda: word_file(_among(row(cell(text(5)), cell(text(2600)), cell(text(1))), 10)),
    "merged rows": lambda: word_file(_merged_down()),
    "fills": lambda: word_file(_among(plain(7, of_cell=_FILL), 2)),
    "merged columns and alignments": lambda: word_file(_spread()),
    "borders": lambda: word_file(_borders()),
    "looks of text": lambda: word_file(_looks()),
    "exact rows": lambda: word_file(
        ruled(*many('<w:trHeight w:val="500" w:hRule="exact"/>')[:13], *many()[13:])
    ),
    "least heights": lambda: word_file(
        ruled(*many('<w:trHeight w:val="1300"/>', '<w:vAlign w:val="center"/>'))
    ),
    "inner tables": lambda: word_file(_inner_table()),
    "framed paragraphs": lambda: word_file(
        _among(plain(9, of_text='<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1"/></w:pBdr>'))
    ),
    "two columns": lambda: word_file(ruled(*many(), widths=(500, 1500, 1500)), section=_COLUMNS),
    "a table at the foot of the page": lambda: word_file(text(90) + ruled(*many(count=4), properties=_FLOATING, widths=(600, 1800, 1200)) + text(400)),
    "footnotes": _footnotes,
    "pictures": _pictures,
}  # fmt: skip


def random_tables(seed: int) -> bytes:
    """A document of paragraphs and tables, each property drawn by chance."""
    chance = random.Random(seed)

    def one_cell() -> str:
        spaced = (
            f'<w:spacing w:before="{chance.choice((0, 0, 40, 120))}" w:after="{chance.choice((0, 60))}"/>'
        )
        align = f'<w:jc w:val="{chance.choice(("left", "center", "right", "both"))}"/>'
        content = "".join(
            text(chance.choice((0, 3, 20, 50, 130)), spaced + align)
            for _ in range(chance.choice((1, 1, 1, 2, 3)))
        )
        place = f'<w:vAlign w:val="{chance.choice(("top", "center", "bottom"))}"/>'
        return cell(content, chance.choice(("", "", "", _FILL)) + place)

    def one_table() -> str:
        whole = chance.choice(("", "<w:cantSplit/>"))
        heads = chance.choice((0, 0, 1, 2))
        kinds = [[one_cell() for _ in _WIDTHS] for _ in range(4)]
        rows = []
        for number in range(chance.randint(1, 50)):
            high = chance.choice(
                ("", "", '<w:trHeight w:val="700"/>', '<w:trHeight w:val="500" w:hRule="exact"/>')
            )
            head = "<w:tblHeader/>" if number < heads else ""
            rows.append(row(*chance.choice(kinds), properties=f"{whole}{high}{head}"))
        return ruled(*rows)

    body = "".join(text(chance.randint(0, 500)) + one_table() for _ in range(chance.randint(1, 3)))
    return word_file(body + paragraph())
