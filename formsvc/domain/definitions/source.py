"""From the text of a definition to plain JSON with its groups filled in, every fault with its place."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pydantic

from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import format_list, msg

P = TypeVar("P", bound=pydantic.BaseModel)


@dataclass(frozen=True)
class Place:
    """A place in a file of definitions: the file and a JSON pointer."""

    file: str
    pointer: str = ""

    def at(self, *steps: str | int) -> Place:
        """The place further in."""
        return Place(self.file, self.pointer + "".join(f"/{step}" for step in steps))


@dataclass
class Faults:
    """The faults found so far."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        """Note a fault."""
        self.found.append(Fault(place.file, place.pointer or "/", message))

    def piece(self, model: type[P], given: JSON, place: Place) -> P | None:
        """The given JSON as a piece of the model, or None with its faults noted."""
        try:
            return model.model_validate(given)
        except pydantic.ValidationError as error:
            for detail in error.errors(include_url=False):
                steps = [
                    step for step in detail["loc"] if not str(step).startswith(("function-", "constrained-"))
                ]
                self.add(place.at(*steps), _sentence(model, detail))
            return None


def _sentence(model: type[pydantic.BaseModel], detail: Mapping[str, Any]) -> str:
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return msg("不认识的键“{key}”{near}。", key=key, near=near(key, _keys(model)))
        case "missing":
            return msg("缺少“{key}”。", key=key)
        case "literal_error":
            return msg(
                "“{given}”不在可用的值里：{accepted}。",
                given=detail["input"],
                accepted=format_list(str(context.get("expected", "")).split(" or ")),
            )
        case "string_pattern_mismatch":
            return msg(
                "“{given}”的写法不对，应符合 {wanted}。",
                given=detail["input"],
                wanted=context.get("pattern", ""),
            )
        case "string_too_short" | "too_short":
            return msg("“{key}”不能为空。", key=key)
        case "string_too_long":
            return msg("“{key}”超过 {limit} 个字符。", key=key, limit=context.get("max_length"))
        case _:
            return msg("“{key}”的类型或者取值不对（{reason}）。", key=key, reason=detail["msg"])


def _keys(model: type[pydantic.BaseModel]) -> list[str]:
    return [entry.alias or name for name, entry in model.model_fields.items()]


def near(word: str, words: Iterable[str]) -> str:
    """“，是否想写……” with the nearest word, where one is near."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.5)
    return msg("，是否想写“{word}”", word=close[0]) if close else ""


def read_json(given: JSON, place: Place, faults: Faults) -> dict[str, Any]:
    """The object that a text holds; repeated keys and bad syntax are faults."""
    if isinstance(given, Mapping):
        return dict(given)
    if not isinstance(given, str | bytes):
        faults.add(place, msg("应是一个 JSON 对象。"))
        return {}
    repeated: list[str] = []

    def pairs(entries: list[tuple[str, JSON]]) -> dict[str, JSON]:
        keys = [key for key, _ in entries]
        repeated.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(entries)

    try:
        read = json.loads(given, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        at = (
            msg("第 {line} 行第 {column} 列", line=error.lineno, column=error.colno)
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        faults.add(
            place,
            msg("不是有效的 JSON，{at}有语法错误。", at=at)
            if at
            else msg("不是有效的 JSON 文件（应为 UTF-8 编码）。"),
        )
        return {}
    for key in repeated:
        faults.add(place, msg("键“{key}”写了两次，后一个会盖掉前一个。", key=key))
    if not isinstance(read, dict):
        faults.add(place, msg("应是一个 JSON 对象。"))
        return {}
    return read


@dataclass(frozen=True)
class Placed:
    """A piece of JSON and where it is written."""

    given: JSON
    place: Place


@dataclass
class Expansion:
    """Sections with their groups filled in: fields section by section, and the rules the groups bring."""

    sections: list[tuple[dict[str, JSON], Place, list[Placed]]] = field(default_factory=list)
    rules: list[Placed] = field(default_factory=list)


def expand(source: Mapping[str, JSON], groups: Mapping[str, JSON], place: Place, faults: Faults) -> Expansion:
    """Fill in the groups of every section."""
    expansion = Expansion()
    sections = source.get("sections")
    if not isinstance(sections, list) or not sections:
        faults.add(place.at("sections"), msg("“sections”应是至少一段的数组。"))
        return expansion
    seen: set[str] = set()
    for index, section in enumerate(sections):
        here = place.at("sections", index)
        named = isinstance(section, Mapping) and isinstance(section.get("title"), str) and section["title"]
        if not named or not isinstance(section.get("fields"), list):
            faults.add(here, msg("每一段应写“title”（文字）和“fields”（数组）。"))
            continue
        head = {key: value for key, value in section.items() if key != "fields"}
        placed: list[Placed] = []
        for number, entry in enumerate(section["fields"]):
            placed += _entry(Placed(entry, here.at("fields", number)), groups, expansion, seen, faults)
        expansion.sections.append((head, here, placed))
    return expansion


def _entry(
    entry: Placed, groups: Mapping[str, JSON], expansion: Expansion, seen: set[str], faults: Faults
) -> list[Placed]:
    if isinstance(entry.given, Mapping) and "include" not in entry.given:
        return [entry]
    wish = entry.given if isinstance(entry.given, Mapping) else {"include": entry.given}
    for key in set(wish) - {"include", "required", "with"}:
        faults.add(
            entry.place.at(key),
            msg("不认识的键“{key}”{near}。", key=key, near=near(key, ("include", "required", "with"))),
        )
    name = str(wish["include"]).removeprefix("@")
    if name not in groups or not str(wish["include"]).startswith("@"):
        faults.add(
            entry.place,
            msg("没有公共字段组“{include}”{near}。", include=wish["include"], near=near(name, groups)),
        )
        return []
    if name in seen:
        faults.add(entry.place, msg("公共字段组“@{name}”引入了两次。", name=name))
        return []
    seen.add(name)
    return _group(name, groups[name], wish, entry.place, expansion, faults)


def _group(
    name: str, given: JSON, wish: Mapping[str, JSON], at: Place, expansion: Expansion, faults: Faults
) -> list[Placed]:
    place = Place(f"groups/{name}.json")
    group = read_json(given, place, faults)
    own, rules = group.get("fields", []), group.get("rules", [])
    if (
        not isinstance(own, list)
        or not isinstance(rules, list)
        or not all(isinstance(f, Mapping) for f in own)
    ):
        faults.add(place, msg("公共字段组应写“fields”（字段的数组），“rules”应是数组。"))
        return []
    for key in set(group) - {"$schema", "id", "title", "fields", "rules"}:
        faults.add(
            place.at(key),
            msg("不认识的键“{key}”{near}。", key=key, near=near(key, ("id", "title", "fields", "rules"))),
        )
    for index, rule in enumerate(rules):
        expansion.rules.append(Placed(rule, place.at("rules", index)))
    changes = wish.get("with") or {}
    if not isinstance(changes, Mapping) or not all(isinstance(c, Mapping) for c in changes.values()):
        faults.add(at.at("with"), msg("“with”应是“字段名 → 要改的属性”。"))
        return []
    changes = dict(changes)
    placed = []
    for index, entry in enumerate(own):
        changed = {**entry, **changes.pop(entry.get("key"), {})}
        if wish.get("required") is not None and entry.get("required"):
            changed["required"] = wish["required"]
        placed.append(Placed(changed, place.at("fields", index)))
    for key in changes:
        faults.add(at.at("with", key), msg("公共字段组“@{name}”里没有字段“{key}”。", name=name, key=key))
    return placed
