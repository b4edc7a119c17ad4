"""Rows as a table: where they fit one, with totals on the page, in the document and on paper to be filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from formsvc.documents.checking.contract import CIRCUMSTANCES, check_contract
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.scaffold import draft_template
from formsvc.domain.definition_loader import load_definition
from formsvc.domain.evaluation.blanks import with_blanks
from formsvc.domain.evaluation.evaluation import document_context
from formsvc.errors import DefinitionFaulty
from tests.support.circumstances import read_folder
from tests.support.docx_samples.simple import TAGS, template, texts_of
from tests.support.made_up_kinds import MadeUpKindsOnly, issue, kind, office_with
from tests.support.page_client import Visitor

COLUMNS: list[dict[str, Any]] = [
    {"key": "name", "label": "名称", "kind": "text", "max": 20, "required": True},
    {"key": "count", "label": "数量", "kind": "integer", "unit": "具"},
    {"key": "amount", "label": "金额", "kind": "money"},
    {"key": "bought", "label": "购置日期", "kind": "date"},
    {"key": "state", "label": "状态", "kind": "choice", "choices": ["完好", "待修"]},
]
ROWS = [
    {"name": "灭火器", "count": "4", "amount": "1,200.10", "bought": "2026-1-5", "state": "完好"},
    {"name": "消防水带", "count": "2", "amount": "0.2"},
]


def equipment(**more: Any) -> dict[str, Any]:
    items = {"key": "items", "label": "器材", "kind": "rows", "columns": COLUMNS, **more}
    return kind("X61", "器材登记表", items, numbering={"style": "none"})


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    source = equipment(total=["amount", "count", "bought"])
    office, _ = office_with(tmp_path_factory.mktemp("office"), [source], MadeUpKindsOnly())
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    return visitor


def typed(rows: list[dict[str, str]]) -> dict[str, str]:
    return {f"items-{n}-{key}": text for n, row in enumerate(rows) for key, text in row.items()}


def save(visitor: Visitor, action: str, sent: Mapping[str, str]) -> Any:
    return visitor.client.post(action, data=sent, headers={"Accept": "application/json"}).json


def test_few_short_columns_are_a_table_whose_cells_are_named_by_row_and_column(staff: Visitor) -> None:
    staff.open("/forms/X61/new")
    page = staff.press("添一行")
    heads = [" ".join(e.itertext()) for e in page.tree.iter("th") if e.get("scope") == "col"]
    assert [head.split("（")[0].split()[0] for head in heads] == [
        *("序号", "名称", "数量", "金额", "购置日期", "状态", "对这一行")
    ]
    named_by = page.element("f-items-0-amount").get("aria-labelledby").split()
    assert [" ".join(page.element(id_).itertext()).split("（")[0] for id_ in named_by] == ["1", "金额 "]


def test_totals_are_computed_by_the_server_as_one_types_and_stand_on_the_page_of_the_act(
    staff: Visitor,
) -> None:
    staff.open("/forms/X61/new")
    staff.press("添一行")
    page = staff.press("添一行", typed(ROWS[:1]))
    assert page.element("f-items").text is not None
    action, sent = page.form_with("保存并刷新")
    more = {**dict(sent), **typed(ROWS)}
    answer = save(staff, action, more)
    assert answer["totals"] == {"items.amount": "1,200.30元", "items.count": "6具", "items.bought": "1项"}
    # what cannot be read is no part of a total, and no total is ever taken from the page
    wrong = {
        **more,
        "version": answer["version"],
        "items-1-count": "两具",
        "items_total": "99",
        "total": "99",
    }
    answer = save(staff, action, wrong)
    assert answer["totals"]["items.count"] == "4具" and "items.1.count" in answer["problems"]
    page = staff.open(action)
    assert "合计 4具1,200.30元1项" in page.text
    assert page.element("f-items-1-count-error").text == "数量：“两具”不是数字。"


def test_a_table_pasted_from_a_spreadsheet_fills_the_lines(staff: Visitor) -> None:
    staff.open("/forms/X61/new")
    cells = '状态\t名称\t金额\n完好\t"手提式\n灭火器"\t"1,000"\n待修\t水带\t20.5\n'
    page = staff.press("填入表中", {"pasted-items": cells})
    assert [page.value(f"f-items-{n}-name") for n in (0, 1)] == ["手提式 灭火器", "水带"]
    assert "合计 0具1,020.50元0项" in page.text and page.value("f-items-1-state") == "待修"


@pytest.mark.parametrize(
    ("more", "is_table"),
    [
        ({}, True),
        ({"layout": "blocks"}, False),
        ({"columns": [*COLUMNS, {"key": "note", "label": "备注", "kind": "text"}]}, False),
        ({"columns": [*COLUMNS, {"key": "note", "label": "备注", "kind": "text"}], "layout": "table"}, True),
        ({"columns": [{**COLUMNS[0], "shown": "row.state == '待修'"}, COLUMNS[4]]}, False),
    ],
)
def test_the_definition_or_the_width_of_the_columns_decides(
    tmp_path: Path, more: Mapping[str, Any], is_table: bool
) -> None:
    office, _ = office_with(tmp_path, [equipment(**more)], MadeUpKindsOnly())
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    visitor.open("/forms/X61/new")
    page = visitor.press("添一行")
    assert bool(list(page.tree.iter("table"))) is is_table
    assert page.element("f-items-0-name").get("name") == "items-0-name"


@pytest.mark.parametrize(
    ("more", "place", "reason"),
    [
        ({"total": ["amout"]}, "/total", "合计的列“amout”不在明细的列中，是否想写“amount”。"),
        ({"total": ["amount", "amount"]}, "/total", "合计的列有重复"),
        ({"columns": [*COLUMNS, {"key": "scan", "label": "照片", "kind": "files"}], "layout": "table"}, "/layout", "“照片”一格放不下"),
        ({"kind": "text", "columns": None, "total": ["x"]}, "/total", "“total”对单行文字（text）不起作用"),
    ],
)  # fmt: skip
def test_what_a_definition_cannot_mean_is_refused_with_its_place(
    more: Mapping[str, Any], place: str, reason: str
) -> None:
    source = {**equipment(**more), "example": {}}
    field = source["sections"][0]["fields"][1]
    if field["columns"] is None:
        del field["columns"]
    with pytest.raises(DefinitionFaulty) as refused:
        load_definition(source, read_folder("groups"), read_folder("lookups"))
    assert any(place in f.where and reason in str(f.message) for f in refused.value.faults), [
        str(f) for f in refused.value.faults
    ]


def test_a_template_prints_the_total_and_paper_to_be_filled_in_has_a_rule_for_it(tmp_path: Path) -> None:
    source = equipment(total=["amount", "name"])
    definition = load_definition(source, read_folder("groups"), read_folder("lookups"))
    word = template("{{ items_total.amount }}元，{{ items_total.name }}项")
    wrong = template("{{ items_total.count }}", "{{ items_total }}")
    assert not [f for f in check_contract(word, definition) if "items_total" in str(f.message)]
    said = [str(f.message) for f in check_contract(wrong, definition)]
    assert any("“count”不是这张表的列" in one for one in said) and any(
        "不能当作文字打印" in one for one in said
    )
    office, _ = office_with(tmp_path, [source], MadeUpKindsOnly())
    act = issue(office, "X61", items=ROWS)
    context = document_context(definition, act.answers, "", CIRCUMSTANCES)
    assert texts_of(fill(word, context, TAGS)) == ["1,200.30元，2项"]
    blank = with_blanks(definition, document_context(definition, {}, "", CIRCUMSTANCES), {"items"})
    assert texts_of(fill(word, blank, TAGS)) == ["________元，________项"]
    drafted = texts_of(fill(draft_template(definition), context, TAGS))
    assert drafted[2].endswith("金额：0.20；合计：名称2项，金额1,200.30元。")
