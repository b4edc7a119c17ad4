"""Drafted templates: the wording of a skeleton, optional clauses that vanish, the page of GB/T 9704."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from formsvc.documents.checking.contract import bare_context, check_contract, example_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.scaffold import scaffold
from formsvc.documents.generated.scaffold_sentences import sentence
from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.documents.templates.inspection import inspect_template
from formsvc.docxpdf.opc.xml import W
from tests.support.docx_samples.simple import TAGS, definition, texts_of

SKELETONS = {
    "T22": [
        "责令限期改正通知书",
        "{doc_no}",
        "{party_name}：",
        "{authority_text}，于{check_date}检查，发现下列违法行为：",
        "{hazards}",
        "{remedy}",
        "执法人员：{officers}",
        "{issuer_name}（印章）",
        "{issue_date}",
        "签收：________",
    ],
    "T07": [
        "关于明确{town_name}消防工作责任人的通知",
        "{doc_no}",
        "各村（社区）：",
        "一、第一责任人：{first_name}（{first_title}）。",
        "本通知自{effective_date}起施行。{supersede}",
        "{issuer_name}",
        "{issue_date}",
    ],
    "T15": [
        "消防安全检查记录",
        "{doc_no}",
        "单位：{party_name}　代码：{party_code}",
        "情况：{items}",
        "（拒签：{refuse_sign}）",
    ],
}
FORMATS = {"T22": "F-ENF", "T07": "F-DOC", "T15": "F-FORM"}
ORDER = [
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
]


def drafted(form: str) -> bytes:
    return scaffold(definition(form), SKELETONS[form], FORMATS[form])


@pytest.mark.parametrize("form", SKELETONS)
def test_a_draft_passes_its_own_checks(form: str) -> None:
    assert inspect_template(drafted(form)) == []
    assert [f for f in check_contract(drafted(form), definition(form)) if f.level == "error"] == []


@pytest.mark.parametrize("form", SKELETONS)
def test_a_draft_is_the_same_each_time(form: str) -> None:
    assert drafted(form) == drafted(form)


def test_optional_paragraphs_and_clauses_leave_nothing_behind() -> None:
    texts = texts_of(fill(drafted("T22"), bare_context(definition("T22")), TAGS))
    assert not [text for text in texts if "None" in text or "{" in text]
    record = texts_of(fill(drafted("T15"), {**bare_context(definition("T15")), "party_name": "某店"}, TAGS))
    assert "单位：某店" in record
    assert not any("拒签" in text for text in record)


def test_rows_become_one_numbered_sentence() -> None:
    texts = texts_of(fill(drafted("T22"), example_context(definition("T22")), TAGS))
    assert any(re.match(r"1\..+；2\..+（含当日）$", text) for text in texts)


def test_clauses_of_empty_fields_go_with_their_mark() -> None:
    fields = {field.key: field for field in definition("T01").fields}
    text = sentence("二、委托权限。{powers}；委托对象不包括{exclude}。受委托组织不得再委托。", fields)
    assert text.lead_in == "二、委托权限。"
    assert (
        text.text
        == "{{ powers }}{% if exclude %}；委托对象不包括{{ exclude }}{% endif %}。受委托组织不得再委托。"
    )


@pytest.mark.parametrize("form", SKELETONS)
def test_the_page_is_that_of_the_standard(form: str) -> None:
    root = parse_part(WordFile.from_bytes(drafted(form)).parts["word/document.xml"])
    size, margins, grid = (next(root.iter(f"{W}{name}")) for name in ("pgSz", "pgMar", "docGrid"))
    assert [size.get(f"{W}{side}") for side in ("w", "h")] == ["11906", "16838"]
    assert [
        round(int(margins.get(f"{W}{side}", 0)) / 56.7) for side in ("top", "bottom", "left", "right")
    ] == [
        37,
        35,
        28,
        26,
    ]
    assert (grid.get(f"{W}type"), grid.get(f"{W}linePitch")) == ("linesAndChars", "579")


@pytest.mark.parametrize("form", SKELETONS)
def test_paragraph_properties_stand_in_the_order_of_the_schema(form: str) -> None:
    for part in ("word/document.xml", "word/styles.xml"):
        for properties in parse_part(WordFile.from_bytes(drafted(form)).parts[part]).iter(f"{W}pPr"):
            names = [etree.QName(child).localname for child in properties]
            assert names == sorted(names, key=ORDER.index)


def test_the_red_head_and_the_imprint() -> None:
    form = definition("T07")
    context = {**example_context(form), "issuer_name": "东河镇人民政府", "copies_line": "抄送：北林区司法局"}
    texts = texts_of(fill(drafted("T07"), context, TAGS))
    assert texts[0] == "东河镇人民政府文件"
    assert "抄送：北林区司法局。" in texts
    bare = texts_of(fill(drafted("T07"), {**context, "copies_line": ""}, TAGS))
    assert not any(text.startswith("抄送") for text in bare)


@pytest.mark.parametrize("form", ["T22", "T07"])
def test_signature_and_date_stay_with_the_last_lines(form: str) -> None:
    root = parse_part(
        WordFile.from_bytes(fill(drafted(form), example_context(definition(form)), TAGS)).parts[
            "word/document.xml"
        ]
    )
    lines = list(root.iter(f"{W}p"))
    signed = next(
        n
        for n, p in enumerate(lines)
        if p.find(f"{W}pPr/{W}pStyle[@{W}val='Dated']") is not None
        or p.find(f"{W}pPr/{W}pStyle[@{W}val='SealedSignature']") is not None
    )
    assert all(p.find(f"{W}pPr/{W}keepNext") is not None for p in lines[signed - 3 : signed])
