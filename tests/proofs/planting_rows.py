"""Faults planted into tables and options: totals, layouts, registers, rows within rows."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.proofs.planting import KEY, Definition, Places, plant

PLAIN: dict[str, object] = {"key": "name", "label": "名称", "kind": "text", "max": 20}
OPTIONS: dict[str, object] = {
    "register": "people",
    "value": "person_no",
    "label": "name",
    "where": 'option.state == "在岗"',
}


def _table(*columns: dict[str, object], **more: object) -> dict[str, object]:
    return {"kind": "rows", "columns": [PLAIN, *columns], **more}


def wrong_table(chance: random.Random, definition: Definition) -> Places:
    """Plant a total or a layout that the columns do not have room for."""
    photographs: dict[str, object] = {"key": "scan", "label": "照片", "kind": "files"}
    entry, place = chance.choice(
        (
            (_table(total=["nam"]), "/total"),
            (_table(total=["name", "name"]), "/total"),
            (_table(photographs, layout="table"), "/layout"),
            (_table(layout="tabel"), "/layout"),
            ({"kind": "text", "total": ["name"]}, "/total"),
            ({"kind": "text", "layout": "table"}, "/layout"),
        )
    )
    return (plant(chance, definition, entry) + place,)


def wrong_options(chance: random.Random, definition: Definition) -> Places:
    """Plant options from a register, a column or an expression that is none."""
    changed, place = chance.choice(
        (
            ({"register": "peopel"}, "/register"),
            ({"value": "person"}, "/value"),
            ({"label": "nmae"}, "/label"),
            ({"label": "phone"}, "/label"),
            ({"where": "option.stat == '在岗'"}, "/where"),
            ({"where": f"option.name == {KEY}_of_nowhere"}, "/where"),
            ({"where": "option.name + '甲'"}, "/where"),
            ({"expression": "['甲']"}, ""),
        )
    )
    entry = {"kind": chance.choice(("choice", "choices")), "options": {**OPTIONS, **changed}}
    return (plant(chance, definition, entry) + "/options" + place,)


def wrong_inner_rows(chance: random.Random, definition: Definition) -> Places:
    """Plant rows within rows that go too deep or hold what they cannot."""
    inner: dict[str, object] = {"key": "parts", "label": "配件", "kind": "rows"}
    column, place = chance.choice(
        (
            ({**inner, "key": "deep", "columns": [PLAIN]}, "/kind"),
            ({"key": "x", "label": "甲", "kind": "files"}, "/kind"),
            ({"key": "x", "label": "甲", "kind": "text", "computed": "'甲'"}, "/computed"),
            ({"key": "x", "label": "甲", "kind": "text", "required": "1 == 1"}, "/required"),
        )
    )
    table = _table({**inner, "columns": [PLAIN, column]})
    return (plant(chance, definition, table) + "/columns/1/columns/1" + place,)


ROW_KINDS: dict[str, Callable[[random.Random, Definition], Places]] = {
    "wrong table": wrong_table,
    "wrong options": wrong_options,
    "wrong rows within rows": wrong_inner_rows,
}
