"""Sentences for parts of a definition that have the wrong shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

import pydantic

from formsvc.domain.fields.field import KEY_PATTERN
from formsvc.domain.json_types import JSON
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import format_list, msg

# what a pattern of the models asks for, in words
_PATTERNS = {
    KEY_PATTERN: msg(
        "字段名以小写英文字母开头，只用小写英文字母、数字和下划线，最多 40 个字符，如 party_name"
    ),
    r"^[a-z][a-z0-9_]{0,59}$": msg("编号以小写英文字母开头，只用小写英文字母、数字和下划线，如 not_late"),
    r"^[A-Za-z][A-Za-z0-9_-]{0,39}$": msg("编号以英文字母开头，只用英文字母、数字、下划线和连字符，如 T22"),
    r"^[^/\\]+\.docx$": msg("只写 Word 模板的文件名，如 T22.docx"),
    r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$": msg("写文书编号，几类用“/”隔开，如 T21/T22"),
    r"^@[A-Z][A-Z0-9]{0,9}$": msg("公共字段组以 @ 开头，后面是大写英文字母，如 @PTY"),
}
_TYPES = {
    "string_type": msg("加英文引号的文字"),
    "bool_type": msg("true 或者 false（不加引号）"),
    "bool_parsing": msg("true 或者 false（不加引号）"),
    "int_type": msg("整数（不加引号）"),
    "int_parsing": msg("整数（不加引号）"),
    "int_from_float": msg("整数（不加引号）"),
    "int_parsing_size": msg("整数，不能过大"),
    "float_type": msg("数字（不加引号）"),
    "float_parsing": msg("数字（不加引号）"),
    "finite_number": msg("数字，不能过大"),
    "list_type": msg("方括号 [ ] 里的若干项"),
    "dict_type": msg("花括号里的若干项，每项写明键和内容"),
    "model_type": msg("花括号里的若干项，每项写明键和内容"),
    "model_attributes_type": msg("花括号里的若干项，每项写明键和内容"),
    "mapping_type": msg("花括号里的若干项，每项写明键和内容"),
}
# properties that take one of two types: pydantic reports both
_EITHER = {"required": msg("true、false（不加引号），或者一条加引号的表达式")}
_QUOTED = re.compile(r"'([^']*)'")
_UNION_STEPS = frozenset({"bool", "str", "int", "float"})


def steps_of(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return a place without the names that pydantic adds to it."""
    steps = [s for s in location if not str(s).startswith(("function-", "constrained-"))]
    if len(steps) > 1 and steps[-1] in _UNION_STEPS:
        steps.pop()
    return tuple(steps)


def shape_fault(model: type[pydantic.BaseModel], detail: Mapping[str, Any]) -> str:
    """Return the sentence for one error of pydantic."""
    steps = steps_of(tuple(detail["loc"]))
    key = str(steps[-1]) if steps else ""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return unknown_key(key, _keys(_model_at(model, steps[:-1])))
        case "missing":
            return msg("缺少“{key}”。", key=key)
        case "literal_error":
            return _literal_fault(detail["input"], _QUOTED.findall(str(context.get("expected", ""))))
        case "string_pattern_mismatch":
            wanted = _PATTERNS.get(str(context.get("pattern")).removesuffix("|^$"), msg("请按文档的写法改正"))
            return msg("“{given}”的写法不对，{wanted}。", given=shorten(detail["input"]), wanted=wanted)
        case "string_too_short" | "too_short":
            if int(context.get("min_length", 1)) > 1:
                return msg("“{key}”至少 {limit} 个字符。", key=key, limit=context["min_length"])
            return msg("“{key}”不能为空。", key=key)
        case "string_too_long" | "too_long":
            return _length_fault(key, context)
        case "greater_than_equal":
            return msg("“{key}”不能小于 {limit}。", key=key, limit=context.get("ge"))
        case "less_than_equal":
            return msg("“{key}”不能大于 {limit}。", key=key, limit=context.get("le"))
    return _type_fault(key, detail)


def _length_fault(key: str, context: Mapping[str, Any]) -> str:
    limit = context.get("max_length")
    if context.get("field_type") == "List":
        return msg("“{key}”最多 {limit} 项。", key=key, limit=limit)
    return msg("“{key}”超过 {limit} 个字符。", key=key, limit=limit)


def _type_fault(key: str, detail: Mapping[str, Any]) -> str:
    accepted = _EITHER.get(key) or _TYPES.get(detail["type"], msg("别的内容"))
    if key in ("min", "max") and isinstance(detail["input"], str):
        return msg(
            "“{key}”应写数字（不加引号），写的是“{given}”；日期的早晚请写成 rules 里的一条核对。",
            key=key,
            given=shorten(detail["input"]),
        )
    return msg(
        "“{key}”应写{accepted}，写的是{given}。", key=key, accepted=accepted, given=_given(detail["input"])
    )


def _given(value: JSON) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return msg("文字“{text}”", text=shorten(value))
        case list():
            return msg("列表")
        case Mapping():
            return msg("花括号里的内容")
    return shorten(value)


def _literal_fault(given: JSON, accepted: list[str]) -> str:
    near = did_you_mean(str(given), accepted)
    return msg(
        "“{given}”不在可用的值里{near}；可用的值：{accepted}。",
        given=shorten(given),
        near=near,
        accepted=format_list(accepted),
    )


def shorten(value: JSON) -> str:
    """Return what was written, at a length that a sentence can hold."""
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _model_at(model: type[pydantic.BaseModel], steps: tuple[int | str, ...]) -> type[pydantic.BaseModel]:
    """Return the model of a part of a model, as far as it is known."""
    for step in (step for step in steps if isinstance(step, str)):
        known = {entry.alias or name: entry for name, entry in model.model_fields.items()}
        inner = _models_in(known[step].annotation) if step in known else []
        if len(inner) != 1:
            break
        model = inner[0]
    return model


def _models_in(annotation: Any) -> list[type[pydantic.BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]


def _keys(model: type[pydantic.BaseModel]) -> list[str]:
    return [entry.alias or name for name, entry in model.model_fields.items()]


def unknown_key(key: str, known_keys: list[str] | tuple[str, ...]) -> str:
    return msg("不认识的键“{key}”{near}。", key=shorten(key), near=did_you_mean(key, known_keys))
