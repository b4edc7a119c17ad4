"""No id, no title and no field key of a kind of document stands in the code: what a kind needs is in its definition."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from formsvc.domain.fields.roles import COLUMN_ROLES, FIELD_ROLES
from tests.support.paths import ROOT

PACKAGE = ROOT / "formsvc"
_ID = re.compile(r"(?<![A-Za-z0-9_%])(T\d\d[A-Z]?)(?![A-Za-z0-9])")
_TEXT_FILES = frozenset({".py", ".json", ".html", ".js", ".css", ".txt", ".svg"})
# where an id or a title may stand, and why
_EXAMPLES = {
    "cli/documents.py": "an example of a command",
    "documents/checking/folders.py": "an example of the names of Word's lock files",
    "documents/filling/fill.py": "what a measurement was made with",
    "domain/definitions/shape_faults.py": "an example of how an id is written",
    "domain/definitions/schema.py": "an example of how an id is written",
    "domain/definitions/checks/fields.py": "an example of how a reference is written",
    "domain/definitions/places.py": "an example of a file's name",
    "domain/expressions/structure.py": "an example of a function's arguments",
    "domain/fields/field.py": "an example of how references are written",
    "storage/backup/archive.py": "an example of a file's name",
    "usecases/numbering/manual_import.py": "an example in the sample sheet",
    "usecases/ports.py": "an example of a key",
    "web/api/operations.py": "an example of how an id is written",
    "web/api/schemas.py": "an example of how an id is written",
    "web/templates/numbers/account.html": "an example in a hint",
}
# the paper that proves a service, in law and in the words of the pages: a notion, not the title of one kind
_NOTIONS = frozenset({"送达回证"})


def sources() -> Iterator[tuple[str, str]]:
    """Names and texts of the package's files, without the sample office."""
    for file in sorted(PACKAGE.rglob("*")):
        name = file.relative_to(PACKAGE).as_posix()
        if file.suffix in _TEXT_FILES and not name.startswith("demo/") and "__pycache__" not in name:
            yield name, file.read_text(encoding="utf-8")


@cache
def kinds() -> dict[str, dict[str, Any]]:
    files = (ROOT / "form_definitions").glob("*.json")
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def ids_and_titles_in(text: str) -> list[str]:
    # a date-time such as {day}T00:00:00 is no id
    text = re.sub(r"T\d\d:\d\d", "", text)
    titles = {kind["title"] for kind in kinds().values()} - _NOTIONS
    return sorted({*_ID.findall(text), *(title for title in titles if title in text)})


def test_no_id_and_no_title_of_a_kind_stands_in_the_code() -> None:
    found = {name: hits for name, text in sources() if (hits := ids_and_titles_in(text))}
    assert {name: hits for name, hits in found.items() if name not in _EXAMPLES} == {}
    # an exception that nothing needs any more goes
    assert set(_EXAMPLES) <= set(found)


def test_an_id_in_the_code_would_be_found() -> None:
    assert ids_and_titles_in('ORDERS = "T21/T22"; x = ["T25B"]') == ["T21", "T22", "T25B"]
    assert ids_and_titles_in("STATE_T21 T2 T221 AT22 T10:30") == []
    assert ids_and_titles_in("《复查意见书》") == ["复查意见书"]


# Keys of fields ------------------------------------------------------------------------------------------

# what holds the answers of a document, or one row of them
_ANSWERS = frozenset({"answers", "values", "row", "rows"})
# words that are keys of some kind, too, and stand in the code for something else
_ENTRUSTMENT = "columns of the register of entrustments, which definitions write by name"
_NUMBERS = "properties of a row of the number register"
_ROWS = "the number that every row of a table has"
_OFFICERS = "properties of the record of an officer"
_OTHER_MEANINGS: dict[str, tuple[str, set[str]]] = {
    "documents/generated/scaffold_sentences.py": ("wording of a draft by usual columns", {"cert_no"}),
    "domain/authorities.py": (
        _ENTRUSTMENT,
        {"act_types", "against", "agent_name", "agent_officers", "area", "area_codes", "cert_no", "code"}
        | {"end_date", "exclude", "excluded_places", "law", "matters", "name", "penalty", "powers"}
        | {"principal_name", "start_date", "unfinished", "v_codes"},
    ),
    "domain/authorization/entrustment_terms.py": (
        _ENTRUSTMENT,
        {"agent_name", "area", "area_codes", "end_date", "matters", "powers", "principal_name", "start_date"},
    ),
    "domain/evaluation/evaluation.py": (_ROWS, {"no"}),
    "domain/expressions/functions/__init__.py": (
        "parts of a sentence of the lookups, and properties of the record of a body",
        {"agent_name", "assign_doc", "entrust_ref", "issuer_name", "review_organ"},
    ),
    "domain/expressions/functions/documents.py": (_ROWS, {"no"}),
    "domain/life/effects.py": ("a verb of effects", {"change_rows"}),
    "domain/numbering/register.py": (_NUMBERS, {"approver", "collected", "due", "reason", "stage"}),
    "usecases/administration/records.py": (
        f"{_ENTRUSTMENT}; {_OFFICERS}",
        {"agent_name", "cert_no", "end_date", "principal_name", "start_date"},
    ),
    "usecases/administration/retention.py": (_NUMBERS, {"party"}),
    "usecases/circumstances.py": (_ENTRUSTMENT, {"agent_name", "issue_date", "principal_name"}),
    "usecases/effects/execution.py": (_NUMBERS, {"reason"}),
    "usecases/numbering/manual_entries.py": (_NUMBERS, {"party", "title"}),
    "usecases/numbering/register_export.py": (_NUMBERS, {"party", "title"}),
    "usecases/numbering/reservations.py": (_OFFICERS, {"cert_no"}),
    "usecases/registers/paper.py": (_ENTRUSTMENT, {"issue_date", "start_date"}),
    "web/acts/attachments.py": (_ROWS, {"no"}),
    "web/admin/forms.py": (
        f"{_ENTRUSTMENT}; {_OFFICERS}",
        {"agent_name", "agent_officers", "area_codes", "assign_doc", "cert_no", "end_date"}
        | {"excluded_places", "principal_name", "review_organ", "start_date"},
    ),
    "web/admin/records.py": (
        f"{_ENTRUSTMENT}; {_OFFICERS}",
        {"agent_name", "cert_no", "end_date", "principal_name", "start_date"},
    ),
    "web/numbers/transitions.py": (_OFFICERS, {"cert_no"}),
    "web/numbers/views.py": (_NUMBERS, {"title"}),
}
# the one module that says which key has a role in a definition that names none
_USUAL_KEYS = "domain/fields/roles.py"


@cache
def field_keys() -> frozenset[str]:
    """Keys of all fields and columns of shipped kinds and groups."""
    groups = [json.loads(f.read_text("utf-8")) for f in (ROOT / "form_definitions/groups").glob("*.json")]
    sections = [section for kind in kinds().values() for section in kind["sections"]]
    listed = [field for part in (*sections, *groups) for field in part["fields"] if isinstance(field, dict)]
    fields = [field for field in listed if "key" in field]
    return frozenset(each["key"] for field in fields for each in (field, *field.get("columns", ())))


def keys_read_from_answers(tree: ast.AST) -> Iterator[str]:
    """Literals by which answers are read: ``answers.get("x")``, ``row["x"]``, ``definition.field("x")``."""
    for node in ast.walk(tree):
        owner, read = _owner_and_key(node)
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if name in _ANSWERS and isinstance(read, ast.Constant) and read.value in field_keys():
            yield str(read.value)


def _owner_and_key(node: ast.AST) -> tuple[ast.AST | None, ast.AST | None]:
    if isinstance(node, ast.Subscript):
        return node.value, node.slice
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        return node.comparators[0], node.left
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr in ("field", "column"):
            return ast.Name("answers"), node.args[0]
        if node.func.attr in ("get", "pop"):
            return node.func.value, node.args[0]
    return None, None


def compound_keys(tree: ast.AST) -> Iterator[str]:
    """Literals that are the key of a field, of several words and so of no other meaning by chance.

    What is also the name of a role is one: a key is found by how it is read.
    """
    keys = field_keys() - FIELD_ROLES.keys() - COLUMN_ROLES.keys()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in keys and "_" in str(node.value):
            yield str(node.value)


def keys_in(source: str) -> set[str]:
    tree = ast.parse(source)
    return {*keys_read_from_answers(tree), *compound_keys(tree)}


def test_no_key_of_a_field_stands_in_the_code() -> None:
    modules = ((name, text) for name, text in sources() if name.endswith(".py") and name != _USUAL_KEYS)
    found = {name: hits for name, text in modules if (hits := keys_in(text))}
    assert found == {name: words for name, (_, words) in _OTHER_MEANINGS.items()}


def test_a_key_in_the_code_would_be_found() -> None:
    read = 'a = values.get("hazards")\nb = act.answers["measure"]\nc = definition.field("officers")'
    assert keys_in(read) == {"hazards", "measure", "officers"}
    assert keys_in('PLACES = ("party_addr", "elsewhere")\nif "matters" in answers: pass') == {
        "party_addr",
        "matters",
    }
    assert keys_in('values.get("party_type")') == {"party_type"}
    assert keys_in('title = record["title"]; x = "hazards"; roles.text(values, "party_type")') == set()


def test_each_role_is_that_of_a_shipped_field_by_its_usual_key() -> None:
    usual = {role.usual_key for role in (*FIELD_ROLES.values(), *COLUMN_ROLES.values())}
    # the column of an officer's position is in no shipped table
    assert usual - field_keys() == set()
