"""Rows within rows, one level: filled, checked with their place, printed, exported, bounded."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import openpyxl
import pytest

from formsvc.demo.office import sample_actor
from formsvc.documents.checking.contract import CIRCUMSTANCES, check_contract
from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.ledger_export import ledger_workbook
from formsvc.documents.generated.scaffold import draft_template
from formsvc.domain.definition_loader import load_definition
from formsvc.domain.evaluation.blanks import with_blanks
from formsvc.domain.evaluation.evaluation import document_context
from formsvc.domain.privacy.erasure import retained_answers
from formsvc.errors import DefinitionFaulty, InputRefused
from formsvc.limits import process_limits
from formsvc.usecases.drafting import complete_submission, drafts
from tests.support.circumstances import read_folder
from tests.support.docx_samples.simple import TAGS, template, texts_of
from tests.support.made_up_kinds import ISSUER, MadeUpKindsOnly, issue, kind, office_with
from tests.support.memory_office import Office
from tests.support.page_client import Visitor

PARTS: dict[str, Any] = {
    "key": "parts", "label": "配件", "kind": "rows", "required": True,
    "columns": [
        {"key": "name", "label": "名称", "kind": "text", "required": True, "max": 20},
        {"key": "count", "label": "数量", "kind": "integer", "min": 1},
    ],
}  # fmt: skip
ITEMS: dict[str, Any] = {
    "key": "items", "label": "器材", "kind": "rows",
    "columns": [{"key": "place", "label": "位置", "kind": "text", "required": True}, PARTS],
}  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"place": "一楼", "parts": [{"name": "水带", "count": 2}, {"name": "水枪", "count": 1}]},
    {"place": "二楼", "parts": [{"name": "灭火器", "count": 4}]},
]


def equipment(**more: Any) -> dict[str, Any]:
    return kind("X66", "器材分布表", {**ITEMS, **more}, numbering={"style": "none"})


def loaded(source: Mapping[str, Any]) -> Any:
    return load_definition(source, read_folder("groups"), read_folder("lookups"))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_with(tmp_path, [equipment()], MadeUpKindsOnly())[0]


@pytest.fixture
def staff(office: Office) -> Visitor:
    visitor = Visitor(office.app)
    visitor.sign_in("staff")
    visitor.open("/forms/X66/new")
    return visitor


def stored(office: Office, visitor: Visitor) -> Any:
    assert visitor.page is not None
    act_id = visitor.page.path.split("?")[0].rpartition("/")[2]
    return drafts.load_draft(office.ports, sample_actor(office.ports, "staff"), act_id).act.answers["items"]


def test_rows_within_rows_are_added_moved_removed_pasted_and_saved(office: Office, staff: Visitor) -> None:
    def press(value: str, **fields: str) -> Any:
        assert staff.page is not None
        action, sent = staff.page.form_with("保存并刷新")
        answer = staff.client.post(
            action, data={**dict(sent), **fields, "change": value}, follow_redirects=True
        )
        staff.page = answer.page  # type: ignore[attr-defined]
        return staff.page

    press("add.items")
    # an outer row that holds only a new, empty inner row is still there
    press("add.items-0-parts")
    page = press("add.items-0-parts", **{"items-0-place": "一楼", "items-0-parts-0-name": "水带"})
    assert page.value("f-items-0-parts-0-name") == "水带" and page.value("f-items-0-parts-1-name") == ""
    press("up.items-0-parts.1", **{"items-0-parts-1-name": "水枪", "items-0-parts-1-count": "3"})
    assert stored(office, staff)[0]["parts"] == [
        {"name": "水枪", "count": 3},
        {"name": "水带", "count": None},
    ]
    page = press("delete.items-0-parts.0")
    assert "已删除一行" in page.text
    page = staff.press("撤销删除")
    assert page.value("f-items-0-parts-0-name") == "水枪"
    page = press("paste.items-0-parts", **{"pasted-items-0-parts": "数量\t名称\n5\t栓箱\n6\t水泵"})
    assert [row["name"] for row in stored(office, staff)[0]["parts"]] == ["水枪", "水带", "栓箱", "水泵"]
    press("copy.items.0")
    assert len(stored(office, staff)) == 2 and stored(office, staff)[1] == stored(office, staff)[0]
    for hostile in (
        "add.items-9-parts",
        "add.items-0-place",
        "add.items-x-parts",
        "delete.items-0-parts.99",
        "add.items-0",
    ):
        press(hostile)


def test_a_fault_is_named_with_its_row_and_inner_row(office: Office) -> None:
    actor = sample_actor(office.ports, "staff")

    def problems(items: Any) -> dict[str, str]:
        found = complete_submission.check_answers(office.ports, actor, "X66", {**ISSUER, "items": items})
        return {p.field: p.message for p in found.problems}

    assert problems(ROWS) == {}
    wrong = [
        ROWS[0],
        {
            "place": "二楼",
            "parts": [ROWS[0]["parts"][0], {"name": "", "count": 1}, {"name": "栓", "count": "两"}],
        },
    ]
    assert problems(wrong) == {
        "items.1.parts.1.name": "第 2 行 › 第 2 小行 › 请填写名称。",
        "items.1.parts.2.count": "第 2 行 › 第 3 小行 › 数量：“两”不是数字。",
    }
    assert problems([{"place": "一楼", "parts": [{"name": "栓", "count": 0}]}]) == {
        "items.0.parts.0.count": "第 1 行 › 第 1 小行 › 数量不能少于1，现在是0。"
    }
    assert "items.0.parts" in problems([{"place": "一楼"}])
    assert (
        "没有“colour”这一项"
        in problems([{"place": "一楼", "parts": [{"name": "栓", "colour": "红"}]}])["items.0.parts.0.colour"]
    )
    hostile: Any
    for hostile in ("x", 5, [5], {"name": "栓"}, [[]], [{"name": {}}]):
        assert problems([{"place": "一楼", "parts": hostile}])


def test_so_many_rows_are_refused_before_they_are_read(office: Office) -> None:
    actor = sample_actor(office.ports, "staff")
    most, lines = process_limits().inner_rows, process_limits().table_rows
    full = [{"place": "楼", "parts": [{"name": "栓", "count": 1}] * (most // 100)} for _ in range(100)]
    found = complete_submission.check_answers(office.ports, actor, "X66", {**ISSUER, "items": full})
    assert found.problems == ()
    for items in (
        [*full, {"place": "楼", "parts": [{"name": "栓"}]}],
        [{"place": "楼", "parts": [{"name": "栓"}] * lines * 2}] * lines,
    ):
        found = complete_submission.check_answers(office.ports, actor, "X66", {**ISSUER, "items": items})
        assert "小行合起来超过" in found.problems[0].message
    with pytest.raises(InputRefused, match="小行合起来超过"):
        complete_submission.create_act(office.ports, actor, "X66", {"items": items}, submit=False)


def test_templates_print_them_row_by_row_and_in_sentences(office: Office) -> None:
    definition = loaded(equipment())
    act = issue(office, "X66", items=ROWS)
    context = document_context(definition, act.answers, "", CIRCUMSTANCES)
    rows = [
        ["{%tr for r in items %}"], ["{{ r.no }} {{ r.place }}"], ["{%tr for s in r.parts %}"],
        ["{{ s.no }} {{ s.name }} {{ s.count }}"], ["{%tr endfor %}"], ["{%tr endfor %}"],
    ]  # fmt: skip
    word = template(
        "{% for r in items %}{{ r.place }}：{% for s in r.parts %}{{ s.name }}；{% endfor %}{% endfor %}",
        rows=rows,
    )
    assert not [
        f for f in check_contract(word, definition) if f.level == "error" and "items" in str(f.message)
    ]
    assert texts_of(fill(word, context, TAGS)) == [
        "一楼：水带；水枪；二楼：灭火器；", "1 一楼", "1 水带 2", "2 水枪 1", "2 二楼", "1 灭火器 4",
    ]  # fmt: skip
    wrong = template(
        "{% for r in items %}{% for s in r.parts %}{{ s.colour }}{% endfor %}{{ r.parts.name }}{% endfor %}"
    )
    said = [str(f.message) for f in check_contract(wrong, definition)]
    assert any("“colour”不是这张表的列" in one for one in said) and any(
        "请先用“for”取出一行" in one for one in said
    )
    assert check_contract(draft_template(definition), definition) == []
    assert "1.水带，2、2.水枪，1" in "".join(texts_of(fill(draft_template(definition), context, TAGS)))
    blank = with_blanks(definition, document_context(definition, {}, "", CIRCUMSTANCES), {"items"})
    assert texts_of(fill(word, blank, TAGS))[1:3] == ["1 ________", "1 ________ ________"]


def test_the_program_interface_the_page_and_the_workbook_have_them_too(office: Office) -> None:
    definition = loaded(equipment())
    act = issue(office, "X66", items=ROWS)
    assert act.answers["items"] == ROWS
    validator = jsonschema_rs.validator_for(json.dumps(definition.json_schema()))
    assert validator.is_valid({**ISSUER, "items": ROWS})
    assert not validator.is_valid({**ISSUER, "items": [{"place": "一楼", "parts": [{"colour": "红"}]}]})
    visitor = Visitor(office.app)
    visitor.sign_in("approver")
    page = visitor.open(f"/acts/{act.id}")
    assert "1. 水带，2、2. 水枪，1" in page.text
    book = openpyxl.load_workbook(io.BytesIO(ledger_workbook(definition, [act], {})))
    lines = [[cell.value for cell in line[2:]] for line in book["器材"].iter_rows()]
    assert lines == [
        ["第几行", "位置", "配件 › 名称", "配件 › 数量"],
        [1, "一楼", "水带", 2], [1, "一楼", "水枪", 1], [2, "二楼", "灭火器", 4],
    ]  # fmt: skip
    # after the time of keeping nothing is left that may name a person
    assert retained_answers(definition, act.answers)["items"][0]["parts"][0]["count"] == 2
    assert retained_answers(definition, act.answers)["items"][0]["parts"][0]["name"] != "水带"


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        ({"columns": [{**PARTS, "key": "deeper"}]}, "/columns/1/columns/0/kind", "只能有一层"),
        ({"columns": [{"key": "scan", "label": "照片", "kind": "files"}]}, "/columns/1/columns/0/kind", "小行的列只能是"),
        ({"columns": [{"key": "a", "label": "甲", "kind": "text", "shown": "true"}]}, "/columns/1/columns/0/shown", "不能写“shown”"),
        ({"columns": [{"key": "a", "label": "甲", "kind": "text", "required": "true"}]}, "/columns/1/columns/0/required", "只能写 true 或者 false"),
        ({"columns": [{"key": "a", "label": "甲", "kind": "txt"}]}, "/columns/1/columns/0/kind", "小行的列只能是"),
        ({"columns": [{"key": "no", "label": "甲", "kind": "text"}, {"key": "no", "label": "乙", "kind": "text"}]}, "/columns/1/columns/1/key", "已被"),
        ({"each_of": "[1]"}, "/columns/1/each_of", "不能写“each_of”"),
        ({"columns": None}, "/columns/1/columns", "须写明各列"),
    ],
)  # fmt: skip
def test_what_rows_within_rows_cannot_be_is_refused_with_its_place(
    change: Mapping[str, Any], place: str, reason: str
) -> None:
    inner = {key: value for key, value in {**PARTS, **change}.items() if value is not None}
    with pytest.raises(DefinitionFaulty) as refused:
        loaded(equipment(columns=[ITEMS["columns"][0], inner]))
    assert any(f.where.endswith(place) and reason in str(f.message) for f in refused.value.faults), [
        str(f) for f in refused.value.faults
    ]
