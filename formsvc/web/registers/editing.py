"""Adding, changing and ending of rows by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.fields import Field
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.projection import ProjectedRow
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases.registers import row_changes, row_search
from formsvc.usecases.registers.duplicates import DuplicateFound
from formsvc.usecases.registers.excel import row_export
from formsvc.usecases.registers.row_changes import RowChange
from formsvc.web.context import ports, who
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page, messages_by_field, with_status
from formsvc.web.forms.builder import AnswerForm, build_form_class, displayable_answers

blueprint = Blueprint("edit", __name__)

# tables, attachments and references come from documents
_FROM_DOCUMENTS = frozenset({"rows", "files", "reference", "authority"})
_ABOUT_CHANGE = ("day", "reason")


@dataclass(frozen=True)
class Choice:
    """An option as the widgets of forms take it."""

    value: str
    text: str

    def __iter__(self) -> Any:
        return iter((self.value, self.text))


class RowSuggestions:
    """Suggestions for the widgets of forms, of a register's columns."""

    act_id = ""
    people: Sequence[Choice] = ()

    def __init__(self, register: RegisterDefinition) -> None:
        self._register = register

    def options(self, spec: Field, value: Any = None) -> list[Choice]:
        options = [Choice(o.code, DefinitionText(self._register.id, o.name)) for o in spec.options]
        known = {option.value for option in options}
        return options + (
            [Choice(value, value)] if isinstance(value, str) and value and value not in known else []
        )

    def completions(self, spec: Field) -> list[Choice]:
        return [Choice(option.name, option.code) for option in spec.options]

    def person_list_for(self, _spec: Field) -> str:
        return ""


@blueprint.get("/<register_id>/new")
def new(register_id: str) -> ResponseReturnValue:
    register = _register_to_edit(register_id)
    return _form_page(register, None, _form(register, {}), [])


@blueprint.post("/<register_id>/new")
def add(register_id: str) -> ResponseReturnValue:
    return _save(_register_to_edit(register_id), None)


@blueprint.get("/<register_id>/rows/<row_id>/edit")
def edit(register_id: str, row_id: str) -> ResponseReturnValue:
    register = _register_to_edit(register_id)
    row = row_search.read_row(ports(), who(), register_id, row_id)
    what = msg("修改“{title}”{key}", title=register.title, key=row.key)
    row_export.log_personal_view(ports(), who(), register, what, row)
    return _form_page(register, row, _form(register, row.values), [])


@blueprint.post("/<register_id>/rows/<row_id>/edit")
def change(register_id: str, row_id: str) -> ResponseReturnValue:
    register = _register_to_edit(register_id)
    return _save(register, row_search.read_row(ports(), who(), register_id, row_id))


def _register_to_edit(register_id: str) -> RegisterDefinition:
    register = row_search.get_register(ports(), register_id)
    row_changes.require_editor(register, who())
    return register


def _typed_columns(register: RegisterDefinition) -> list[Field]:
    return [column for column in register.columns if column.kind not in _FROM_DOCUMENTS]


def _form(register: RegisterDefinition, values: Mapping[str, Any]) -> AnswerForm:
    columns = _typed_columns(register)
    form_class = build_form_class(columns, register.id)
    sent = request.form if request.method == "POST" else None
    return form_class(sent, data=displayable_answers(columns, values))


def _save(register: RegisterDefinition, row: ProjectedRow | None) -> AnyResponse:
    form = _form(register, row.values if row else {})
    sent = request.form
    change = RowChange(
        form.answers(), row.row if row else "", sent.get("day", ""), sent.get("reason", ""), sent.get("seen", ""),
        frozenset(sent.getlist("accepted")),
    )  # fmt: skip
    try:
        saved = row_changes.keep_row(ports(), who(), register.id, change)
    except PAGE_ERRORS:
        raise
    except DuplicateFound as refused:
        return _form_page(register, row, form, list(refused.problems), refused.rows)
    except FormsvcError as refused:
        return with_status(_form_page(register, row, form, as_problems(refused)), refused)
    name = register.name_of(saved.values)
    flash(
        _("已保存“%(name)s”", name=name)
        if row
        else _("已新增“%(name)s”，编号 %(key)s", name=name, key=saved.key)
    )
    return redirect(url_for("registers.row", register_id=register.id, row_id=saved.row))


def _form_page(
    register: RegisterDefinition,
    row: ProjectedRow | None,
    form: AnswerForm,
    problems: list[Problem],
    twins: Sequence[ProjectedRow] = (),
) -> AnyResponse:
    errors = messages_by_field(problems)
    numbered = register.source.key_number.column if register.source.key_number else ""
    for field in form:
        field.error_text = errors.get(field.path, "")
        field.required = bool(field.spec.required) and field.spec.key != numbered
    fixed = set(register.source.key) if row else set()
    return form_page(
        "registers/edit.html",
        problems,
        register=register,
        row=row,
        name=register.name_of(row.values) if row else "",
        fields=[field for field in form if field.spec.key not in fixed],
        fixed=[field for field in form if field.spec.key in fixed],
        suggestions=RowSuggestions(register),
        twins=twins,
        twin_names=[(twin.row, register.name_of(twin.values), twin.key) for twin in twins],
        sent={name: request.form.get(name, "") for name in _ABOUT_CHANGE},
        seen=request.form.get("seen") or (row.entry if row else ""),
    )


@blueprint.get("/<register_id>/rows/<row_id>/end")
def confirm_end(register_id: str, row_id: str) -> ResponseReturnValue:
    register = _register_to_edit(register_id)
    return _end_page(register, row_search.read_row(ports(), who(), register_id, row_id), [])


@blueprint.post("/<register_id>/rows/<row_id>/end")
def end(register_id: str, row_id: str) -> ResponseReturnValue:
    """End a row with its reason; it stays in the history."""
    register = _register_to_edit(register_id)
    row = row_search.read_row(ports(), who(), register_id, row_id)
    sent = request.form
    reason = "，".join(filter(None, (sent.get("usual", ""), sent.get("reason", "").strip())))
    try:
        row_changes.end_row(
            ports(),
            who(),
            register_id,
            row_id,
            reason=reason,
            day=sent.get("day", ""),
            seen=sent.get("seen", ""),
        )
    except PAGE_ERRORS:
        raise
    except InputRefused as refused:
        return _end_page(register, row, list(refused.problems))
    except FormsvcError as refused:
        return with_status(_end_page(register, row, as_problems(refused)), refused)
    flash(_("“%(name)s”已%(word)s", name=register.name_of(row.values), word=register.ending_word))
    return redirect(url_for("registers.row", register_id=register_id, row_id=row_id))


def _end_page(register: RegisterDefinition, row: ProjectedRow, problems: list[Problem]) -> AnyResponse:
    usual = register.source.ending.reasons if register.source.ending else []
    return form_page(
        "registers/end.html",
        problems,
        register=register,
        row=row,
        name=register.name_of(row.values),
        reasons=[Choice(reason, DefinitionText(register.id, reason)) for reason in usual],
        sent=request.form,
        today=ports().clock.today().isoformat(),
    )
