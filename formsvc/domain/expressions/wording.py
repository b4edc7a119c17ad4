"""Words for parts and types of expressions, in messages."""

from __future__ import annotations

import re
from datetime import datetime

from formsvc.domain import chinese
from formsvc.domain.expressions.shapes import NUMBERS, Shape
from formsvc.domain.expressions.syntax import Node
from formsvc.i18n.messages import format_list, msg

_KIND_NAMES = {
    "null": msg("空"),
    "bool": msg("是否"),
    "int": msg("整数"),
    "double": msg("小数"),
    "text": msg("文字"),
    "list": msg("列表"),
    "map": msg("一行或者引用的文书"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", re.ASCII)


def quote(source: str, node: Node) -> str:
    """Return the source of a node, shortened to what a sentence can hold."""
    part = " ".join(source[node.start : node.end].split())
    return part if len(part) <= 60 else f"{part[:40]}…{part[-15:]}"


def kind_names(shape: Shape) -> str:
    """Return what people call the types of a value."""
    if shape.format and shape.is_only("text"):
        return msg("日期")
    kinds = shape.present_kinds
    if kinds == NUMBERS:
        return msg("数字")
    return format_list([name for kind, name in _KIND_NAMES.items() if kind in kinds]) or _KIND_NAMES["null"]


def day_fault(text: str, *, with_time: bool = False) -> str:
    """Return what is wrong with a date written in an expression, or ""."""
    is_written_well = _DAY.fullmatch(text) or (with_time and _MOMENT.fullmatch(text))
    try:
        if is_written_well:
            datetime.fromisoformat(text)
            return ""
        meant = chinese.parse_date(text).isoformat()
    except ValueError:
        return msg("“{text}”不是日期，日期应写成“2026-09-01”的样子。", text=text[:30])
    return msg("日期“{text}”应写成“{meant}”。", text=text[:30], meant=meant)
