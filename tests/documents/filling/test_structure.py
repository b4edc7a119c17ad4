"""Loops and conditions leave a Word file that Word opens without repair, whatever they take away or repeat."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree

from formsvc.documents.checking.contract import template_faults
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.docx_xml import cell, row, table
from formsvc.documents.generated.gbt9704 import word_document
from formsvc.documents.templates.docx_file import WordFile
from formsvc.docxpdf.opc.xml import W
from formsvc.errors import Fault
from tests.support.docx_samples.raw_xml import paragraph, relation, run, word_file
from tests.support.docx_samples.simple import TAGS, changed, texts_of
from tests.support.docx_validity import word_faults


def text(words: str) -> str:
    return paragraph(run(words))


def document(body: str) -> bytes:
    return word_document(body + text("（虚构）"))


def filled(body: str, **values: Any) -> bytes:
    return fill(document(body), values, TAGS)


def root_of(word: bytes, name: str = "word/document.xml") -> etree._Element:
    return etree.fromstring(WordFile.from_bytes(word).parts[name])


ITEMS = [{"a": "甲一", "b": "甲二"}, {"a": "乙一", "b": "乙二"}]
ONE_ROW = table([row([cell(text("{%tr for r in items %}"), 2000)]), row([cell(text("{{ r.a }}"), 2000)]),
                 row([cell(text("{%tr endfor %}"), 2000)])], [2000])  # fmt: skip
CONDITION = text("{%p if x %}") + text("{{ x }}") + text("{%p endif %}")
VANISHING = {
    "a cell that is nothing but a condition": table([row([cell(CONDITION, 2000), cell(text("旁"), 2000)])], [2000, 2000]),
    "a row of such cells": table([row([cell(CONDITION, 2000), cell(CONDITION, 2000)])], [2000, 2000]),
    "a cell that ends with a table": table(
        [row([cell(table([row([cell(text("内"), 900)])], [900]) + CONDITION, 2000)])], [2000]
    ),
    "a table of nothing but rows of a list": ONE_ROW,
    "such a table within a cell": table([row([cell(ONE_ROW + CONDITION, 2000)])], [2000]),
    "a table that vanishes by its rows' condition": table(
        [row([cell(text("{%tr if x %}"), 2000)]), row([cell(text("行"), 2000)]), row([cell(text("{%tr endif %}"), 2000)])],
        [2000],
    ),
}  # fmt: skip


@pytest.mark.parametrize("body", VANISHING.values(), ids=VANISHING.keys())
@pytest.mark.parametrize(
    "values", [{"x": "", "items": []}, {"x": "有", "items": ITEMS}], ids=["none", "some"]
)
def test_what_vanishes_leaves_cells_and_tables_whole(body: str, values: dict[str, Any]) -> None:
    assert word_faults(filled(body, **values)) == []


def test_a_foot_may_lose_its_only_paragraph() -> None:
    template = document("")
    name = "word/footer1.xml"
    emptied = re.sub(
        r"(<w:(ftr|hdr)[^>]*>).*(</w:\2>)", rf"\1{CONDITION}\3", _xml(template, name), flags=re.S
    )
    word = fill(changed(template, {name: emptied.encode()}), {"x": ""}, TAGS)
    assert word_faults(word) == []


def _xml(word: bytes, name: str) -> str:
    return WordFile.from_bytes(word).parts[name].decode()


def test_an_empty_cell_is_as_high_as_its_row() -> None:
    small = run("旁", '<w:sz w:val="15"/>')
    body = table([row([cell(paragraph(small), 2000), cell(CONDITION, 2000)])], [2000, 2000])
    empty = root_of(filled(body, x="")).findall(f".//{W}tc")[1].find(f"{W}p")
    assert empty is not None
    assert [e.get(f"{W}val") for e in empty.iter(f"{W}sz")] == ["15"]


def follower_of(element: etree._Element) -> str:
    follower = element.getnext()
    return "" if follower is None else str(follower.tag)


def test_tables_of_a_loop_stay_apart_and_those_put_together_stay_together() -> None:
    one = table([row([cell(text("{{ r.a }}"), 2000)])], [2000])
    body = text("{%p for r in items %}") + one + text("{%p endfor %}")
    tables = root_of(filled(body, items=ITEMS)).findall(f".//{W}tbl")
    assert len(tables) == len(ITEMS)
    assert [follower_of(t) for t in tables] == [f"{W}p"] * len(ITEMS)
    together = root_of(filled(one.replace("{{ r.a }}", "上") + one.replace("{{ r.a }}", "{{ x }}"), x="下"))
    first = together.find(f".//{W}tbl")
    assert first is not None
    assert follower_of(first) == f"{W}tbl"


def test_bookmarks_controls_and_paragraph_ids_of_a_loop_are_unique() -> None:
    mark = '<w:bookmarkStart w:id="3" w:name="这里"/>' + run("{{ r.a }}") + '<w:bookmarkEnd w:id="3"/>'
    control = (
        '<w:sdt><w:sdtPr><w:id w:val="77"/></w:sdtPr><w:sdtContent>' + run("控件") + "</w:sdtContent></w:sdt>"
    )
    body = text("{%p for r in items %}") + paragraph(mark + control) + text("{%p endfor %}")
    word = filled(body, items=ITEMS)
    assert word_faults(word) == []
    root = root_of(word)
    assert len(root.findall(f".//{W}bookmarkStart")) == len(root.findall(f".//{W}bookmarkEnd")) == 1
    assert len(root.findall(f".//{W}sdtPr/{W}id")) == 1


def errors_of(body: str) -> list[Fault]:
    faults = template_faults(document(body), None, "试.docx")
    return [fault for fault in faults if fault.level == "error"]


PICTURE = '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"/></w:drawing></w:r>'
NOTE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
CARRIED = {
    "a page break": ('<w:r><w:br w:type="page"/></w:r>', "", "分页符"),
    "a column break": ('<w:r><w:br w:type="column"/></w:r>', "", "分栏符"),
    "a page before": ("", "<w:pageBreakBefore/>", "段前分页"),
    "a section": ("", "<w:sectPr/>", "分节符"),
    "a picture": (PICTURE, "", "图片"),
    "a note": (NOTE, "", "脚注"),
}


@pytest.mark.parametrize(("content", "properties", "said"), CARRIED.values(), ids=CARRIED.keys())
def test_what_would_vanish_with_a_tag_is_an_error(content: str, properties: str, said: str) -> None:
    end = text("甲") + text("{%p endif %}")
    (fault,) = errors_of(paragraph(run("{%p if 1 %}") + content, properties) + end)
    assert said in fault.message
    assert "{%p if 1 %}" in fault.message
    # beside a tag that takes nothing away, and in a paragraph of its own, it may stand
    assert errors_of(paragraph(run("{% if 1 %}甲{% endif %}") + content, properties)) == []
    assert (
        errors_of(text("{%p if 1 %}") + paragraph(run("甲") + content, properties) + text("{%p endif %}"))
        == []
    )
    assert errors_of(text("{%p if 1 %}") + paragraph(run("甲"), '<w:pageBreakBefore w:val="0"/>') + text("{%p endif %}")) == []  # fmt: skip


def cells(*texts: str) -> str:
    return table([row([cell(text(words), 2000) for words in texts])], [2000] * len(texts))


def boxed(words: str) -> str:
    return f'<w:p><w:r><w:pict><v:textbox xmlns:v="urn:schemas-microsoft-com:vml"><w:txbxContent>{text(words)}</w:txbxContent></v:textbox></w:pict></w:r></w:p>'


APART = {
    "from one cell to another": cells("{% for r in (1, 2) %}{{ r }}", "{{ r }}{% endfor %}"),
    "a condition over two cells": cells("{% if 1 %}甲", "乙{% endif %}"),
    "from a cell to the text after the table": cells("{% if 1 %}甲") + text("乙{% endif %}"),
    "from the text into a box": text("{% if 1 %}甲") + boxed("乙{% endif %}"),
    "whole paragraphs into another cell": cells("{%p if 1 %}", "{%p endif %}"),
    "whole paragraphs into a box": text("{%p if 1 %}") + boxed("{%p endif %}"),
}


@pytest.mark.parametrize("body", APART.values(), ids=APART.keys())
def test_a_loop_begins_and_ends_in_one_cell_or_box(body: str) -> None:
    assert [fault for fault in errors_of(body) if "不在同一个单元格" in fault.message]


def test_loops_within_one_cell_over_paragraphs_or_over_rows_are_fine() -> None:
    rows = [row([cell(text(t), 2000)]) for t in ("{%tr for r in (1, 2) %}", "{{ r }}", "{%tr endfor %}")]
    for body in (
        cells("{% for r in (1, 2) %}{{ r }}{% endfor %}", "乙"),
        cells("{%p if 1 %}", "乙").replace(
            "</w:p></w:tc>", f"</w:p>{text('甲')}{text('{%p endif %}')}</w:tc>", 1
        ),
        table(rows, [2000]),
    ):
        assert errors_of(body) == []


def test_words_beside_a_tag_that_takes_the_row_away_are_an_error() -> None:
    lost = [row([cell(text("{%tr for r in (1, 2) %}"), 900), cell(text("合计"), 900)]),
            row([cell(text("{{ r }}"), 900), cell(text("元"), 900)]),
            row([cell(text("{%tr endfor %}"), 900), cell(text(""), 900)])]  # fmt: skip
    (fault,) = errors_of(table(lost, [900, 900]))
    assert "“合计”" in fault.message


def test_a_note_in_a_loop_is_an_error() -> None:
    loop = text("{%p for r in (1, 2) %}") + paragraph(run("{{ r }}") + NOTE) + text("{%p endfor %}")
    (fault,) = errors_of(loop)
    assert "脚注" in fault.message
    assert errors_of(paragraph(run("甲") + NOTE)) == []


ABSTRACT = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)
NUMBERED = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'


def with_lists(body: str) -> bytes:
    xml = f'<w:numbering xmlns:w="{W[1:-1]}">{ABSTRACT}</w:numbering>'
    return word_file(
        body,
        parts={"word/numbering.xml": xml},
        relations=relation("n1", "numbering", "numbering.xml"),
    )


def item(words: str) -> str:
    return paragraph(run(words), NUMBERED)


def numbers(word: bytes) -> list[str]:
    """The list of each numbered paragraph, in the order in which they come."""
    found = [e.get(f"{W}val") for e in root_of(word).iter(f"{W}numId")]
    return [str(found.index(n)) for n in found]


LOOP, END = text("{%p for r in items %}"), text("{%p endfor %}")
INNER = text("{%p for s in r.rows %}") + item("{{ s }}") + text("{%p endfor %}")
LISTS = {
    "a heading and its items": (LOOP + text("{{ r.a }}") + item("一") + item("二") + END, "0022"),
    "a heading and items of a loop": (LOOP + text("{{ r.a }}") + INNER + END, "0022"),
    "the rounds themselves": (LOOP + item("{{ r.a }}") + END, "00"),
    "the rounds with words after": (LOOP + item("{{ r.a }}") + text("说明") + END, "00"),
    "one that goes on outside": (item("前") + LOOP + text("{{ r.a }}") + item("一") + item("二") + END, "00000"),
    "a column of row numbers": (
        table([row([cell(LOOP.replace("%p", "%tr"), 900)]), row([cell(item(""), 900), cell(text("{{ r.a }}"), 900)]),
               row([cell(END.replace("%p", "%tr"), 900)])], [900, 900]), "00"),
    "a list in the cell of each row": (
        table([row([cell(LOOP.replace("%p", "%tr"), 900)]), row([cell(INNER, 900)]),
               row([cell(END.replace("%p", "%tr"), 900)])], [900]), "0022"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), LISTS.values(), ids=LISTS.keys())
def test_a_list_begins_again_in_each_round_where_it_numbers_what_is_in_it(body: str, expected: str) -> None:
    rows = [{**one, "rows": ["子一", "子二"]} for one in ITEMS]
    assert "".join(numbers(fill(with_lists(body + text("完")), {"items": rows}, TAGS))) == expected


def test_each_list_of_its_own_begins_with_its_first_number() -> None:
    body = LISTS["a heading and its items"][0]
    root = root_of(fill(with_lists(body), {"items": ITEMS * 2}, TAGS), "word/numbering.xml")
    instances = root.findall(f"{W}num")
    assert [n.get(f"{W}numId") for n in instances] == ["1", "2", "3", "4"]
    starts = [e.get(f"{W}val") for n in instances[1:] for e in n.iter(f"{W}startOverride")]
    assert starts == ["1", "1", "1"]


INDENTED = '<w:ind w:firstLineChars="200"/>'


def test_each_line_of_a_long_answer_is_a_paragraph_with_its_indent() -> None:
    body = paragraph(run("说明：") + run("{{ x }}", "<w:b/>") + run("（完）"), INDENTED)
    word = filled(body, x="第一行\n第二行\n第三行")
    assert texts_of(word)[:3] == ["说明：第一行", "第二行", "第三行（完）"]
    lines = root_of(word).findall(f".//{W}p")[:3]
    assert all(line.find(f"{W}pPr/{W}ind") is not None for line in lines)
    assert all(line.find(f".//{W}b") is not None for line in lines)
    assert word_faults(word) == []


def test_lines_stay_in_one_paragraph_where_it_is_centred_or_numbered() -> None:
    for properties in ('<w:jc w:val="center"/>', NUMBERED, '<w:pStyle w:val="Title"/>'):
        word = filled(paragraph(run("{{ x }}"), properties), x="一\n二")
        assert texts_of(word)[0] == "一\n二"


def test_the_end_of_a_section_and_a_break_before_stay_at_their_ends() -> None:
    body = paragraph(run("{{ x }}"), "<w:pageBreakBefore/><w:sectPr/>")
    first, second = root_of(filled(body, x="一\n二")).findall(f".//{W}p")[:2]
    assert first.find(f"{W}pPr/{W}pageBreakBefore") is not None
    assert first.find(f"{W}pPr/{W}sectPr") is None
    assert second.find(f"{W}pPr/{W}pageBreakBefore") is None
    assert second.find(f"{W}pPr/{W}sectPr") is not None
