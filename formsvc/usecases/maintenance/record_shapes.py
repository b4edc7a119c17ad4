"""Shapes of stored records: the fields each kind needs, and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from formsvc.domain.accounts.account import Account, Role
from formsvc.domain.accounts.api_token import ApiToken
from formsvc.domain.acts.act import Act, Event, State
from formsvc.domain.numbering.series import series_from_record
from formsvc.domain.registers.timeline import RegisterEntry
from formsvc.i18n.messages import Message, msg
from formsvc.usecases.ports import Record

# the JSON types of the annotations in use, by their first word
_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "dict": (dict,),
    "list": (list,),
    "tuple": (list,),
}
_SHAPES: dict[str, type] = {
    "accounts": Account,
    "acts": Act,
    "events": Event,
    "register_entries": RegisterEntry,
    "tokens": ApiToken,
}
# of collections without a class: fields that other parts rely on
_NEEDED: dict[str, dict[str, type]] = {
    "numbers": {"series": str, "year": int, "n": int, "text": str, "state": str},
    "counters": {"last": int},
    "offices": {"name": str},
    "authorities": {"name": str, "kind": str},
    "registers": {"definition": dict},
    "revisions": {"form": str, "definition": dict, "template": str},
}
_WORD = re.compile(r"[a-z]+")
_EVENT_KEY = re.compile(r"\d{12}")
_REGISTER_KEY = re.compile(r".+/\d{4}")
_MAX_NAMES = 5


def record_fault(collection: str, record: Record) -> Message | None:
    """Return what is wrong with a record as a clause, None for nothing."""
    shape = _SHAPES.get(collection)
    fault = _shape_fault(shape, record) if shape else _needed_fault(_NEEDED.get(collection, {}), record)
    return fault or _own_fault(collection, record)


def _shape_fault(shape: type, record: Record) -> Message | None:
    known: dict[str, Field[Any]] = {each.name: each for each in fields(shape)}
    unknown = [name for name in record if name not in known]
    if unknown:
        return msg("有不认识的字段{names}", names=_names(unknown))
    required = [n for n, each in known.items() if each.default is MISSING and each.default_factory is MISSING]
    missing = [name for name in required if name not in record]
    if missing:
        return msg("缺少字段{names}", names=_names(missing))
    wrong = [name for name, value in record.items() if not _is_of_type(known[name], value)]
    return msg("字段{names}的类型不对", names=_names(wrong)) if wrong else None


def _is_of_type(each: Field[Any], value: Any) -> bool:
    word = _WORD.match(str(each.type))
    types = _JSON_TYPES.get(word[0] if word else "")
    return types is None or type(value) in types


def _needed_fault(needed: Mapping[str, type], record: Record) -> Message | None:
    missing = [name for name in needed if name not in record]
    if missing:
        return msg("缺少字段{names}", names=_names(missing))
    wrong = [name for name, kind in needed.items() if type(record[name]) is not kind]
    return msg("字段{names}的类型不对", names=_names(wrong)) if wrong else None


def _own_fault(collection: str, record: Record) -> Message | None:
    """Return a fault that only records of this collection can have."""
    if collection == "accounts" and not _are_roles(record.get("roles", {})):
        return msg("有不认识的角色")
    if collection == "acts" and record.get("state", State.DRAFT) not in set(State):
        return msg("有不认识的状态")
    if collection == "events" and not _EVENT_KEY.fullmatch(record["id"]):
        return msg("编号不是十二位数字")
    if collection == "counters" and not _REGISTER_KEY.fullmatch(record["id"]):
        return msg("编号不是“系列/年份”")
    if collection == "series":
        try:
            series_from_record(record)
        except (ValueError, TypeError, KeyError, AttributeError):
            return msg("文号系列的内容不完整")
    return None


def _are_roles(roles: Any) -> bool:
    return all(isinstance(names, list) and set(map(str, names)) <= set(Role) for names in roles.values())


def _names(names: list[str]) -> str:
    return "".join(f"“{name[:40]}”" for name in names[:_MAX_NAMES])
