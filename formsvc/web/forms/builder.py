"""WTForms classes built from a form definition.

WTForms holds what was typed and what the page says about it. It validates nothing: every problem comes from the
domain's evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import wtforms
from flask import get_template_attribute
from markupsafe import Markup
from wtforms.utils import unset_value

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.definitions.scope import ITEM_VARIABLE
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.domain.expressions.functions import DOCUMENT_FUNCTIONS
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.fields import Field as FieldSpec
from formsvc.domain.fields.compound import is_endless, too_many_rows
from formsvc.domain.fields.options.chosen import value_of
from formsvc.domain.fields.tables.layout import is_table
from formsvc.domain.json_types import JSON
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import join_messages
from formsvc.limits import process_limits
from formsvc.web.forms.row_edits import pasted_columns

STORED_FILES_SUFFIX = "kept"
CAPTION_SUFFIX = "caption"


_ONE_LINE_KINDS = frozenset({"text", "address"})


class MacroWidget:
    """Widget: the macro of the field's kind in components/fields.html."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, field: Any, suggestions: Any = None, **_rest: Any) -> Markup:
        macro: Callable[[Any, Any], Markup] = get_template_attribute("components/fields.html", self.kind)
        return macro(field, suggestions)


WIDGETS: dict[str, MacroWidget] = {kind: MacroWidget(kind) for kind in FIELD_TYPES}


class _DefinitionField:
    """A field of the definition with its state on the page of one request."""

    name: str
    visible: bool = True
    required: bool = False
    error_text: str = ""
    hint_below: str = ""
    is_computed: bool = False
    is_readonly: bool = False

    def __init__(self, *args: Any, spec: FieldSpec, in_row: bool = False, **options: Any) -> None:
        super().__init__(*args, label=spec.label, widget=WIDGETS[spec.kind], **options)  # type: ignore[call-arg]
        self.spec, self.in_row = spec, in_row
        # until the answers are evaluated, which may leave it to the person
        self.is_computed = spec.computed is not None

    @property
    def path(self) -> str:
        """Return the field's path in the answers: ``hazards.0.deadline``."""
        return self.name.replace("-", ".")


class TextAnswer(_DefinitionField, wtforms.Field):  # type: ignore[misc]
    """A field kind with one text."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        texts = _texts(valuelist)
        if texts:
            # The line is a <textarea> that grows, in which Enter and pasting can insert line breaks
            self.data = " ".join(texts[0].splitlines()) if self._is_one_line else texts[0]

    @property
    def _is_one_line(self) -> bool:
        """Return whether a line break counts as a space."""
        return self.spec.kind in _ONE_LINE_KINDS and not self.spec.multiline

    def answer(self) -> JSON:
        return self.data


class ListAnswer(_DefinitionField, wtforms.Field):  # type: ignore[misc]
    """A field kind with several ticked options."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = [word for word in _texts(valuelist) if word]

    def answer(self) -> JSON:
        return self.data or []


class FilesAnswer(_DefinitionField, wtforms.Field):  # type: ignore[misc]
    """File records; a request fills ``data`` (hashes) and ``uploads`` (files)."""

    data: list[Any]
    uploads: Sequence[Any] = ()
    _sent: Mapping[str, Any] | None = None

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        # Not from formdata: the base class would take the uploads themselves for data
        super().process(None, data)
        # a draft that holds none of them has no list either
        self.data = self.data or []
        if formdata is not None:
            self._sent = formdata
            self.uploads = [f for f in formdata.getlist(self.name) if getattr(f, "filename", "")]
            self.data = list(formdata.getlist(f"{self.name}-{STORED_FILES_SUFFIX}"))

    def captions(self, key: str) -> dict[str, JSON]:
        """Return the caption that was sent for a file, as a part of its record."""
        sent = (self._sent or {}).get(f"{self.name}-{CAPTION_SUFFIX}-{key}")
        return {} if not isinstance(sent, str) else {"caption": sent}

    def answer(self) -> JSON:
        return self.data


class ReferenceAnswer(_DefinitionField, wtforms.FormField):  # type: ignore[misc]
    """Reference by number; title and date too for documents from outside."""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        known = data if isinstance(data, Mapping) else {"number": data} if isinstance(data, str) else {}
        self.known = dict(known)
        # Title and date of an act in the store follow from its number; only those of outside documents are typed
        outside = {} if known.get("act_id") else {k: known.get(k) for k in ("title", "date")}
        super().process(formdata, {"number": known.get("number"), **outside})

    def answer(self) -> JSON:
        """Return the parts as typed, None if all are empty."""
        parts = {k: v or "" for k, v in self.data.items()}
        return parts if any(parts.values()) else None


class RowsAnswer(_DefinitionField, wtforms.FieldList):  # type: ignore[misc]
    """Rows of equal columns; ``undo`` is the edit that undoes the last one.

    A checklist has a row for each entry of its catalogue, then those that its catalogue does not have; only rows with a
    result or a note are answers. ``view`` is what its page shows besides the rows. ``totals``: printed total by column.
    """

    undo: str = ""
    view: Any = None
    totals: Mapping[str, JSON] = MappingProxyType({})
    _positions: Sequence[int] | None = None

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        """Read the rows. Raise InputRefused if they exceed the row limit."""
        # WTForms would build a form for every index in the request: count the indexes first
        prefix = f"{self.name}-"
        sent = {
            name.removeprefix(prefix).partition("-")[0] for name in formdata or () if name.startswith(prefix)
        }
        if is_endless(sent) or any(map(_is_beyond_all_rows, sent)):
            raise InputRefused([too_many_rows(self.spec.label, self.path)])
        if self.spec.checklist and formdata is None:
            arranged, self._positions = _in_catalogue_order(self.spec, *given)
            given = (arranged,)
        super().process(formdata, *given, **more)

    def answer(self) -> JSON:
        rows = [row.form.answers() for row in self.entries]
        return [row for row in rows if self._is_answer(row)] if self.spec.checklist else rows

    def _is_answer(self, row: Mapping[str, JSON]) -> bool:
        item = self.spec.checklist.item if self.spec.checklist else ""
        return any(cell not in (None, "", []) for key, cell in row.items() if key != item)

    @property
    def positions(self) -> Sequence[int]:
        """Return the place on the page of each row that is an answer, in order."""
        if self._positions is not None:
            return self._positions
        if not self.spec.checklist:
            return range(len(self.entries))
        return [n for n, row in enumerate(self.entries) if self._is_answer(row.form.answers())]

    @property
    def pasted_labels(self) -> list[str]:
        """Return the labels of the columns that a pasted table fills, in order."""
        return [column.label for column in pasted_columns(self.spec)]

    @property
    def is_table(self) -> bool:
        """Return whether each row is a line of a table."""
        # what is filled in with a checklist says so in a sentence
        return is_table(self.spec) and not any(getattr(row, "shown_with", "") for row in self.entries)

    @property
    def most_rows(self) -> int:
        return process_limits().table_rows

    @property
    def can_be_copied(self) -> bool:
        """Return whether a new row looks like the one above it."""
        return not any(c.shown or c.computed or c.default for c in self.spec.columns or ())

    def show_at_least(self, count: int) -> None:
        """Append empty rows until there are ``count``."""
        while len(self.entries) < count:
            self.append_entry()


def _in_catalogue_order(spec: FieldSpec, rows: Any = ()) -> tuple[list[Any], list[int]]:
    """Return a row for each entry of a checklist's catalogue, then the others.

    And the place of each given row among them.
    """
    item = spec.checklist.item if spec.checklist else ""
    column = spec.column(item)
    arranged: list[Any] = [{item: option.code} for option in (column.options if column else ())]
    places = {row[item]: place for place, row in enumerate(arranged)}
    positions = []
    for row in rows or ():
        # each place once: a row that lists an item again stands behind the catalogue
        place = places.pop(row.get(item), None)
        if place is None:
            place = len(arranged)
            arranged.append(row)
        arranged[place] = row
        positions.append(place)
    return arranged, positions


class AnswerForm(wtforms.Form):  # type: ignore[misc]
    """The form of one definition, or of one row."""

    def answers(self) -> dict[str, JSON]:
        """Return the answers as typed; of computed fields those that were sent."""
        # the page shows a control for a computed field that a person must fill in
        return {
            field.short_name: field.answer()
            for field in self
            if FIELD_TYPES[field.spec.kind].holds_answer
            and (not field.is_computed or (field.raw_data and _may_be_typed(field.spec)))
        }

    def iter_fields(self) -> Iterator[Any]:
        for field in self:
            yield field
            if isinstance(field, RowsAnswer):
                for row in field.entries:
                    yield from row.form.iter_fields()

    def apply_evaluation(self, evaluation: Evaluation, problems: Sequence[Problem] = ()) -> None:
        """Set the state of every field from the evaluation and the problems."""
        sentences: dict[str, list[str]] = {}
        for problem in problems:
            sentences.setdefault(problem.field, []).append(problem.sentence())
        rows = {path.rpartition(".")[0] for path in evaluation.visible}
        for field in self.iter_fields():
            row = field.path.rpartition(".")[0]
            # An empty row just added has not been evaluated: it takes the definition's defaults
            known = not row or row in rows
            field.visible = field.path in evaluation.visible if known else field.spec.shown is None
            if known and field.spec.computed is not None and field.visible:
                field.is_computed = field.path in evaluation.computed
            field.is_readonly = field.path in evaluation.readonly
            field.required = field.path in evaluation.required if known else field.spec.required is True
            field.error_text = join_messages(*sentences.get(field.path, ()))


def _may_be_typed(spec: FieldSpec) -> bool:
    """Return whether a person may have to fill in a computed field."""
    asks_others = any(word in (spec.computed or "") for word in (*DOCUMENT_FUNCTIONS, ITEM_VARIABLE))
    return bool(spec.typed_when) or asks_others


class ReferenceParts(wtforms.Form):  # type: ignore[misc]
    number = wtforms.StringField()
    title = wtforms.StringField()
    date = wtforms.StringField()


def build_form_class(specs: Sequence[FieldSpec], name: str, *, in_row: bool = False) -> type[AnswerForm]:
    """Return a new form class for these fields, or for the columns of a row."""
    return type(
        f"{name}Form", (AnswerForm,), {spec.key: _unbound_field(spec, in_row=in_row) for spec in specs}
    )


def _unbound_field(spec: FieldSpec, *, in_row: bool) -> Any:
    if spec.kind == "rows":
        row = wtforms.FormField(build_form_class(spec.columns or (), spec.key, in_row=True))
        return RowsAnswer(row, spec=spec)
    if spec.kind == "reference":
        return ReferenceAnswer(ReferenceParts, spec=spec, in_row=in_row)
    if FIELD_TYPES[spec.kind].holds_files:
        return FilesAnswer(spec=spec, in_row=in_row)
    answer = ListAnswer if spec.kind == "choices" else TextAnswer
    return answer(spec=spec, in_row=in_row)


def _texts(values: Sequence[Any]) -> list[str]:
    """Return the texts among sent values; a file may come under any name."""
    return [value for value in values if isinstance(value, str)]


def _is_beyond_all_rows(index: str) -> bool:
    """Return whether WTForms would take this for an index and fail on it."""
    # str.isdigit is true for ² too, and int refuses thousands of digits
    return index.isdigit() and (not index.isascii() or len(index) > 9)


def displayable_answers(specs: Sequence[FieldSpec], answers: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return stored answers without what no control can show.

    A program may store anything as a draft; the page says what is wrong with it.
    """
    return {
        spec.key: _displayable(spec, answers[spec.key]) for spec in specs if answers.get(spec.key) is not None
    }


def _displayable(spec: FieldSpec, value: JSON) -> JSON:
    if spec.kind == "rows":
        rows = value if isinstance(value, list) else []
        return [
            displayable_answers(spec.columns or (), row if isinstance(row, Mapping) else {}) for row in rows
        ]
    if FIELD_TYPES[spec.kind].holds_files:
        files = value if isinstance(value, list) else []
        return [entry for entry in files if isinstance(entry, Mapping) and entry.get("name")]
    if spec.option_source:
        parts = [value_of(part) for part in (value if isinstance(value, list) else [value])]
        return _texts(parts) if spec.kind == "choices" else next(iter(_texts(parts)), None)
    if spec.kind == "choices":
        return _texts(value) if isinstance(value, list) else _texts([value])
    if spec.kind == "reference":
        return value if isinstance(value, str | Mapping) else None
    return value if isinstance(value, str | int | float) else None


def form_class_for(definition: FormDefinition) -> type[AnswerForm]:
    # Built for each request: a class kept between requests would share what one of them sets on it
    return build_form_class(definition.fields, definition.id)
