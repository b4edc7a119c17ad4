"""Doubtful duplicates of a register: merge them, or keep them apart."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import FormsvcError, Problem
from formsvc.usecases.registers import row_changes, row_search
from formsvc.web.context import ports, who
from formsvc.web.form_problems import PAGE_ERRORS, as_problems, form_page
from formsvc.web.registers import cells

blueprint = Blueprint("duplicates", __name__)


@blueprint.get("/<register_id>/duplicates")
def index(register_id: str) -> ResponseReturnValue:
    return _page(row_search.get_register(ports(), register_id), [])


def _page(register: RegisterDefinition, problems: list[Problem]) -> AnyResponse:
    groups = row_search.duplicate_groups(ports(), who(), register.id)
    columns = register.listed_columns
    return form_page(
        "registers/duplicates.html",
        problems,
        register=register,
        groups=[
            [cells.shown_row(register, row, columns) for row in rows]
            for _text, rows in groupby(groups, key=lambda row: row.duplicate)
        ],
        columns=[register.label_of(key) for key in columns],
        may_edit=row_changes.may_edit(register, who()),
        sent=request.form,
    )


@blueprint.post("/<register_id>/duplicates")
def decide(register_id: str) -> ResponseReturnValue:
    """Merge the rows of a group into the chosen one, or keep them apart."""
    register = row_search.get_register(ports(), register_id)
    rows, kept = request.form.getlist("row"), request.form.get("kept", "")
    try:
        if request.form.get("do") == "apart":
            row_changes.keep_apart(ports(), who(), register_id, rows)
            flash(_("已记下：这几%(unit)s不是重复的", unit=register.unit))
        else:
            for row in rows:
                if row != kept:
                    reason = request.form.get("reason", "")
                    row_changes.merge_rows(ports(), who(), register_id, kept, row, reason=reason)
            flash(_("已合并，两边的变更记录都留着"))
    except PAGE_ERRORS:
        raise
    except FormsvcError as refused:
        return _page(register, as_problems(refused))
    return redirect(url_for("registers.duplicates.index", register_id=register_id))
