"""Names that a template may use, with the types of their values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from formsvc.documents.checking.comparisons import NUMBER, TEXT, ValueType
from formsvc.documents.templates.foreign_tags import FieldNames
from formsvc.domain.definitions.document_rules import COPY_NAME, ISSUERS_NAME
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.files import PhotographsKind
from formsvc.domain.fields.tables.totals import TOTAL_SUFFIX, is_added_up, totalled_columns
from formsvc.i18n.messages import msg

_LISTS = frozenset({"choices", "files"})
_PHOTOGRAPHS, _SIGNATURE = "photographs", "signature"
_NUMBERS = frozenset({"integer", "decimal"})
NUMBER_NAME, TITLE_NAME = "doc_no", "form_title"


@dataclass(frozen=True)
class NameType:
    """Type of an expression: one, list, rows, row, picture, loop or any.

    ``cells``: the columns of rows and their types. ``value``: what single values, or those of a list, are compared as.
    ``fields``: the fields it prints when it is printed.
    """

    kind: str
    cells: Mapping[str, NameType] = field(default_factory=dict, hash=False)
    value: ValueType | None = None
    fields: frozenset[str] = frozenset()

    def of(self, fields: frozenset[str]) -> NameType:
        return dataclasses.replace(self, fields=fields)

    def element(self) -> NameType:
        """Return the type of one of its entries."""
        match self.kind:
            case "rows":
                return NameType("row", self.cells, fields=self.fields)
            case "list":
                return NameType("one", value=_single(self.value), fields=self.fields)
        return ANY.of(self.fields)


ONE, LIST, LOOP, ANY = NameType("one"), NameType("list"), NameType("loop"), NameType("any")
COUNT = NameType("one", value=NUMBER)
PICTURE = NameType("picture")


def template_names(definition: FormDefinition) -> dict[str, NameType]:
    """Return the names bound in a template of the form."""
    text = NameType("one", value=TEXT)
    names = {name: text.of(frozenset({name})) for name in (NUMBER_NAME, TITLE_NAME)}
    for entry in definition.fields:
        for suffix in FIELD_TYPES[entry.kind].suffixes(entry):
            # a total alone prints none of the rows
            printed = frozenset() if suffix == TOTAL_SUFFIX else frozenset({entry.key})
            names[entry.key + suffix] = _name_type(entry, suffix).of(printed)
    if definition.copies:
        titles = ValueType("option", COPY_NAME, tuple(copy.title for copy in definition.copies))
        names[COPY_NAME] = NameType("one", value=titles).of(frozenset({COPY_NAME}))
    if definition.header.joint_issue:
        cells = {"name": text, "no": ONE}
        printed = frozenset(
            {ISSUERS_NAME, definition.roles.key("issuer"), definition.header.joint_issue.field}
        )
        names[ISSUERS_NAME] = NameType("rows", cells).of(printed)
    return names


def suggested_names(definition: FormDefinition | None) -> FieldNames:
    """Return the names to suggest for foreign placeholders."""
    if definition is None:
        return FieldNames()
    labels = {entry.key: entry.label for entry in definition.fields}
    return FieldNames.of_labels({NUMBER_NAME: msg("文号"), **labels})


def _name_type(entry: Field, suffix: str) -> NameType:
    name = entry.key + suffix
    if suffix == TOTAL_SUFFIX:
        sums = {column.key: _total_type(column, name) for column in totalled_columns(entry)}
        return NameType("row", sums)
    if entry.kind == "rows":
        cells = {
            column.key + inner: _name_type(column, inner)
            for column in entry.columns or ()
            for inner in FIELD_TYPES[column.kind].suffixes(column)
        }
        return NameType("rows", {**cells, "no": ONE})
    if entry.kind == _SIGNATURE:
        return PICTURE
    if entry.kind == _PHOTOGRAPHS:
        texts = dict.fromkeys(PhotographsKind.printed_names, ONE)
        return NameType("rows", {**texts, "picture": PICTURE})
    kind = "list" if entry.kind in _LISTS and not suffix else "one"
    return NameType(kind, value=_value_type(entry, name, suffix))


def _total_type(column: Field, name: str) -> NameType:
    value = _value_type(column, f"{name}.{column.key}", "") if is_added_up(column) else NUMBER
    return NameType("one", value=value)


def _value_type(entry: Field, name: str, suffix: str) -> ValueType:
    also = tuple(entry.also or ())
    match entry.kind:
        case "choice" | "choices" if entry.option_source:
            return ValueType("text", name)
        case "yes_no":
            return ValueType("yes_no", name)
        case "choice":
            options = tuple(o.printed if suffix else o.code for o in entry.options)
            return ValueType("option", name, options + also)
        case "choices":
            return ValueType("options", name, tuple(o.printed for o in entry.options) + also)
        case "date" | "datetime":
            return ValueType("date", name)
        case "money":
            return ValueType("amount", name)
        case kind if kind in _NUMBERS:
            return ValueType("figures", name)
    return ValueType("date" if suffix == "_date" else "text", name)


def _single(value: ValueType | None) -> ValueType | None:
    """Return the type of one value of a list of this type."""
    if value is None or value.kind != "options":
        return value
    return dataclasses.replace(value, kind="option")
