"""Comparisons in a template that can never be what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import nodes

from formsvc.documents.filling.template_errors import closest_name
from formsvc.i18n.messages import format_list, join_messages, msg

_PRINTED_VALUE = {
    "date": re.compile(r"\d{4}年\d{1,2}月\d{1,2}日.*"),
    "amount": re.compile(r"\d{1,3}(,\d{3})*\.\d\d", re.ASCII),
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_ORDER = frozenset({"lt", "lteq", "gt", "gteq"})
_SHOWN_OPTIONS = 8
# how such a value is printed
_PRINTED = {"date": "2026年9月21日", "amount": "1,000.00"}


@dataclass(frozen=True)
class ValueType:
    """Type of a value in a template, which says how it compares.

    ``kind``: text, yes_no, option, options (a list), date, amount, figures (a number as text), number. ``name`` as written.
    """

    kind: str
    name: str = ""
    options: tuple[str, ...] = ()


TEXT, NUMBER = ValueType("text"), ValueType("number")


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its type if known, its constant values."""

    type: ValueType | None = None
    constants: tuple[object, ...] = ()


def constants_of(node: nodes.Node) -> tuple[object, ...]:
    """Return the constants in an expression that is one, or a list of them."""
    if isinstance(node, nodes.Const):
        return (node.value,)
    if isinstance(node, nodes.List | nodes.Tuple) and all(isinstance(n, nodes.Const) for n in node.items):
        return tuple(n.value for n in node.items if isinstance(n, nodes.Const))
    return ()


def comparison_faults(left: Side, operator: str, right: Side) -> Iterator[str]:
    """Yield why a comparison is never what its author meant."""
    if operator in ("in", "notin"):
        yield from _membership_faults(left, right)
        return
    if operator in _ORDER and (sentence := _order_fault(left, right)):
        yield sentence
        return
    for side, other in ((left, right), (right, left)):
        for constant in other.constants:
            if side.type is not None and (sentence := _constant_fault(side.type, constant)):
                yield sentence


def _membership_faults(left: Side, right: Side) -> Iterator[str]:
    if right.type is not None and right.type.kind == "options":
        for constant in left.constants:
            yield from _option_faults(right.type, constant)
    elif left.type is not None and len(right.constants) and left.type.kind != "options":
        for constant in right.constants:
            # a single text on the right is searched, not a list of values
            if len(right.constants) > 1 and (sentence := _constant_fault(left.type, constant)):
                yield sentence


def _order_fault(left: Side, right: Side) -> str:
    for side in (left, right):
        if side.type is None:
            continue
        if side.type.kind in ("date", "amount"):
            return msg(
                "“{name}”在模板里是“{printed}”这样的文字，不能比较先后或者大小。请在表单定义里加一个由系统计算的是否字段，模板里写“{{% if 那个字段 %}}”。",
                name=side.type.name,
                printed=_PRINTED[side.type.kind],
            )
        if side.type.kind == "figures":
            return msg("“{name}”在模板里是文字，不能比较大小。请写成“{name}|int”。", name=side.type.name)
        if side.type.kind in ("yes_no", "options"):
            return msg("“{name}”没有大小，不能这样比较。", name=side.type.name)
    return _number_and_text(left, right)


def _number_and_text(left: Side, right: Side) -> str:
    for side, other in ((left, right), (right, left)):
        if side.type == NUMBER and any(isinstance(c, str) for c in other.constants):
            return msg("数字不能与文字“{text}”比较。请去掉引号。", text=other.constants[0])
    return ""


def _constant_fault(value: ValueType, constant: object) -> str:
    # an empty text stands for "not filled in", for any kind
    if constant in ("", None):
        return ""
    match value.kind:
        case "yes_no" if not isinstance(constant, bool | int):
            return msg(
                "“{name}”是是否字段，不能与“{text}”比较。请写成“{{% if {name} %}}”或者“{{% if not {name} %}}”。",
                name=value.name,
                text=constant,
            )
        case "option":
            return next(_option_faults(value, constant), "")
        case "options":
            return msg(
                "“{name}”是多选字段，不等于任何一个选项。请写成“{{% if '{text}' in {name} %}}”。",
                name=value.name,
                text=constant,
            )
        case "date" | "amount" if not _is_printed(value.kind, constant):
            return msg(
                "“{name}”在模板里是“{printed}”这样的文字，不会等于“{text}”。",
                name=value.name,
                printed=_PRINTED[value.kind],
                text=constant,
            )
        case "figures" if not (isinstance(constant, str) and _NUMBER.fullmatch(constant)):
            return msg(
                "“{name}”在模板里是文字，不会等于 {text}。请写成“{name}|int”。",
                name=value.name,
                text=constant,
            )
        case "number" if isinstance(constant, str):
            return msg("数字不能与文字“{text}”比较。请去掉引号。", text=constant)
        case "text" if isinstance(constant, int | float):
            return msg("“{name}”是文字，不会等于 {text}。请给它加上引号。", name=value.name, text=constant)
    return ""


def _option_faults(value: ValueType, constant: object) -> Iterator[str]:
    if constant == "" or constant in value.options:
        return
    meant = closest_name(str(constant), value.options)
    shown = format_list(value.options[:_SHOWN_OPTIONS])
    hint = msg("是否想写“{meant}”？", meant=meant) if meant else msg("可用的有：{names}。", names=shown)
    yield join_messages(msg("“{name}”没有“{text}”这个选项。", name=value.name, text=constant), hint)


def _is_printed(kind: str, constant: object) -> bool:
    return isinstance(constant, str) and bool(_PRINTED_VALUE[kind].fullmatch(constant))
