"""Drafted templates: the wording of an outline, optional clauses that vanish, the page of GB/T 9704."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from formsvc.cli.main import main
from formsvc.documents.checking.contract import check_contract, example_context, minimal_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.scaffold import draft_template
from formsvc.documents.generated.scaffold_outline import outline_of
from formsvc.documents.generated.scaffold_sentences import make_sentence
from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.documents.templates.inspection import inspect_template
from formsvc.docxpdf.opc.xml import W
from tests.support.docx_samples.simple import TAGS, definition, texts_of
from tests.support.paths import ROOT

DEFINITIONS = ROOT / "form_definitions"
FORMS = sorted(file.stem for file in DEFINITIONS.glob("*.json"))
FORMATS = ("F-DOC", "F-LET", "F-PUB", "F-MIN", "F-ENF", "F-AGR", "F-FORM")
ONE_OF_EACH_FORMAT = ["T22", "T07", "T15"]
# the order of CT_PPr in ECMA-376 part 1, 17.3.1.26
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
    return draft_template(definition(form))


def draft_texts(form: str, **changes: object) -> list[str]:
    return texts_of(fill(drafted(form), {**example_context(definition(form)), **changes}, TAGS))


@pytest.mark.parametrize("form", FORMS)
def test_a_draft_of_every_definition_passes_all_checks(form: str) -> None:
    content = drafted(form)
    assert inspect_template(content) == []
    assert check_contract(content, definition(form)) == []


@pytest.mark.parametrize("document_format", FORMATS)
@pytest.mark.parametrize("form", ["T24", "T34"])
def test_every_definition_can_be_drafted_in_every_format(form: str, document_format: str) -> None:
    chosen = definition(form, format=document_format)
    assert [f for f in check_contract(draft_template(chosen), chosen) if f.level == "error"] == []


@pytest.mark.parametrize("document_format", FORMATS)
@pytest.mark.parametrize("title", ["附卷", '“附卷”及"存档"'])
def test_the_last_of_differing_copies_has_the_receipt(document_format: str, title: str) -> None:
    copies = [{"title": "交当事人"}, {"title": title}]
    chosen = definition("T24", format=document_format, copies=copies)
    draft, content = draft_template(chosen), example_context(chosen)
    assert [f for f in check_contract(draft, chosen) if f.level == "error"] == []
    party, filed = (texts_of(fill(draft, {**content, "copy_title": c.title}, TAGS)) for c in chosen.copies)
    assert not any("签收" in text for text in party)
    assert [text for text in filed if text not in party] == ["签收人：________　签收时间：____年__月__日"]


@pytest.mark.parametrize("copies", [[], [{"title": "交当事人", "count": 2}]])
def test_a_draft_has_no_receipt_where_all_copies_are_alike(copies: list[dict[str, object]]) -> None:
    texts = texts_of(draft_template(definition("T24", copies=copies)))
    assert not any("签收" in text or "copy_title" in text for text in texts)


@pytest.mark.parametrize("form", FORMS)
def test_empty_optional_fields_leave_nothing_behind(form: str) -> None:
    for text in texts_of(fill(drafted(form), minimal_context(definition(form)), TAGS)):
        assert not re.search(r"None|[{}]|：[；。]|；；|。。", text)


@pytest.mark.parametrize("form", ONE_OF_EACH_FORMAT)
def test_a_draft_is_the_same_each_time(form: str) -> None:
    assert drafted(form) == drafted(form)


def test_a_draft_prints_each_field_under_its_label() -> None:
    texts = draft_texts("T22")
    assert "住所（经营场所）：绥化市北林区东河镇中心街18号" in "".join(texts)
    assert any(text.startswith("一、检查。检查记录：") for text in texts)
    assert texts[-2:] == ["绥化市北林区消防救援大队", "2026年9月21日"]


def test_rows_become_one_numbered_sentence() -> None:
    assert any(re.search(r"1\..+；2\..+（含当日）。$", text) for text in draft_texts("T22"))


def test_wide_rows_of_a_record_become_a_table_of_their_own() -> None:
    texts = draft_texts("T15")
    heading = texts.index("检查项")
    assert texts[heading + 1 : heading + 6] == ["序号", "检查项目", "组别", "检查结果", "备注"]


def test_unnumbered_documents_have_no_line_for_the_number() -> None:
    assert outline_of(definition("T34")).number == ""
    assert not any("doc_no" in text for text in texts_of(drafted("T34")))


def test_clauses_of_empty_fields_go_with_their_mark() -> None:
    fields = {field.key: field for field in definition("T01").fields}
    sentence = make_sentence(
        "二、委托权限。{powers}；委托对象不包括{exclude}。受委托组织不得再委托。", fields
    )
    assert sentence.lead_in == "二、委托权限。"
    assert (
        sentence.text
        == "{{ powers }}{% if exclude %}；委托对象不包括{{ exclude }}{% endif %}。受委托组织不得再委托。"
    )


@pytest.mark.parametrize("form", ONE_OF_EACH_FORMAT)
def test_the_page_is_that_of_the_standard(form: str) -> None:
    root = parse_part(WordFile.from_bytes(drafted(form)).parts["word/document.xml"])
    size, margins, grid = (root.find(f".//{W}{name}") for name in ("pgSz", "pgMar", "docGrid"))
    assert size is not None and margins is not None and grid is not None
    assert [size.get(f"{W}{side}") for side in ("w", "h")] == ["11906", "16838"]
    sides = [round(int(margins.get(f"{W}{side}", "")) / 56.7) for side in ("top", "bottom", "left", "right")]
    assert sides == [37, 35, 28, 26]
    assert (grid.get(f"{W}type"), grid.get(f"{W}linePitch")) == ("linesAndChars", "579")


@pytest.mark.parametrize("form", ONE_OF_EACH_FORMAT)
def test_paragraph_properties_are_in_the_order_of_the_schema(form: str) -> None:
    for part in ("word/document.xml", "word/styles.xml"):
        for properties in parse_part(WordFile.from_bytes(drafted(form)).parts[part]).iter(f"{W}pPr"):
            names = [etree.QName(child).localname for child in properties]
            assert names == sorted(names, key=ORDER.index)


def test_the_red_head_and_the_imprint() -> None:
    names = {"issuer_name": "东河镇人民政府", "copies_line": "抄送：北林区司法局"}
    texts = draft_texts("T07", **names)
    assert texts[0] == "东河镇人民政府文件"
    assert "抄送：北林区司法局。" in texts
    without = draft_texts("T07", **{**names, "copies_line": ""})
    assert not any(text.startswith("抄送") for text in without)


@pytest.mark.parametrize("form", ["T22", "T07"])
def test_signature_and_date_stay_with_the_last_lines(form: str) -> None:
    word = fill(drafted(form), example_context(definition(form)), TAGS)
    lines = list(parse_part(WordFile.from_bytes(word).parts["word/document.xml"]).iter(f"{W}p"))
    styles = [p.find(f"{W}pPr/{W}pStyle") for p in lines]
    names = [style.get(f"{W}val") if style is not None else "" for style in styles]
    signed = next(n for n, name in enumerate(names) if name in ("Dated", "SealedSignature"))
    assert all(p.find(f"{W}pPr/{W}keepNext") is not None for p in lines[signed - 3 : signed])


def run(*words: str | Path, env: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(
        main, ["scaffold", *map(str, words)], env={"FORMSVC_DEFINITIONS": str(DEFINITIONS), **(env or {})}
    )
    return result.exit_code, result.output


def test_the_command_writes_the_draft(tmp_path: Path) -> None:
    output = tmp_path / "T22.docx"
    code, text = run(DEFINITIONS / "T22.json", "-o", output)
    assert (code, output.read_bytes()) == (0, drafted("T22"))
    assert text.startswith("已写出")


def test_the_command_overwrites_only_when_forced(tmp_path: Path) -> None:
    output = tmp_path / "T22.docx"
    output.write_bytes(b"finished in Word")
    code, text = run(DEFINITIONS / "T22.json", "-o", output)
    assert code == 2 and "已经有" in text and text.count("\n") == 1
    assert output.read_bytes() == b"finished in Word"
    assert run(DEFINITIONS / "T22.json", "-o", output, "--force")[0] == 0
    assert output.read_bytes() == drafted("T22")


def test_the_command_refuses_a_faulty_definition_in_one_sentence(tmp_path: Path) -> None:
    source = json.loads((DEFINITIONS / "T22.json").read_text(encoding="utf-8"))
    (tmp_path / "T22.json").write_text(json.dumps({**source, "format": "F-X"}), encoding="utf-8")
    code, text = run(tmp_path / "T22.json", "-o", tmp_path / "T22.docx")
    assert code == 1 and "T22.json /format “format”" in text
    (tmp_path / "T23.json").write_text("{", encoding="utf-8")
    assert run(tmp_path / "T23.json", "-o", tmp_path / "T23.docx")[0] == 1
    assert not list(tmp_path.glob("*.docx"))


@pytest.mark.parametrize(
    "words", [["missing.json", "-o", "a.docx"], [DEFINITIONS / "T22.json", "-o", "a.doc"]]
)
def test_the_command_refuses_a_wrong_call(tmp_path: Path, words: list[str | Path]) -> None:
    assert run(*words)[0] == 2
