"""Comparisons that can never be right, each with what to write."""

from __future__ import annotations

import re

from formsvc.domain.expressions.shapes import NUMBERS, Shape
from formsvc.domain.expressions.syntax import Binary, ListLiteral, Literal, Node
from formsvc.domain.expressions.wording import day_fault, kind_names, quote
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import format_list, msg

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_NO_WORDS = frozenset({"否", "无", "不", "假", "false", "no", "0"})


def comparison_fault(source: str, node: Binary, left: Shape, right: Shape) -> str:
    """Return what is wrong with ``left == right`` and the like, or ""."""
    one, other = left.present_kinds, right.present_kinds
    # null may be compared with anything
    if not one or not other:
        return ""
    if not one & other and not (one & NUMBERS and other & NUMBERS):
        return _type_fault(source, node, left, right)
    for literal, value in ((node.right, left), (node.left, right)):
        if isinstance(literal, Literal) and isinstance(literal.value, str):
            return _text_fault(source, node, literal.value, value)
    if node.operator in ("==", "!=") and {left.format, right.format} == {"date", "datetime"}:
        moment = node.left if left.format == "datetime" else node.right
        return msg(
            "“{part}”：日期和带时间的日期永远不相等，请写 date_of({moment})。",
            part=quote(source, node),
            moment=quote(source, moment),
        )
    if node.operator in ("==", "!=") and left.words and right.words and not left.words & right.words:
        return msg("“{part}”：两边没有相同的选项，永远不相等。", part=quote(source, node))
    return ""


def membership_fault(source: str, node: Binary, left: Shape, right: Shape) -> str:
    """Return what is wrong with ``left in right``, or ""."""
    if right.present_kinds and not right.kinds & {"list", "map"}:
        if right.is_only("text"):
            return msg(
                "“{part}”：“in”后面应是列表，文字请写 {whole}.contains({item})。",
                part=quote(source, node),
                whole=quote(source, node.right),
                item=quote(source, node.left),
            )
        return msg(
            "“{part}”：“in”后面应是列表，写的是{kinds}。", part=quote(source, node), kinds=kind_names(right)
        )
    if not right.is_only("list") or not left.present_kinds:
        return ""
    if isinstance(node.right, ListLiteral):
        return _listed_fault(source, node, left, node.right)
    element = right.element_shape
    if isinstance(node.left, Literal) and isinstance(node.left.value, str):
        return _text_fault(source, node, node.left.value, element)
    kinds = element.present_kinds
    if right.element and kinds and not kinds & left.kinds and not (kinds & NUMBERS and left.kinds & NUMBERS):
        return _type_fault(source, node, left, element)
    return ""


def _listed_fault(source: str, node: Binary, left: Shape, listed: ListLiteral) -> str:
    for item in listed.items:
        if not isinstance(item, Literal) or item.value is None:
            continue
        if isinstance(item.value, str) and "text" in left.kinds:
            fault = _text_fault(source, node, item.value, left)
        else:
            equality = Binary(item.start, item.end, "==", node.left, item)
            kinds = "bool" if isinstance(item.value, bool) else "int"
            kinds = "text" if isinstance(item.value, str) else kinds
            fault = comparison_fault(source, equality, left, Shape(frozenset({kinds})))
        if fault:
            return fault
    return ""


def _text_fault(source: str, node: Binary, text: str, value: Shape) -> str:
    """Return why a value never is a text written in the expression, or ""."""
    part = quote(source, node)
    if value.format and text:
        # "2026-09-01" sorts before every moment of that day
        with_time = value.format == "datetime"
        fault = day_fault(text, with_time=with_time)
        return msg("“{part}”：{fault}", part=part, fault=fault) if fault else ""
    if not value.is_only("text") or value.words is None or text in value.words:
        return ""
    if text == "":
        return msg("“{part}”：没有填的是 null，请写 is_empty(…)。", part=part)
    code = (value.codes or {}).get(text)
    if code is not None:
        return msg("“{part}”：应写代码“{code}”，不写名称“{text}”。", part=part, code=code, text=text)
    # in the order of the options, if they are a field's
    words = list(dict.fromkeys((value.codes or {}).values())) or sorted(value.words)
    offered = format_list(words[:8]) + (msg("等") if len(words) > 8 else "")
    return msg(
        "“{part}”：“{text}”不是可选项{near}（可选项：{offered}）。",
        part=part,
        text=text[:30],
        near=did_you_mean(text, words),
        offered=offered,
    )


def _type_fault(source: str, node: Binary, left: Shape, right: Shape) -> str:
    part = quote(source, node)
    for literal, value, other in ((node.right, left, node.left), (node.left, right, node.right)):
        meant = _meant_literal(literal, value)
        if meant:
            return msg(
                "“{part}”：{kinds}不能和文字比较，请写“{other} {operator} {meant}”。",
                part=part,
                kinds=kind_names(value),
                other=quote(source, other),
                operator=node.operator,
                meant=meant,
            )
    if {left.format, right.format} != {""} and (left.kinds | right.kinds) & NUMBERS:
        return msg('“{part}”：日期应加英文引号，写成 "2026-09-01" 的样子。', part=part)
    return msg(
        "“{part}”：{left}不能和{right}比较。", part=part, left=kind_names(left), right=kind_names(right)
    )


def _meant_literal(literal: Node, value: Shape) -> str:
    """Return what a text in quotes should have been, or ""."""
    if not isinstance(literal, Literal) or not isinstance(literal.value, str):
        return ""
    if value.is_only("bool"):
        return "false" if literal.value.strip().lower() in _NO_WORDS else "true"
    if value.present_kinds <= NUMBERS and _NUMBER.fullmatch(literal.value.strip()):
        return literal.value.strip()
    return ""
