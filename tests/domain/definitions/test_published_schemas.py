"""The JSON Schemas in docs/: current, every property described in Chinese, and every shipped file fits its own."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest

from formsvc.domain.definitions.schema import format_schema, group_schema, lookup_schema
from formsvc.domain.registers.definition import register_schema
from formsvc.domain.statistics.view import view_schema
from tests.support.circumstances import DEFINITIONS
from tests.support.paths import ROOT

SCHEMAS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "form-definition": (format_schema, "*.json"),
    "field-group": (group_schema, "groups/*.json"),
    "lookup": (lookup_schema, "lookups/*.json"),
    "register-definition": (register_schema, "registers/*.json"),
    "view": (view_schema, "views/*.json"),
}
FILES = [(name, file) for name, (_, pattern) in SCHEMAS.items() for file in sorted(DEFINITIONS.glob(pattern))]


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of a schema with its place."""
    for name, model in (("", schema), *schema.get("$defs", {}).items()):
        for key, described in model.get("properties", {}).items():
            yield f"{name}.{key}", described


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_in_the_docs_is_current(name: str) -> None:
    kept = (ROOT / f"docs/{name}.schema.json").read_text(encoding="utf-8")
    written = json.dumps(SCHEMAS[name][0](), ensure_ascii=False, indent=2) + "\n"
    assert kept == written, "write the new schema to that file"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_is_described_in_chinese(name: str) -> None:
    bare = [
        place
        for place, described in properties(SCHEMAS[name][0]())
        if not re.search("[\u4e00-\u9fff]", str(described.get("description", "")))
    ]
    assert bare == []


@pytest.mark.parametrize(("name", "file"), FILES, ids=lambda part: getattr(part, "name", part))
def test_a_shipped_file_fits_its_schema(name: str, file: Any) -> None:
    validator = jsonschema_rs.validator_for(SCHEMAS[name][0]())
    content = json.loads(file.read_text(encoding="utf-8"))
    assert [f"{e.instance_path}: {e.message}" for e in validator.iter_errors(content)] == []


@pytest.mark.parametrize(
    ("name", "file", "path", "wrong"),
    [
        ("form-definition", "T22.json", ("numbering", "style"), "公文"),
        ("form-definition", "T22.json", ("titel",), "责令限期改正通知书"),
        ("field-group", "groups/ISS.json", ("fields", 0, "kind"), "机关"),
        ("field-group", "groups/ISS.json", ("fields", 0, "lable"), "制发机关"),
        ("lookup", "lookups/laws.json", ("entries", 0, "code"), 1),
        ("lookup", "lookups/laws.json", ("entry",), []),
        ("view", "views/open_by_kind.json", ("group",), "kind"),
        ("view", "views/open_by_kind.json", ("titel",), "未办的事"),
    ],
)
def test_a_slip_is_marked_by_the_editor(
    name: str, file: str, path: tuple[str | int, ...], wrong: Any
) -> None:
    content = json.loads((DEFINITIONS / file).read_text(encoding="utf-8"))
    place = changed = copy.deepcopy(content)
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    validator = jsonschema_rs.validator_for(SCHEMAS[name][0]())
    assert not validator.is_valid(changed) and validator.is_valid(content)
