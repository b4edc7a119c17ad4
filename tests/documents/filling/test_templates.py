"""The templates of the project, with the worked cases and with long and empty ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

from formsvc.documents.checking.contract import check_contract, minimal_context
from formsvc.documents.filling.fill import fill
from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.documents.templates.inspection import inspect_template
from formsvc.docxpdf.opc.xml import W
from formsvc.domain.authorities import Circumstances, KnownDocument
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from tests.support.document_text import missing_paragraphs, squeezed
from tests.support.docx_samples.simple import ROOT, TAGS, definition, texts_of

CASES = {
    c["id"]: c
    for file in ("examples.json", "receipts.json", "later_cases.json", "person_cases.json")
    for c in json.loads((ROOT / "tests/cases" / file).read_text(encoding="utf-8"))["cases"]
}
FORMS = {
    "T01": "EX01",
    "T02": "EX02",
    "T07": "EX03",
    "T08": "EX04",
    "T14": "EX06",
    "T15": "EX07",
    "T21": "EX08",
    "T22": "EX09",
    "T23": "EX11",
    "T24": "EX10",
    "T34": "SV09",
    "T06": "EX49",
    "T25": "EX16",
    "T25B": "EX17",
    "T28": "EX19",
    "T33": "EX50",
    "T36": "EX22",
    "T48": "EX51",
    "T50": "EX42",
}


BY_NUMBER = {c["fields"]["doc_no"]: c for c in CASES.values() if "doc_no" in c["fields"]}


@cache
def issued(number: str) -> KnownDocument | None:
    """A worked case as the store has it once issued: with the answers that were computed."""
    if (case := BY_NUMBER.get(number)) is None:
        return None
    fields = case["fields"]
    computed = {k: v for k, v in values_of(case).items() if v not in (None, "", [])}
    return KnownDocument(
        number, case["title"], fields["issue_date"], "", case["act"], "issued", {**fields, **computed}
    )


def circumstances() -> Circumstances:
    """The end of September 2026, when the worked cases have been issued."""
    return Circumstances(
        today=date(2026, 9, 30),
        calendar=OFFICIAL.with_weekends_for_missing_years(),
        find_document=issued,
    )


def values_of(case: dict[str, Any]) -> Mapping[str, Any]:
    """What a worked case answers and what is computed from that."""
    kind = definition(case["act"])
    return evaluate(kind, case["fields"], circumstances(), authority=False, strict_keys=False).values


def template_of(form: str) -> bytes:
    return (ROOT / "doc_templates" / f"{form}.docx").read_bytes()


def context_of(form: str, **changes: Any) -> dict[str, Any]:
    """What the template sees of the worked case, with values changed."""
    case, kind = CASES[FORMS[form]], definition(form)
    number = case["fields"].get("doc_no", "")
    context = document_context(kind, values_of(case), number, circumstances())
    return {**context, **_computed(case, context), **changes}


def _computed(case: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """Sentences that depend on the registers of an office, as the case has them."""
    return {k: v for k, v in case["fields"].items() if isinstance(v, str) and k in context and not context[k]}


def paragraphs_of(form: str, **changes: Any) -> list[str]:
    return [squeezed(text) for text in texts_of(fill(template_of(form), context_of(form, **changes), TAGS))]


@pytest.mark.parametrize("form", FORMS)
def test_a_template_has_no_faults(form: str) -> None:
    assert inspect_template(template_of(form)) == []
    assert [f for f in check_contract(template_of(form), definition(form)) if f.level == "error"] == []


@pytest.mark.parametrize("form", FORMS)
def test_every_paragraph_of_the_worked_case_stands_as_whole_paragraphs(form: str) -> None:
    copies = definition(form).copies
    last = paragraphs_of(form, copy_title=copies[-1].title) if copies else paragraphs_of(form)
    assert missing_paragraphs(CASES[FORMS[form]]["text"], last) == []


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_the_machinery_shows_when_everything_optional_is_empty(form: str) -> None:
    texts = texts_of(fill(template_of(form), minimal_context(definition(form)), TAGS))
    for text in texts:
        assert not any(
            mark in text for mark in ("None", "{", "}", "，，", "；；", "；。", "（）", "：，", "、、")
        ), text


def test_the_entrustment_without_exclusions() -> None:
    (powers,) = [t for t in paragraphs_of("T01", exclude="") if t.startswith("二、委托权限")]
    assert "责令改正。受委托组织不得" in powers


def test_the_entrustment_lists_matters_and_officers() -> None:
    texts = paragraphs_of("T01")
    assert {"委托事项清单", "WT05", "受委托组织行政执法人员名单", "FAKE23120200002"} <= set(texts)


def test_the_notice_without_materials_still_asks_for_somebody_to_be_there() -> None:
    assert "四、请安排负责人或者消防安全管理人在场。" in paragraphs_of("T14", materials=[])


def test_copies_are_named_once() -> None:
    assert "抄送：北林区司法局。" in paragraphs_of("T07", copies_line="北林区司法局")
    assert "抄送：北林区司法局。" in paragraphs_of("T07", copies_line="抄送：北林区司法局。")
    assert not any(t.startswith("抄送") for t in paragraphs_of("T07", copies_line=""))


def test_the_record_without_code_area_and_storeys() -> None:
    texts = paragraphs_of("T15", legal_rep_title="", bldg_area="", floors="", height="", fire_mgr="")
    assert "☐重点单位☑一般单位☐九小场所☐居民住宅☐村居☐其他" in texts
    assert {"建筑面积", "层数", "高度", "消防安全管理人"}.isdisjoint(texts)


def test_the_record_of_an_inspection_that_found_nothing() -> None:
    texts = paragraphs_of("T15", hazards=[], no_hazard=True, result=["未发现问题"], result_text="")
    assert "未发现问题。" in texts and "本次检查未发现消防安全违法行为和火灾隐患。" in texts
    assert {"发现的消防安全违法行为和火灾隐患", "改正措施和期限"}.isdisjoint(texts)


def test_other_results_are_printed_as_they_are_called() -> None:
    texts = paragraphs_of("T15", result=["责令立即改正", "移送"], result_text="", transfer_to="应急管理局")
    assert "对第1、2项责令立即改正，移送。受移送机关：应急管理局。" in texts


def test_a_refusal_to_sign_is_printed_only_when_there_is_one() -> None:
    assert "（拒绝签名的，注明：拒不签名）" in paragraphs_of("T15", refuse_sign="拒不签名")
    assert not any("拒绝签名" in text for text in paragraphs_of("T15", refuse_sign=""))


def many(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    return [{**copy.deepcopy(rows[n % len(rows)]), "no": str(n + 1)} for n in range(count)]


@pytest.mark.parametrize(("count", "listed"), [(3, False), (9, False), (10, True), (60, True)])
def test_many_hazards_get_a_list_whose_head_repeats(count: int, listed: bool) -> None:
    context = context_of("T22")
    word = fill(template_of("T22"), {**context, "hazards": many(context["hazards"], count)}, TAGS)
    root = parse_part(WordFile.from_bytes(word).parts["word/document.xml"])
    assert ("责令改正事项清单" in texts_of(word)) is listed
    assert len(list(root.iter(f"{W}tr"))) == (count + 1 if listed else 0)
    assert len(list(root.iter(f"{W}tblHeader"))) == (1 if listed else 0)


LISTED = (
    ("T01", "matters", "一、委托事项。共10项，事项及其依据见附件1《委托事项清单》。", "委托事项清单"),
    (
        "T15",
        "hazards",
        "共10项，逐项载明于后附《违法行为和火灾隐患明细》，明细是本记录的组成部分。",
        "违法行为和火灾隐患明细",
    ),
    (
        "T22",
        "hazards",
        "共10项，违法行为、违反的条款、改正措施和期限逐项载明于所附《责令改正事项清单》，清单是本通知书的组成部分。",
        "责令改正事项清单",
    ),
)


@pytest.mark.parametrize(("form", "field", "sentence", "table"), LISTED)
def test_more_than_nine_items_stand_in_the_table_alone(
    form: str, field: str, sentence: str, table: str
) -> None:
    rows = context_of(form)[field]
    nine, ten = (paragraphs_of(form, **{field: many(rows, count)}) for count in (9, 10))
    assert sentence in ten
    assert sentence.replace("10", "9") not in nine
    assert any(text.startswith("9.") for text in nine)
    assert not any(text.startswith("9.") for text in ten)
    assert table in ten


@pytest.mark.parametrize(("form", "opening"), [("T01", "八、"), ("T07", "本通知自"), ("T22", "执法人员：")])
def test_the_last_paragraph_stays_with_the_signature(form: str, opening: str) -> None:
    root = parse_part(WordFile.from_bytes(template_of(form)).parts["word/document.xml"])
    (last,) = [p for p in root.iter(f"{W}p") if "".join(map(str, p.itertext())).startswith(opening)]
    assert last.find(f"{W}pPr/{W}keepNext") is not None


@pytest.mark.parametrize(("form", "field"), [("T15", "hazards"), ("T21", "hazards"), ("T22", "hazards"), ("T23", "hazards"), ("T24", "results")])  # fmt: skip
@pytest.mark.parametrize("count", [1, 5, 9, 10, 30])
def test_no_fact_is_printed_twice(form: str, field: str, count: int) -> None:
    rows = [
        {**row, "desc": f"第{n}处占用疏散通道（虚构）"}
        for n, row in enumerate(many(context_of(form)[field], count), 1)
    ]
    text = "".join(paragraphs_of(form, **{field: rows}))
    assert [text.count(row["desc"]) for row in rows] == [1] * count


@pytest.mark.parametrize("form", FORMS)
def test_no_note_of_the_model_forms_stands_on_a_finished_document(form: str) -> None:
    assert f"{context_of(form)['issuer_name']}（印章）" not in paragraphs_of(form)


@pytest.mark.parametrize("form", ["T21", "T22", "T23", "T24", "T25B", "T50"])
def test_only_the_copy_for_the_file_has_the_receipt(form: str) -> None:
    party, filed = (paragraphs_of(form, copy_title=copy.title) for copy in definition(form).copies)
    assert any(text.startswith("本") and "一式两份，一份交" in text for text in party)
    assert not any("签收" in text for text in party)
    receipt = [text for text in filed if "签收" in text]
    assert receipt and receipt[0].endswith(("日", "时"))
    # nothing else differs but the name of the copy
    assert [t.split("联）")[-1] for t in filed if t not in receipt] == party


def test_the_order_without_remedy_has_no_empty_paragraph_for_it() -> None:
    assert not any("行政复议" in text for text in paragraphs_of("T22", remedy=""))


@pytest.mark.parametrize("form", FORMS)
def test_a_filled_document_is_the_same_each_time(form: str) -> None:
    context = context_of(form)
    assert fill(template_of(form), context, TAGS) == fill(template_of(form), context, TAGS)
