"""Places of faults as people see them: section, label, line in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from formsvc.domain.definitions.source_lines import line_numbers
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import join_messages, msg

# text of a file by its shown name (T22.json, groups/ISS.json); None if it is not known
SourceTexts = Callable[[str], str | None]


_LIFE_PARTS = {"deadlines": msg("期限"), "follow_ups": msg("后续文书")}
_EVENTS = {
    "issued": msg("签发后"),
    "served": msg("送达后"),
    "voided": msg("作废后"),
    "revoked": msg("被撤销后"),
}


def with_places(
    faults: Iterable[Fault], contents: Mapping[str, JSON], texts: SourceTexts | None = None
) -> list[Fault]:
    """Return the faults with their places in words.

    ``contents`` are the files' JSON by shown name; without ``texts`` no lines are named.
    """
    lines: dict[str, Mapping[str, int]] = {}
    located = []
    for fault in faults:
        if fault.file not in lines:
            text = texts(fault.file) if texts else None
            lines[fault.file] = line_numbers(text) if text else {}
        words = _words(contents.get(fault.file), fault.where.strip("/").split("/"))
        line = _line_of(lines[fault.file], fault.where)
        place = join_messages(words, msg("（第{n}行）", n=line) if line else "")
        located.append(replace(fault, place=place))
    return located


def place_words(content: JSON, pointer: str) -> str:
    """Return a place in a definition in words, without a line."""
    return _words(content, pointer.strip("/").split("/"))


def _line_of(lines: Mapping[str, int], pointer: str) -> int | None:
    # what is missing has no line of its own: that of the part it is missing from is named
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer) if pointer else None


def _words(content: JSON, steps: list[str]) -> str:
    match steps:
        case ["sections", number, *rest] if number.isdecimal():
            section = _part(content, ["sections", number])
            return join_messages(
                _titled(msg("第{n}节", n=int(number) + 1), section, "title"), _in_section(section, rest)
            )
        case ["fields", number, *rest]:
            return _field_words(
                _part(content, ["fields", number]), int(number) + 1 if number.isdecimal() else 0, rest
            )
        case ["rules", number, *rest] if number.isdecimal():
            return join_messages(
                _titled(msg("第{n}条核对", n=int(number) + 1), _part(content, ["rules", number]), "id"),
                _property(rest),
            )
        case ["example", key, *rest]:
            row = msg("第{n}行", n=int(rest[0]) + 1) if rest and rest[0].isdecimal() else ""
            return join_messages(
                msg("填写样例的“{key}”", key=_label_of(content, key)), row, _property(rest[1:])
            )
        case ["life", part, number, *rest] if number.isdecimal() and part in _LIFE_PARTS:
            named = _part(content, ["life", part, number])
            key = "name" if part == "deadlines" else "title"
            return join_messages(
                _titled(
                    msg("办理规则的第{n}个{part}", n=int(number) + 1, part=_LIFE_PARTS[part]), named, key
                ),
                _property(rest),
            )
        case ["life", "effects", event, number, *rest] if number.isdecimal() and event in _EVENTS:
            place = msg("办理规则中{event}的第{n}项效力", event=_EVENTS[event], n=int(number) + 1)
            return join_messages(place, _property(rest))
        case ["life", *rest]:
            return join_messages(msg("办理规则（life）"), _property(rest))
        case [""] | []:
            return ""
        case [key, *rest]:
            return join_messages(msg("“{key}”", key=key), _property(rest))
    return ""


def _in_section(section: JSON, rest: list[str]) -> str:
    if len(rest) >= 2 and rest[0] == "fields" and rest[1].isdecimal():
        return join_messages(msg("的"), _field_words(_part(section, rest[:2]), int(rest[1]) + 1, rest[2:]))
    return _property(rest)


def _field_words(entry: JSON, number: int, rest: list[str]) -> str:
    """Return “label” of a field or “table”的“column”, and the property."""
    words = _titled("", entry, "label") or _titled("", entry, "key")
    if isinstance(entry, str):
        words = msg("“{name}”", name=entry)
    if isinstance(entry, Mapping) and "include" in entry:
        words = msg("“{name}”", name=entry["include"])
    words = words or msg("第{n}个字段", n=number)
    if len(rest) >= 2 and rest[0] == "columns" and rest[1].isdecimal():
        column = _field_words(_part(entry, rest[:2]), int(rest[1]) + 1, rest[2:])
        return join_messages(words, msg("的"), column)
    return join_messages(words, _property(rest))


def _titled(number: str, part: JSON, key: str) -> str:
    title = part.get(key) if isinstance(part, Mapping) else None
    named = msg("“{name}”", name=title) if isinstance(title, str) and title else ""
    return join_messages(number, named)


def _property(rest: list[str]) -> str:
    return msg("的 {name}", name=".".join(rest)) if rest else ""


def _label_of(content: JSON, key: str) -> str:
    sections = content.get("sections", []) if isinstance(content, Mapping) else []
    for section in sections if isinstance(sections, list) else []:
        fields = section.get("fields", []) if isinstance(section, Mapping) else []
        for entry in fields if isinstance(fields, list) else []:
            if isinstance(entry, Mapping) and entry.get("key") == key:
                return str(entry.get("label") or key)
    return key


def _part(content: JSON, steps: list[str]) -> JSON:
    for step in steps:
        if isinstance(content, Mapping):
            content = content.get(step)
        elif isinstance(content, list) and step.isdecimal() and int(step) < len(content):
            content = content[int(step)]
        else:
            return None
    return content
