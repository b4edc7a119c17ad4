"""Text that a box of fixed size has no room for is named with its place, in documents and at a check of templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from formsvc.bootstrap import build_checker
from formsvc.documents.checking.check import check_paths, layout_warnings
from formsvc.docxpdf import PdfResult
from tests.support.docx_samples.raw_xml import paragraph, run, word_file
from tests.support.docx_samples.real_world import A4
from tests.support.made_up_kinds import kind
from tests.support.sample_office import settings_in

ToPdf = Callable[[bytes], PdfResult]
LONG = "一层东侧安全出口被货架堵塞，二层灭火器压力不足，限三日内改正。"
EMU = 12700


def row(words: str, rule: str = "exact", more: str = "", cell: str = "") -> str:
    content = f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/>{cell}</w:tcPr>{paragraph(words)}{more}</w:tc>'
    high = f'<w:trPr><w:trHeight w:val="640" w:hRule="{rule}"/></w:trPr>'
    grid = '<w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid>'
    return f"<w:tbl><w:tblPr/>{grid}<w:tr>{high}{content}</w:tr></w:tbl>{paragraph()}"


def box(words: str, fits: str = "", more: str = "") -> str:
    """A text box of 100 by 40 points."""
    size = f'<wp:extent cx="{100 * EMU}" cy="{40 * EMU}"/>'
    shape = f"<wps:wsp><wps:spPr/><wps:txbx><w:txbxContent>{paragraph(words)}{more}</w:txbxContent></wps:txbx><wps:bodyPr>{fits}</wps:bodyPr></wps:wsp>"
    return paragraph(
        f'<w:r><w:drawing><wp:inline>{size}<wp:docPr id="1" name="框"/><a:graphic><a:graphicData uri="wps">{shape}'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def old_box(words: str, fits: str = "") -> str:
    text = f'<v:textbox style="{fits}"><w:txbxContent>{paragraph(words)}</w:txbxContent></v:textbox>'
    return paragraph(f'<w:r><w:pict><v:shape style="width:100pt;height:40pt">{text}</v:shape></w:pict></w:r>')


def frame(words: str, rule: str = "exact") -> str:
    return paragraph(words, f'<w:framePr w:w="2000" w:h="640" w:hRule="{rule}"/>') + paragraph("正文")


VERTICAL = '<w:textDirection w:val="tbRlV"/>'


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (row(LONG), "表1 第1行第1格：这一格的高度是固定的，放不下“一层东侧安全出口被货架堵…”"),
        (box(LONG), "第1段“一层东侧安全出口被货架堵…”：文本框的大小是固定的"),
        (old_box(LONG), "第1段“一层东侧安全出口被货架堵…”：文本框的大小是固定的"),
        (frame(LONG), "图文框的高度是固定的"),
        (row(LONG * 3, cell=VERTICAL), "表1 第1行第1格：竖排的框太窄"),
    ],
)
def test_words_without_room_are_named_with_their_place(to_pdf: ToPdf, body: str, place: str) -> None:
    result = to_pdf(word_file(body, section=A4))
    assert len(result.cut) == 1 and place in result.cut[0], result.warnings
    assert set(result.cut) <= set(result.warnings)


@pytest.mark.parametrize(
    "body",
    [
        row(LONG, "atLeast"),
        row("堵塞"),
        row("堵塞", more=paragraph() * 4),
        row("堵塞", cell=VERTICAL),
        box("堵塞"),
        box("堵塞", more=paragraph() * 4),
        box(LONG, "<a:spAutoFit/>"),
        old_box("堵塞"),
        old_box(LONG, "mso-fit-shape-to-text:t"),
        frame("堵塞"),
        frame(LONG, "atLeast"),
    ],
)
def test_boxes_that_grow_and_words_with_room_are_not_named(to_pdf: ToPdf, body: str) -> None:
    assert to_pdf(word_file(body, section=A4)).cut == ()


def _write_kind(folder: Path, form: str, rule: str, most: int | None) -> Path:
    """A kind whose note stands in a row of this rule."""
    note = {"key": "note", "kind": "text", "label": "备注", **({"max": most} if most else {})}
    definition = kind(form, "格子函", note, numbering={"style": "none"})
    names = ("issuer_name", "issue_date", "drafter", "approver")
    body = paragraph(run("{{ " + " }}{{ ".join(names) + " }}")) + row("{{ note }}", rule)
    (folder / f"{form}.json").write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    (folder / f"{form}.docx").write_bytes(word_file(body, section=A4))
    return folder / f"{form}.json"


def test_a_check_measures_boxes_with_the_longest_values(tmp_path: Path) -> None:
    kinds = [
        _write_kind(tmp_path, "K81", "exact", None),
        # a row that grows, and a field as short as its cell is small
        _write_kind(tmp_path, "K82", "atLeast", None),
        _write_kind(tmp_path, "K83", "exact", 5),
    ]
    settings = settings_in(tmp_path / "office")
    checker = build_checker(settings)
    faults = check_paths(settings.definitions, settings.templates, kinds, checker)
    # the tags alone are no measure of what is filled in
    faults += layout_warnings(settings.templates, kinds, checker)
    assert [fault for fault in faults if fault.level == "error"] == []
    (notice,) = [fault for fault in faults if "固定" in fault.message]
    assert notice.file == "K81.docx" and notice.message.startswith("各项填到最长时，表1 第1行第1格：")
    assert "编号时会拒绝" in notice.message
