"""A character that no font here can print is told at the field it was typed into, and never becomes an empty box."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from formsvc.demo.office import sample_actor
from formsvc.errors import InputRefused, Problem, RenderingFailed
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting import drafts
from formsvc.usecases.ports import DocumentMetadata
from tests.support.document_text import pdf_text, plain_word
from tests.support.docx_samples.raw_xml import paragraph, word_file
from tests.support.sample_office import CASES, furnished

UNKNOWN = "\ue123"
T22: dict[str, Any] = CASES["EX09"]["fields"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Ports:
    """A sample office."""
    return furnished(tmp_path_factory.mktemp("office"))


def filled(**changes: Any) -> dict[str, Any]:
    """The worked case with other answers."""
    answers = deepcopy(T22)
    answers["party_name"] = changes.get("party_name", answers["party_name"])
    if "desc" in changes:
        answers["hazards"][0]["desc"] = changes["desc"]
    return answers


def told_while_filling(office: Ports, answers: dict[str, Any]) -> tuple[str, list[Problem]]:
    """The draft's id, and what its drafter is told about characters."""
    staff = sample_actor(office, "staff")
    act = drafts.open_form(office, staff, "T22")
    saved = drafts.save_answers(office, staff, act.id, answers, version=act.version, strict_keys=False)
    return act.id, [p for p in saved.evaluation.problems if "没有字体能显示" in p.message]


@pytest.mark.parametrize(
    ("changes", "field", "label"),
    [
        ({"party_name": f"绥化市{UNKNOWN}某酒店"}, "party_name", "名称"),
        ({"desc": f"{UNKNOWN}通道堆放杂物，影响人员疏散。"}, "hazards.0.desc", "问题"),
    ],
)
def test_the_field_is_told_with_the_character_and_its_code_point(
    office: Ports, changes: dict[str, Any], field: str, label: str
) -> None:
    draft, told = told_while_filling(office, filled(**changes))
    assert [p.field for p in told] == [field]
    assert label in told[0].message.partition("”")[0]
    assert told[0].message.endswith(f"里的“{UNKNOWN}”（U+E123）没有字体能显示，印不出来。")
    assert "own 目录" in told[0].remedy
    with pytest.raises(InputRefused) as refused:
        drafts.submit(office, sample_actor(office, "staff"), draft)
    assert field in {p.field for p in refused.value.problems}


def test_a_rare_character_that_some_font_has_is_no_problem(office: Ports) -> None:
    _, told = told_while_filling(office, filled(party_name="绥化市䶮㛃𬭊𫖯𠅤酒店"))
    assert told == []


def test_a_preview_shows_the_place_and_a_final_document_is_refused(office: Ports) -> None:
    word = plain_word(f"甲{UNKNOWN}乙")
    assert pdf_text(office.renderer.pdf(word, DocumentMetadata("题", ""))) == "甲〓乙"
    with pytest.raises(RenderingFailed, match="U\\+E123"):
        office.renderer.pdf(word, DocumentMetadata("题", ""), final=True)


def _row(rule: str, words: str) -> bytes:
    cell = f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>{paragraph(words)}</w:tc>'
    row = f'<w:tr><w:trPr><w:trHeight w:val="640" w:hRule="{rule}"/></w:trPr>{cell}</w:tr>'
    return word_file(
        f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid>{row}</w:tbl>{paragraph()}'
    )


def test_a_final_document_with_words_cut_off_is_refused_with_the_place(office: Ports) -> None:
    long = "一层东侧安全出口被货架堵塞，二层灭火器压力不足，限三日内改正。"
    tags = DocumentMetadata("题", "")
    with pytest.raises(RenderingFailed, match="表1 第1行第1格.*放不下“一层东侧安全出口被货架堵….*没有编号"):
        office.renderer.pdf(_row("exact", long), tags, final=True)
    # a preview shows it; a row that may grow, or words that fit, are issued
    for word, final in (
        (_row("exact", long), False),
        (_row("atLeast", long), True),
        (_row("exact", "堵塞"), True),
    ):
        assert office.renderer.pdf(word, tags, final=final).startswith(b"%PDF")
