"""Totals over rows: a sheet of points whose full marks make a hundred, and a bill in yuan and fen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from formsvc.usecases.administration import api_tokens
from tests.support.made_up_kinds import ISSUER, MadeUpKindsOnly, kind, office_with
from tests.web.api.test_api import Program

SHEET = kind(
    "K43",
    "消防安全评分表（虚构）",
    {
        "key": "points",
        "label": "评分",
        "kind": "rows",
        "required": True,
        "columns": [
            {"key": "item", "label": "项目", "kind": "text", "required": True},
            {"key": "full", "label": "满分", "kind": "integer", "required": True},
            {"key": "got", "label": "得分", "kind": "integer", "required": True},
            {"key": "cost", "label": "费用", "kind": "money"},
        ],
    },
    {"key": "total", "label": "总分", "kind": "integer", "computed": "sum_of(points.map(p, p.got))"},
    {"key": "costs", "label": "合计", "kind": "money", "computed": "sum_of(points.map(p, p.cost))"},
    numbering={"style": "none"},
    rules=[
        {
            "id": "full_marks",
            "check": "sum_of(points.map(p, p.full)) == 100",
            "message": "满分合计应为100分，现为{sum_of(points.map(p, p.full))}分。",
            "field": "points",
        }
    ],
)


@pytest.fixture
def staff(tmp_path: Path) -> Program:
    library = MadeUpKindsOnly()
    library.add(SHEET)
    office, _ = office_with(tmp_path, [], library)
    return Program(office, api_tokens.add_token(office.ports, "程序", "staff"))


def rows(*full: int, cost: str = "0.10") -> list[dict[str, Any]]:
    return [
        {"item": f"第{n}项", "full": points, "got": points - 1, "cost": cost} for n, points in enumerate(full)
    ]


def checked(staff: Program, points: list[dict[str, Any]]) -> dict[str, Any]:
    reply = staff.ask("POST", "/forms/K43/check", {"data": {**ISSUER, "points": points}})
    assert reply.status_code == 200, reply.get_data(as_text=True)
    found: dict[str, Any] = reply.get_json()
    return found


def test_a_sheet_adds_up_to_a_hundred_and_its_total_is_computed(staff: Program) -> None:
    wrong = checked(staff, rows(60, 30))
    assert [p["message"] for p in wrong["errors"]] == ["满分合计应为100分，现为90分。"]
    # one row, many rows, and more rows than any hand-written sum could name
    for full, total in (((100,), 99), ((60, 30, 10), 97), ((1,) * 100, 0)):
        found = checked(staff, rows(*full))
        assert (found["errors"], found["data"]["total"]) == ([], total)


def test_a_bill_is_added_up_without_losing_a_fen(staff: Program) -> None:
    for full, cost, total in (
        ((50, 50), "0.10", "0.20"),
        ((10,) * 10, "0.10", "1.00"),
        ((1,) * 100, "99.99", "9999.00"),
    ):
        assert checked(staff, rows(*full, cost=cost))["data"]["costs"] == total
    assert checked(staff, rows(100, cost=""))["data"]["costs"] in ("0.00", None)
