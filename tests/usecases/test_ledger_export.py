"""The ledger (台账) in Excel: numbers and days to reckon with, rows one by one, nothing cut, nothing forgotten."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from formsvc.documents.generated.ledger_export import FIXED, ID, ledger_workbook
from formsvc.documents.generated.text_workbook import sheet_names, write_value
from formsvc.domain.acts.act import Act
from formsvc.domain.definition_loader import load_definition

COLUMNS = [
    {"key": "what", "label": "问题", "kind": "text"},
    {"key": "fine", "label": "金额", "kind": "money"},
    {"key": "until", "label": "期限", "kind": "date"},
]
FIELDS: list[dict[str, Any]] = [
    {"key": "issue_date", "label": "制作日期", "kind": "date"},
    {"key": "shop", "label": "单位", "kind": "text"},
    {"key": "code", "label": "信用代码", "kind": "credit_code"},
    {"key": "phone", "label": "电话", "kind": "phone"},
    {"key": "people", "label": "人数", "kind": "integer"},
    {"key": "area", "label": "面积", "kind": "decimal"},
    {"key": "began", "label": "开始", "kind": "datetime"},
    {"key": "open", "label": "营业", "kind": "yes_no"},
    {"key": "faults", "label": "问题清单", "kind": "rows", "columns": COLUMNS},
    {"key": "story", "label": "经过", "kind": "long_text"},
]
ANSWERS = {
    "issue_date": "2026-09-18",
    "shop": "=1+1",
    "code": "91350203M0001QKT19（营业执照载明）",
    "phone": "0455-8990002",
    "people": 12,
    "area": "2860.5",
    "began": "2026-09-18T09:05",
    "open": True,
    "faults": [
        {"what": "通道堵塞", "fine": "300.00", "until": "2026-10-30"},
        {"what": "灭火器失效", "fine": None},
    ],
    "story": "检查\n复查",
}


def definition(fields: list[dict[str, Any]] = FIELDS) -> Any:
    return load_definition(
        {
            "id": "K01",
            "title": "提示函",
            "template": "K01.docx",
            "numbering": {"style": "official"},
            "sections": [{"title": "一", "fields": fields}],
        },
        {},
        {},
    )


def act(number: str = "东函〔2026〕1号", revision: str = "", act_id: str = "a" * 16, **changes: Any) -> Act:
    facts: dict[str, Any] = {
        "id": act_id, "form": "K01", "revision": revision, "title": "函", "drafter": "staff", "number": number,
        "dated": "2026-09-18", "issued_at": "2026-09-18T10:12:30+08:00", "state": "issued", "party": "福满家",
        "answers": {**ANSWERS, **changes},
    }  # fmt: skip
    return Act(**facts)


def opened(*acts: Act, revisions: Any = None, now: Any = None) -> Any:
    return load_workbook(io.BytesIO(ledger_workbook(now or definition(), acts, revisions)))


def line(sheet: Any, row: int = 2) -> dict[str, Any]:
    head = [cell.value for cell in sheet[1]]
    return dict(zip(head, sheet[row], strict=True))


def test_numbers_and_days_are_such_and_the_rest_is_text() -> None:
    book = opened(act())
    cells = line(book.worksheets[0])
    assert list(cells) == [
        *FIXED,
        "单位",
        "信用代码",
        "电话",
        "人数",
        "面积",
        "开始",
        "营业",
        "问题清单",
        "经过",
        ID,
    ]
    values = {name: cell.value for name, cell in cells.items()}
    assert (values["成文日期"], values["编号时间"]) == (datetime(2026, 9, 18), datetime(2026, 9, 18, 10, 12))
    assert (values["人数"], values["面积"], values["开始"]) == (12, 2860.5, datetime(2026, 9, 18, 9, 5))
    assert cells["成文日期"].number_format == "yyyy-mm-dd" and cells["面积"].number_format == "0.0"
    texts = {name: values[name] for name in ("文号", "单位", "信用代码", "电话", "营业")}
    assert texts == {
        "文号": "东函〔2026〕1号", "单位": "=1+1", "信用代码": "91350203M0001QKT19", "电话": "0455-8990002", "营业": "是",
    }  # fmt: skip
    assert {cells[name].data_type for name in texts} == {"s"} and cells["电话"].number_format == "@"
    # what was left empty is empty, not 0 and not 1900
    empty = line(opened(act(people=None, area=None, began=None, issue_date=None)).worksheets[0])
    assert [empty[name].value for name in ("人数", "面积", "开始")] == [None] * 3


def test_each_row_of_a_table_is_a_line_of_its_own_sheet() -> None:
    book = opened(
        act(),
        act("", act_id="b" * 16, faults=[{"what": "无照", "until": "2026-11-01"}]),
        act("东函〔2026〕2号", faults=[]),
    )
    assert book.sheetnames == ["K01", "问题清单"]
    rows = [[cell.value for cell in row] for row in book["问题清单"].iter_rows()]
    assert rows == [
        ["文号", ID, "第几行", "问题", "金额", "期限"],
        ["东函〔2026〕1号", "a" * 16, 1, "通道堵塞", 300, datetime(2026, 10, 30)],
        ["东函〔2026〕1号", "a" * 16, 2, "灭火器失效", None, None],
        # an act without number is found by its id
        [None, "b" * 16, 1, "无照", None, datetime(2026, 11, 1)],
    ]
    assert line(book["K01"])["问题清单"].value == "1. 通道堵塞，300.00，2026年10月30日\n2. 灭火器失效"


def test_nothing_is_cut_at_the_end_of_a_cell() -> None:
    faults = [{"what": f"第{n}项" + "堵" * 200, "fine": "1.00", "until": None} for n in range(1, 201)]
    story = "经" * 40_000 + "𠮷" * 100 + "完"
    book = opened(act(faults=faults, story=story), act("东函〔2026〕2号", story="短"))
    main = line(book["K01"])
    assert main["问题清单"].value == "共 200 行，超过一格能放的字数，见工作表“问题清单”"
    assert main["经过"].value == "共 40101 字，超过一格能放的字数，见工作表“长文字”"
    assert [row[3].value for row in book["问题清单"].iter_rows(min_row=2)][:200] == [
        row["what"] for row in faults
    ]
    parts = list(book["长文字"].iter_rows(min_row=2, values_only=True))
    assert "".join(part[4] for part in parts) == story and [part[3] for part in parts] == [1, 2, 3]
    assert line(book["K01"], 3)["经过"].value == "短", "a short one stays where it was"


def test_fields_of_earlier_forms_stand_at_the_end() -> None:
    """What was taken out of the form is in the documents issued before."""
    faults = [{**FIELDS[8], "columns": [*COLUMNS, {"key": "law", "label": "依据", "kind": "text"}]}]
    goals = {
        "key": "goals",
        "label": "目标",
        "kind": "rows",
        "columns": [{"key": "goal", "label": "内容", "kind": "text"}],
    }
    before = definition(
        [*FIELDS[:8], *faults, {"key": "deadline", "label": "办结期限", "kind": "date"}, goals]
    )
    answers: dict[str, Any] = {"deadline": "2026-12-01", "goals": [{"goal": "落实责任人"}]}
    old = act(revision="old", faults=[{"what": "甲", "law": "第二十八条"}], **answers)
    now = definition()
    book = opened(old, act("东函〔2026〕2号", revision="new"), revisions={"old": before, "new": now})
    head = [cell.value for cell in book["K01"][1]]
    assert head[-3:] == ["办结期限（以前的表单）", "目标（以前的表单）", ID]
    first, second = line(book["K01"], 2), line(book["K01"], 3)
    assert first["办结期限（以前的表单）"].value == datetime(2026, 12, 1)
    assert first["目标（以前的表单）"].value == "1. 落实责任人" and first["经过"].value == "检查\n复查"
    assert second["办结期限（以前的表单）"].value is None
    assert [cell.value for cell in book["目标（以前的表单）"][2]] == [
        "东函〔2026〕1号",
        "a" * 16,
        1,
        "落实责任人",
    ]
    rows = [[cell.value for cell in row] for row in book["问题清单"].iter_rows()]
    assert rows[0][3:] == ["问题", "金额", "期限", "依据"] and rows[1][3:] == ["甲", None, None, "第二十八条"]


def test_a_renamed_column_is_one_column() -> None:
    renamed = {"key": "problem", "label": "问题", "kind": "text", "formerly": ["what"]}
    now = definition([*FIELDS[:8], {**FIELDS[8], "columns": [renamed, *COLUMNS[1:]]}, FIELDS[9]])
    book = opened(act(revision="old"), revisions={"old": definition()}, now=now)
    assert [cell.value for cell in book["问题清单"][1]] == ["文号", ID, "第几行", "问题", "金额", "期限"]
    assert book["问题清单"]["D2"].value == "通道堵塞"
    assert str(line(book["K01"])["问题清单"].value).startswith("1. 通道堵塞，300.00")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (date(1900, 2, 28), "1900-02-28"),
        (date(1900, 3, 1), datetime(1900, 3, 1)),
        (10**15 - 1, 10**15 - 1),
        (10**15 + 1, "1000000000000001"),
        (Decimal("0.10"), 0.1),
        (Decimal("123456789012345.67"), "123456789012345.67"),
        ("+861", "+861"),
        ("-1", "-1"),
        ("@SUM(1)", "@SUM(1)"),
        ("231202199001011234", "231202199001011234"),
    ],
)
def test_what_excel_does_not_keep_exactly_stays_a_text(value: Any, kept: Any) -> None:
    book = Workbook()
    write_value(book.worksheets[0]["A1"], value)
    out = io.BytesIO()
    book.save(out)
    assert load_workbook(io.BytesIO(out.getvalue())).worksheets[0]["A1"].value == kept


def test_sheets_have_names_that_excel_takes() -> None:
    names = sheet_names(["T22", "问题/隐患", "t22", "'", "长" * 40, "长" * 50])
    assert names == ["T22", "问题 隐患", "t22（2）", "表", "长" * 31, "长" * 28 + "（2）"]
