"""Source of a definition: JSON, fault locations, field groups."""

from __future__ import annotations

import contextlib
import copy
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pydantic

from formsvc.domain.definitions.shape_faults import shape_fault, steps_of, unknown_key
from formsvc.domain.json_types import JSON
from formsvc.domain.spelling import did_you_mean
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

Model = TypeVar("Model", bound=pydantic.BaseModel)
_INCLUDE_KEYS = ("include", "required", "with")
_GROUP_KEYS = ("id", "title", "fields", "rules", "word_lists")

# of one part of a definition; each is compared with what it might have been
MAX_SHAPE_FAULTS = 100


@dataclass(frozen=True)
class SourceLocation:
    """A file and a JSON pointer into it."""

    file: str
    pointer: str = ""

    def child(self, *steps: str | int) -> SourceLocation:
        return SourceLocation(self.file, self.pointer + "".join(f"/{step}" for step in steps))


@dataclass
class FaultCollector:
    """The faults found in one definition, in the order of their finding.

    ``unknown_keys`` counts faults that hide nothing: the rest of their part was read. ``lost_parts`` counts the
    parts that could not be read.
    """

    faults: list[Fault] = field(default_factory=list)
    unknown_keys: int = 0
    lost_parts: int = 0

    def add(self, location: SourceLocation, message: str, level: str = "error") -> None:
        fault = Fault(location.file, location.pointer or "/", message, level)
        # of a value that may have one of two types pydantic reports both
        if fault not in self.faults:
            self.faults.append(fault)

    @property
    def has_errors(self) -> bool:
        return any(fault.level == "error" for fault in self.faults)

    @property
    def has_blocking_errors(self) -> bool:
        """True if something else is wrong than unknown keys."""
        return sum(fault.level == "error" for fault in self.faults) > self.unknown_keys

    def parse_model(self, model: type[Model], value: JSON, location: SourceLocation) -> Model | None:
        """Return the value as a model, None if it cannot be read; add its faults.

        Unknown keys are left out, so that they do not hide the faults of what stands next to them.
        """
        try:
            return model.model_validate(value)
        except pydantic.ValidationError as error:
            details = error.errors(include_url=False)
            for detail in details[:MAX_SHAPE_FAULTS]:
                self.add(location.child(*steps_of(detail["loc"])), shape_fault(model, detail))
        if all(detail["type"] == "extra_forbidden" for detail in details):
            known = _without_keys(value, [steps_of(detail["loc"]) for detail in details])
            with contextlib.suppress(pydantic.ValidationError):
                parsed = model.model_validate(known)
                self.unknown_keys += len(details)
                return parsed
        self.lost_parts += 1
        return None


def _without_keys(value: JSON, paths: Sequence[Sequence[Any]]) -> JSON:
    """Return a copy without the keys at these paths."""
    copied = copy.deepcopy(value)
    for path in paths:
        owner: Any = copied
        for step in path[:-1]:
            owner = owner[step] if isinstance(owner, list | dict) else {}
        if isinstance(owner, dict):
            owner.pop(path[-1], None)
    return copied


def parse_json(value: JSON, location: SourceLocation, faults: FaultCollector) -> dict[str, Any]:
    """Return the object in a JSON text, or {} after adding a fault.

    A mapping is returned as it is.
    """
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, str | bytes):
        faults.add(location, msg("应是一个 JSON 对象。"))
        return {}
    # json keeps the last of repeated keys without a word.
    repeated: list[str] = []

    def object_from_pairs(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        keys = [key for key, _ in pairs]
        repeated.extend(key for key, count in Counter(keys).items() if count > 1)
        return dict(pairs)

    try:
        parsed = json.loads(value, object_pairs_hook=object_from_pairs)
    except (ValueError, RecursionError) as error:
        faults.add(location, _syntax_fault(error))
        return {}
    for key in repeated:
        faults.add(location, msg("键“{key}”写了两次，后一个会盖掉前一个。", key=key))
    if not isinstance(parsed, dict):
        faults.add(location, msg("应是一个 JSON 对象。"))
        return {}
    return parsed


def _syntax_fault(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        at = msg("第 {line} 行第 {column} 列", line=error.lineno, column=error.colno)
        return msg("不是有效的 JSON，{at}有语法错误。", at=at)
    return msg("不是有效的 JSON 文件（应为 UTF-8 编码）。")


@dataclass(frozen=True)
class LocatedItem:
    """A piece of JSON and its location."""

    value: JSON
    location: SourceLocation


@dataclass
class ExpandedSource:
    """Sections with their groups filled in, and the groups' rules.

    A section is its heading (title, hint), its location and its fields.
    """

    sections: list[tuple[dict[str, JSON], SourceLocation, list[LocatedItem]]] = field(default_factory=list)
    rules: list[LocatedItem] = field(default_factory=list)
    word_lists: list[LocatedItem] = field(default_factory=list)


def expand_groups(
    source: Mapping[str, JSON], groups: Mapping[str, JSON], top: SourceLocation, faults: FaultCollector
) -> ExpandedSource:
    """Return the sections of a definition with their groups filled in."""
    sections = source.get("sections")
    if not isinstance(sections, list) or not sections:
        faults.add(top.child("sections"), msg("“sections”应是至少一段的数组。"))
        return ExpandedSource()
    expander = _GroupExpander(groups, faults)
    for index, section in enumerate(sections):
        expander.add_section(section, top.child("sections", index))
    return expander.expanded


class _GroupExpander:
    """Fills in the groups of one definition; each group may be included once."""

    def __init__(self, groups: Mapping[str, JSON], faults: FaultCollector) -> None:
        self._groups = groups
        self._faults = faults
        self._included: set[str] = set()
        self.expanded = ExpandedSource()

    def add_section(self, section: JSON, location: SourceLocation) -> None:
        titled = isinstance(section, Mapping) and isinstance(section.get("title"), str) and section["title"]
        if not titled or not isinstance(section.get("fields"), list):
            self._faults.add(location, msg("每一段应写“title”（文字）和“fields”（数组）。"))
            return
        heading = {key: value for key, value in section.items() if key != "fields"}
        items: list[LocatedItem] = []
        for index, entry in enumerate(section["fields"]):
            items += self._expand_entry(entry, location.child("fields", index))
        self.expanded.sections.append((heading, location, items))

    def _expand_entry(self, entry: JSON, location: SourceLocation) -> list[LocatedItem]:
        if isinstance(entry, Mapping) and "include" not in entry:
            return [LocatedItem(entry, location)]
        include = entry if isinstance(entry, Mapping) else {"include": entry}
        for key in set(include) - set(_INCLUDE_KEYS):
            self._faults.add(location.child(key), unknown_key(key, _INCLUDE_KEYS))
        name = str(include["include"]).removeprefix("@")
        if name not in self._groups or not str(include["include"]).startswith("@"):
            near = did_you_mean(name, self._groups)
            self._faults.add(
                location, msg("没有公共字段组“{include}”{near}。", include=include["include"], near=near)
            )
            return []
        if name in self._included:
            self._faults.add(location, msg("公共字段组“@{name}”引入了两次。", name=name))
            return []
        self._included.add(name)
        return self._expand_group(name, include, location)

    def _expand_group(
        self, name: str, include: Mapping[str, JSON], location: SourceLocation
    ) -> list[LocatedItem]:
        group_location = SourceLocation(f"groups/{name}.json")
        group = parse_json(self._groups[name], group_location, self._faults)
        fields, rules = group.get("fields", []), group.get("rules", [])
        word_lists = group.get("word_lists", [])
        if not _are_objects(fields) or not isinstance(rules, list) or not isinstance(word_lists, list):
            self._faults.add(group_location, msg("公共字段组应写“fields”（字段的数组），“rules”应是数组。"))
            return []
        for key in set(group) - {"$schema", *_GROUP_KEYS}:
            self._faults.add(group_location.child(key), unknown_key(key, _GROUP_KEYS))
        self.expanded.rules += [
            LocatedItem(rule, group_location.child("rules", index)) for index, rule in enumerate(rules)
        ]
        self.expanded.word_lists += [
            LocatedItem(listed, group_location.child("word_lists", n)) for n, listed in enumerate(word_lists)
        ]
        changes = include.get("with") or {}
        if not isinstance(changes, Mapping) or not _are_objects(list(changes.values())):
            self._faults.add(location.child("with"), msg("“with”应是“字段名 → 要改的属性”。"))
            return []
        known_keys = [entry.get("key") for entry in fields]
        for key in (key for key in changes if key not in known_keys):
            self._faults.add(
                location.child("with", key),
                msg("公共字段组“@{name}”里没有字段“{key}”。", name=name, key=key),
            )
        return [
            LocatedItem(_changed_field(entry, changes, include), group_location.child("fields", index))
            for index, entry in enumerate(fields)
        ]


def _are_objects(values: JSON) -> bool:
    return isinstance(values, list) and all(isinstance(value, Mapping) for value in values)


def _changed_field(
    entry: Mapping[str, JSON], changes: Mapping[str, JSON], include: Mapping[str, JSON]
) -> dict[str, JSON]:
    changed = {**entry, **changes.get(entry.get("key", ""), {})}
    # ``required`` of the include replaces the condition of required fields; optional ones stay optional.
    if include.get("required") is not None and entry.get("required"):
        changed["required"] = include["required"]
    return changed
