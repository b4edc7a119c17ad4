"""From a definition's revision to a WTForms class: one field class and one widget per kind, no rules.

WTForms carries what was typed and what is said about it; every judgement comes from the domain's evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import wtforms
from flask import get_template_attribute
from markupsafe import Markup
from wtforms.utils import unset_value

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.fields import Field as Spec
from formsvc.domain.fields.compound import is_endless, too_many_rows
from formsvc.domain.json_types import JSON
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import join_messages
from formsvc.web.forms.row_edits import pasted_columns

KEPT_FILES = "kept"


class MacroWidget:
    """Draws a field with the macro of its kind in components/fields.html."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, field: Any, offers: Any = None, **_rest: Any) -> Markup:
        macro: Callable[[Any, Any], Markup] = get_template_attribute("components/fields.html", self.kind)
        return macro(field, offers)


WIDGETS: dict[str, MacroWidget] = {kind: MacroWidget(kind) for kind in FIELD_TYPES}


class _Shown:
    """A field of the definition, and what the page says about it beside its value, for one request."""

    name: str
    shown: bool = True
    needed: bool = False
    sentence: str = ""
    said: str = ""

    def __init__(self, *args: Any, spec: Spec, in_row: bool = False, **options: Any) -> None:
        super().__init__(*args, label=spec.label, widget=WIDGETS[spec.kind], **options)  # type: ignore[call-arg]
        self.spec, self.in_row = spec, in_row

    @property
    def path(self) -> str:
        """The field's place in the answers: ``hazards.0.deadline``."""
        return self.name.replace("-", ".")

    @property
    def is_computed(self) -> bool:
        """Whether the service writes it, not the person."""
        return self.spec.computed is not None


class TextAnswer(_Shown, wtforms.Field):  # type: ignore[misc]
    """One text as typed."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if valuelist:
            self.data = " ".join(valuelist[0].splitlines()) if self._is_one_line else valuelist[0]

    @property
    def _is_one_line(self) -> bool:
        """Whether the page draws it as one line that grows: a line break typed there is only a space."""
        return self.spec.kind == "text" and not self.spec.multiline

    def answer(self) -> JSON:
        """What was typed."""
        return self.data


class ListAnswer(_Shown, wtforms.Field):  # type: ignore[misc]
    """Several ticked words."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = [word for word in valuelist if word]

    def answer(self) -> JSON:
        """The ticked words."""
        return self.data or []


class FilesAnswer(_Shown, wtforms.Field):  # type: ignore[misc]
    """File records; from a request first only the hashes of kept files, and uploads beside them."""

    uploads: Sequence[Any] = ()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(None, data)
        if formdata is not None:
            self.uploads = [f for f in formdata.getlist(self.name) if getattr(f, "filename", "")]
            self.data = list(formdata.getlist(f"{self.name}-{KEPT_FILES}"))

    def answer(self) -> JSON:
        """The file records."""
        return self.data or []


class ReferenceAnswer(_Shown, wtforms.FormField):  # type: ignore[misc]
    """Number, title and date of a document."""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        known = data if isinstance(data, Mapping) else {"number": data} if isinstance(data, str) else {}
        self.known = dict(known)
        outside = {} if known.get("act_id") else {k: known.get(k) for k in ("title", "date")}
        super().process(formdata, {"number": known.get("number"), **outside})

    def answer(self) -> JSON:
        """The parts as typed; None when all are empty."""
        parts = {k: v or "" for k, v in self.data.items()}
        return parts if any(parts.values()) else None


class RowsAnswer(_Shown, wtforms.FieldList):  # type: ignore[misc]
    """Rows of the same columns; ``undo`` is the change that brings back a row just deleted."""

    undo: str = ""

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        """Take the rows that were sent. Raises InputRefused for more than a page can show."""
        begin = f"{self.name}-"
        sent = {
            name.removeprefix(begin).partition("-")[0] for name in formdata or () if name.startswith(begin)
        }
        if is_endless(sent):
            raise InputRefused([too_many_rows(self.spec.label, self.spec.key)])
        super().process(formdata, *given, **more)

    def answer(self) -> JSON:
        """Each row as typed."""
        return [row.form.answers() for row in self.entries]

    @property
    def pasted_labels(self) -> list[str]:
        """The columns that a pasted table fills, by name, in order."""
        return [column.label for column in pasted_columns(self.spec)]

    def show_at_least(self, count: int) -> None:
        """Add empty rows for the person to fill."""
        while len(self.entries) < count:
            self.append_entry()


class AnswerForm(wtforms.Form):  # type: ignore[misc]
    """A form made for one revision, or for one row of it."""

    def answers(self) -> dict[str, JSON]:
        """What was typed in every field that the service does not write itself."""
        return {key: field.answer() for key, field in self._fields.items() if not field.is_computed}

    def each_field(self) -> Iterator[Any]:
        """Every field, those inside rows too."""
        for field in self._fields.values():
            yield field
            if isinstance(field, RowsAnswer):
                for row in field.entries:
                    yield from row.form.each_field()

    def judge(self, evaluation: Evaluation, problems: Sequence[Problem] = ()) -> None:
        """Let the evaluation say what is on the page and needed, and put each problem beside its field."""
        sentences: dict[str, list[str]] = {}
        for problem in problems:
            sentences.setdefault(problem.field, []).append(problem.sentence())
        rows = {path.rpartition(".")[0] for path in evaluation.visible}
        for field in self.each_field():
            row = field.path.rpartition(".")[0]
            known = not row or row in rows  # else an empty row that nobody has evaluated yet
            field.shown = field.path in evaluation.visible if known else field.spec.shown is None
            field.needed = field.path in evaluation.required if known else field.spec.required is True
            field.sentence = join_messages(*sentences.get(field.path, ()))


class ReferenceParts(wtforms.Form):  # type: ignore[misc]
    """The three parts of a reference."""

    number = wtforms.StringField()
    title = wtforms.StringField()
    date = wtforms.StringField()


def form_class_of(specs: Sequence[Spec], name: str, *, in_row: bool = False) -> type[AnswerForm]:
    """A fresh form class for these fields, or for the columns of a row."""
    return type(f"{name}Form", (AnswerForm,), {spec.key: _unbound(spec, in_row=in_row) for spec in specs})


def _unbound(spec: Spec, *, in_row: bool) -> Any:
    """The WTForms field for a field of the definition, not yet bound to a form."""
    if spec.kind == "rows":
        row = wtforms.FormField(form_class_of(spec.columns or (), spec.key, in_row=True))
        return RowsAnswer(row, spec=spec)
    if spec.kind == "reference":
        return ReferenceAnswer(ReferenceParts, spec=spec, in_row=in_row)
    special = {"choices": ListAnswer, "files": FilesAnswer}
    return special.get(spec.kind, TextAnswer)(spec=spec, in_row=in_row)


def form_class_for(definition: FormDefinition) -> type[AnswerForm]:
    """The form class of a revision, made anew for each request: nothing is shared between people."""
    return form_class_of(definition.fields, definition.id)
