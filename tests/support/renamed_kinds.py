"""The shipped kinds of documents under other ids, titles, genres and field keys.

What the service does with them must not depend on any of these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from formsvc.domain.definition_loader import FormDefinition, load_definition
from formsvc.domain.fields.roles import COLUMN_ROLES, FIELD_ROLES
from formsvc.errors import Fault
from formsvc.usecases.ports import DefinitionFile
from tests.support.circumstances import DEFINITIONS, definition, read_folder
from tests.support.memory_office import Office, SampleLibrary, make_office

# words of the definition format and of references: a key of this name is kept, as are words of lookups
_KEPT = frozenset(
    {"number", "title", "date", "name", "form", "kind", "state", "mode", "document", "item", "row"}
)
# properties that name no field
_OTHER_WORDS = frozenset(
    [
        "kind",
        "register",
        "do",
        "unit",
        "late",
        "awaits",
        "style",
        "act_type",
        "family",
        "format",
        "lookup",
        "by",
    ]
    + [
        "personal",
        "role",
        "level",
        "modes",
        "issuer_kinds",
        "template",
        "choices",
        "missing",
        "digits",
        "keep",
        "row_match",
        "row_set",
    ]
)
# properties whose keys are columns of a register or of another file's data
_COLUMNS = frozenset({"set", "match", "added"})
_ROLE_OF = {role.usual_key: name for name, role in FIELD_ROLES.items()}
_COLUMN_ROLE_OF = {role.usual_key: name for name, role in COLUMN_ROLES.items()}
# columns that a fixed table of the format has, told by their role instead
_ID = re.compile(r"(?<![A-Za-z0-9])T(\d\d[A-Z]?)(?![A-Za-z0-9])")


@cache
def shipped_forms() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in DEFINITIONS.glob("*.json")))


@cache
def _keys() -> frozenset[str]:
    fields = [entry for form in shipped_forms() for entry in definition(form).fields]
    columns = [column for entry in fields for column in entry.columns or ()]
    lookups = read_folder("lookups")
    words = {word for lookup in lookups.values() for entry in lookup["entries"] for word in entry}
    return frozenset(entry.key for entry in (*fields, *columns)) - _KEPT - words - set(lookups)


def renamed_key(key: str) -> str:
    """The key backwards, which is as long: expressions have a longest length."""
    return key[::-1] if key in _keys() else key


@cache
def _titles() -> Mapping[str, str]:
    return {str(definition(form).title): f"第{_made_up_id(form)}号虚构文书" for form in shipped_forms()}


def _made_up_id(form: str) -> str:
    return _ID.sub(r"K\1X", form)


@cache
def _key_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![A-Za-z0-9_])({'|'.join(sorted(_keys(), key=len, reverse=True))})(?![A-Za-z0-9_])"
    )


def renamed_text(text: str) -> str:
    """The text with other ids and keys."""
    return _ID.sub(r"K\1X", _key_pattern().sub(lambda found: renamed_key(found[1]), text))


def renamed_answers(value: Any) -> Any:
    """Answers under the other keys."""
    if isinstance(value, dict):
        return {renamed_key(k): renamed_answers(v) for k, v in value.items()}
    return [renamed_answers(v) for v in value] if isinstance(value, list) else value


def usual_text(text: str) -> str:
    """A text of the service as it reads for the shipped kinds."""
    for title, made_up in _titles().items():
        text = text.replace(made_up, title)
    backwards = {key[::-1]: key for key in _keys()}
    text = re.sub(r"[a-z][a-z0-9_]+", lambda found: backwards.get(found[0], found[0]), text)
    return re.sub(r"K(\d\d[A-Z]?)X", r"T\1", text)


def usual_answers(value: Any) -> Any:
    """JSON of the service as it reads for the shipped kinds."""
    if isinstance(value, dict):
        return {usual_text(k): usual_answers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [usual_answers(v) for v in value]
    return usual_text(value) if isinstance(value, str) else value


def _renamed(value: Any, owner: str = "") -> Any:
    if isinstance(value, dict) and owner == "pick":
        # its keys are fields, its values columns of a register
        named = {"fields": {renamed_key(k): v for k, v in value["fields"].items()}}
        if "contents" in value:
            named["contents"] = {renamed_key(k): v for k, v in value["contents"].items()}
        return value | named | ({"counted": _renamed(value["counted"])} if "counted" in value else {})
    if isinstance(value, dict):
        keep = owner in _COLUMNS
        return {
            (renamed_key(k) if owner == "carry" else k): (
                v if not keep and (k in _OTHER_WORDS or k == "id") else _renamed(v, k)
            )
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [_renamed(v, owner) for v in value]
    if owner == "title" and value in _titles():
        return _titles()[value]
    return renamed_text(value) if isinstance(value, str) else value


def _with_roles(source: dict[str, Any]) -> dict[str, Any]:
    for section in source["sections"]:
        for entry in section["fields"]:
            _say_role(entry, _ROLE_OF)
            for column in entry.get("columns") or ():
                _say_role(column, _COLUMN_ROLE_OF)
    return source


def _with_inner_columns(source: dict[str, Any]) -> dict[str, Any]:
    """Let effects that write a whole table into a register name its columns."""
    tables = {e["key"]: e for section in source["sections"] for e in section["fields"] if e.get("columns")}
    for listed in (source.get("life") or {}).get("effects", {}).values():
        for effect in listed:
            for column, key in list(effect.get("set", {}).items()):
                inner = [c["key"] for c in tables.get(key, {}).get("columns", ())]
                effect["set"] |= {f"{column}.{each}": f"row.{each}" for each in inner}
    return source


def _say_role(entry: dict[str, Any], roles: Mapping[str, str]) -> None:
    role = roles.get(entry["key"])
    if role and entry["key"] in _keys():
        entry["role"] = role


@cache
def renamed_definition(form: str) -> FormDefinition:
    """The definition of a shipped kind under its other names."""
    resolved = definition(form).to_resolved()
    resolved.pop("lookups")
    example = renamed_answers(resolved.pop("example"))
    source = _renamed(_with_inner_columns(_with_roles(resolved)))
    source |= {"id": _made_up_id(form), "title": _titles()[str(definition(form).title)], "example": example}
    source["numbering"]["genre"] = source["numbering"]["genre"].replace("消", "仿")
    return load_definition(source, {}, read_folder("lookups"))


class RenamedLibrary(SampleLibrary):
    """The shipped kinds under their other names, and nothing else."""

    def forms(self) -> list[str]:
        return [_made_up_id(form) for form in shipped_forms()]

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        found = [renamed_definition(form) for form in shipped_forms()]
        return [DefinitionFile(each.id, each.to_resolved(), b"template") for each in found], []


def renamed_office(folder: Path) -> Office:
    """The sample office with the made-up kinds instead of the shipped ones."""
    office = make_office(folder, library=RenamedLibrary())
    with office.ports.store.write() as tx:
        for record in tx.series.find():
            forms = [_made_up_id(form) for form in record["forms"]]
            tx.series.replace(record["id"], {**record, "forms": forms})
    return office
