"""Changes to rows by named buttons."""

from __future__ import annotations

import time

import pytest

from formsvc.domain.definition_loader import load_definition
from formsvc.errors import InputRefused
from formsvc.web.forms.row_edits import EditedRows, RowEdit, apply_edit
from tests.support.memory_office import EVERY_KIND

FORM = load_definition(EVERY_KIND, {}, {})
ROWS = [{"what": "甲"}, {"what": "乙"}, {"what": "丙"}]


def changed(button: str, rows: list[dict[str, str]] | None = None, pasted: str = "") -> EditedRows:
    change = RowEdit.parse(button)
    assert change is not None
    result = apply_edit(change, FORM, {"faults": ROWS if rows is None else rows}, pasted)
    assert result is not None
    return result


def order(result: EditedRows) -> str:
    return "".join(row.get("what", "-") for row in result.rows)


@pytest.mark.parametrize(
    ("button", "expected", "focus"),
    [
        ("add.faults", "甲乙丙-", "faults.3.what"),
        ("copy.faults.0", "甲甲乙丙", "faults.1.what"),
        ("up.faults.2", "甲丙乙", "faults.1"),
        ("up.faults.0", "甲乙丙", "faults.0"),
        ("down.faults.0", "乙甲丙", "faults.1"),
        ("down.faults.2", "甲乙丙", "faults.2"),
        ("delete.faults.1", "甲丙", "faults.undo"),
    ],
)
def test_a_button_changes_the_rows_and_names_the_place_to_go_to(
    button: str, expected: str, focus: str
) -> None:
    result = changed(button)
    assert (order(result), result.focus) == (expected, focus)


def test_a_deleted_row_can_be_brought_back_where_it_was() -> None:
    deleted = changed("delete.faults.1")
    assert order(changed(deleted.undo, deleted.rows)) == "甲乙丙"


def test_deleting_an_empty_row_offers_nothing_to_bring_back() -> None:
    assert changed("delete.faults.0", [{"what": ""}]).undo == ""


@pytest.mark.parametrize("button", ["", "drop.faults.0", "add", "copy.faults.x", "paste"])
def test_buttons_of_other_kinds_are_no_changes(button: str) -> None:
    assert RowEdit.parse(button) is None


@pytest.mark.parametrize("button", ["delete.faults.9", "add.name", "add.nothing"])
def test_rows_that_are_not_there_cannot_be_changed(button: str) -> None:
    change = RowEdit.parse(button)
    assert change and apply_edit(change, FORM, {"faults": ROWS}) is None


@pytest.mark.parametrize("text", ["not base64!", "AAAA", "eJwrBgAAdAB0"])
def test_a_forged_undo_brings_back_nothing(text: str) -> None:
    assert order(changed(f"restore.faults.0.{text}")) == "-甲乙丙"


def test_cells_from_a_spreadsheet_fill_the_columns_in_order() -> None:
    result = changed("paste.faults", [], "堵塞\t一层\t限期\t2026-12-2\r\n失效\t二层\t立即\t\r\n")
    assert result.rows[0] == {"what": "堵塞", "where": "一层", "fix": "限期", "deadline": "2026-12-2"}
    assert result.rows[1]["where"] == "二层"


def test_a_line_of_headings_is_passed_over() -> None:
    result = changed("paste.faults", [], "问题描述\t位置\n堵塞\t一层")
    assert [row["what"] for row in result.rows] == ["堵塞"]


def test_headings_in_another_order_and_columns_of_others_fill_the_right_columns() -> None:
    result = changed("paste.faults", [], "序\t位置\t问题描述\n1\t一层\t占用通道\n2\t二层\t灭火器失效")
    assert result.rows == [
        {"where": "一层", "what": "占用通道"},
        {"where": "二层", "what": "灭火器失效"},
    ]


def test_cells_pasted_into_a_row_go_on_from_there() -> None:
    result = changed("paste.faults.1.where", pasted="一层\n二层\n三层")
    assert [row.get("where") for row in result.rows] == [None, "一层", "二层", "三层"]
    assert order(result) == "甲乙丙-"


@pytest.mark.parametrize(
    ("pasted", "cells"),
    [
        (
            '"A区"通道堵塞\t一层\n"B区灭火器失效\t二层\nC区门锁闭\t三层',
            [('"A区"通道堵塞', "一层"), ('"B区灭火器失效', "二层"), ("C区门锁闭", "三层")],
        ),
        ('5"水带破损\t一层\n水枪缺失"\t二层', [('5"水带破损', "一层"), ('水枪缺失"', "二层")]),
        ('"\t一层\n""\t二层', [('"', "一层"), ("", "二层")]),
        ('"他说""停用""的\n水泵"\t泵房\n门\t二层', [('他说"停用"的 水泵', "泵房"), ("门", "二层")]),
        ('"整格加引号"\t一层\n"末尾"', [("整格加引号", "一层"), ("末尾", None)]),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_a_letter(
    pasted: str, cells: list[tuple[str, str | None]]
) -> None:
    assert [(row["what"], row.get("where")) for row in changed("paste.faults", [], pasted).rows] == cells


def test_a_long_text_of_quotation_marks_costs_no_time() -> None:
    began = time.process_time()
    with pytest.raises(InputRefused):
        changed("paste.faults", [], '"甲""\n' * 100_000)
    assert time.process_time() - began < 5


def test_a_cell_with_line_breaks_becomes_one_line() -> None:
    assert changed("paste.faults", [], '"堵塞\n通道"\t一层').rows[0]["what"] == "堵塞 通道"
