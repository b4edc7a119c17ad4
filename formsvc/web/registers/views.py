"""Registers: overview, lists, one row with its history, export."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts.account import RIGHT_NAMES, Right
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import RightMissing
from formsvc.i18n.messages import DefinitionText, msg
from formsvc.usecases.registers import list_counts, row_changes, row_search
from formsvc.usecases.registers.excel import row_export
from formsvc.usecases.registers.row_history import row_history
from formsvc.usecases.registers.row_search import RowFilters
from formsvc.web.account.search_words import SearchWords, search_page
from formsvc.web.context import ports, requested_page, who
from formsvc.web.registers import cells, duplicates, editing, excel_import
from formsvc.web.workbooks import workbook_response

blueprint = Blueprint("registers", __name__, url_prefix="/registers")
blueprint.register_blueprint(editing.blueprint)
blueprint.register_blueprint(duplicates.blueprint)
blueprint.register_blueprint(excel_import.blueprint)

_COUNTS = "formsvc register counts"


@blueprint.before_request
def _require_viewer() -> None:
    if not row_export.may_view(who()):
        raise RightMissing(RIGHT_NAMES[Right.VIEW])


def counts_of(register: RegisterDefinition) -> list_counts.ListCounts:
    cache: list_counts.CountCache = current_app.extensions.setdefault(_COUNTS, list_counts.CountCache())
    return cache.get(ports(), who(), register)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """List the registers of the office with what each holds."""
    registers = [
        (register, counts_of(register).views[0].count, row_changes.may_edit(register, who()))
        for register in ports().definitions.registers().values()
    ]
    registers.sort(key=lambda each: (not each[2], each[0].id))
    return render_template("registers/index.html", registers=registers)


@blueprint.route("/<register_id>", methods=["GET", "POST"])
@search_page
def show(words: SearchWords, register_id: str) -> ResponseReturnValue:
    """List the rows of a register: one view, filtered, sorted, a page."""
    register = row_search.get_register(ports(), register_id)
    filters = filters_of(register, words)
    counts = counts_of(register)
    page = row_search.list_page(
        ports(), who(), register_id, filters, most=row_search.MOST_FOUND, total=counts.total_of(filters)
    )
    query = query_of(filters) | words.query
    if page.page > page.pages > 0:
        return redirect(url_for("registers.show", register_id=register_id, **query, page=page.pages))
    columns = _chosen_columns(register)
    shown = [key for key in request.args.getlist("show") if register.column(key)]
    query |= {"show": shown} if shown else {}
    return render_template(
        "registers/list.html",
        register=register,
        page=page,
        rows=[cells.shown_row(register, row, columns) for row in page.rows],
        columns=[_column_head(register, key, filters, query) for key in columns],
        name_head=_column_head(register, register.name_column, filters, query),
        all_columns=[(c.key, c.label, c.key in columns) for c in register.columns],
        counts=counts,
        filters=filters,
        offered=_offered_filters(register, counts),
        text=words.text,
        forgotten=words.notice,
        narrowed=bool(words.text or any(filters.columns.values())),
        query=query,
        other_view=partial(_other_view, register_id, query),
        other_page=partial(url_for, "registers.show", register_id=register_id, **query),
        may_edit=row_changes.may_edit(register, who()),
        first=(page.page - 1) * row_search.PAGE_SIZE + 1,
    )


def filters_of(register: RegisterDefinition, words: SearchWords) -> RowFilters:
    """Return the filters in the address of a list."""
    asked = {key: request.args.get(f"c_{key}", "") for key in register.source.filters}
    order = request.args.get("order", "")
    return RowFilters(
        view=request.args.get("view", row_search.ALL),
        text=words.text,
        columns={key: value for key, value in asked.items() if value},
        sort=request.args.get("sort", ""),
        descending={"desc": True, "asc": False}.get(order),
        page=requested_page(),
    )


def query_of(filters: RowFilters) -> dict[str, Any]:
    """Return the parameters of an address with these filters; no words."""
    query: dict[str, Any] = {f"c_{key}": value for key, value in filters.columns.items()}
    query |= {"view": filters.view} if filters.view != row_search.ALL else {}
    query |= {"sort": filters.sort} if filters.sort else {}
    if filters.descending is not None:
        query["order"] = "desc" if filters.descending else "asc"
    return query


def _other_view(register_id: str, query: dict[str, Any], view: str) -> str:
    kept = {key: value for key, value in query.items() if key != "view"}
    more: dict[str, Any] = {"view": view} if view != row_search.ALL else {}
    return url_for("registers.show", register_id=register_id, **kept, **more)


def _chosen_columns(register: RegisterDefinition) -> tuple[str, ...]:
    chosen = tuple(key for key in request.args.getlist("show") if register.column(key))
    return chosen or register.listed_columns


def _column_head(
    register: RegisterDefinition, key: str, filters: RowFilters, query: dict[str, Any]
) -> dict[str, str]:
    """Return name, sort order and address of a column's head."""
    head = {"name": register.label_of(key), "sorted": "", "url": ""}
    if key in register.sorted_columns:
        column, descending = (
            filters.sort or register.sorted_columns[0],
            row_search.order_of(register, filters)[1],
        )
        is_sorted = column == key
        order = "asc" if is_sorted and descending else "desc" if is_sorted else "asc"
        head["sorted"] = ("descending" if descending else "ascending") if is_sorted else ""
        head["url"] = url_for(
            "registers.show", register_id=register.id, **{**query, "sort": key, "order": order}
        )
    return head


def _offered_filters(
    register: RegisterDefinition, counts: list_counts.ListCounts
) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    return [
        (key, register.label_of(key), counts.values[key])
        for key in register.source.filters
        if counts.values.get(key)
    ]


@blueprint.route("/<register_id>/export.xlsx", methods=["GET", "POST"])
@search_page
def export(words: SearchWords, register_id: str) -> AnyResponse:
    """Return the rows of a list, all pages, as a workbook; persons masked."""
    register = row_search.get_register(ports(), register_id)
    sheets = row_export.export_sheets(ports(), who(), register_id, filters_of(register, words))
    return workbook_response(sheets, f"{register.title}{ports().clock.today():%Y%m%d}.xlsx")


@blueprint.get("/<register_id>/template.xlsx")
def template(register_id: str) -> AnyResponse:
    """Return a workbook with the headings alone."""
    register = row_search.get_register(ports(), register_id)
    return workbook_response([row_export.empty_sheet(register)], f"{register.title}（空表）.xlsx")


@blueprint.get("/<register_id>/rows/<row_id>")
def row(register_id: str, row_id: str) -> ResponseReturnValue:
    return _row_page(register_id, row_id, personal=False)


@blueprint.post("/<register_id>/rows/<row_id>/personal")
def personal(register_id: str, row_id: str) -> ResponseReturnValue:
    """Show a row with its personal data; who looked at it is in the log."""
    register = row_search.get_register(ports(), register_id)
    found = row_search.read_row(ports(), who(), register_id, row_id)
    what = msg("查阅“{title}”{key}", title=register.title, key=found.key)
    row_export.log_personal_view(ports(), who(), register, what, found)
    return _row_page(register_id, row_id, personal=True)


def _row_page(register_id: str, row_id: str, *, personal: bool) -> str:
    register = row_search.get_register(ports(), register_id)
    found = row_search.read_row(ports(), who(), register_id, row_id)
    return render_template(
        "registers/row.html",
        register=register,
        row=found,
        name=register.name_of(found.values) or _("（未填）"),
        lines=cells.row_lines(register, found, personal=personal),
        related=list_counts.count_related(ports(), who(), register, found),
        history=row_history(ports(), who(), register, found, personal=personal),
        hides_personal=not personal and cells.hides_personal(register, found),
        may_edit=row_changes.may_edit(register, who()),
        reason=DefinitionText(register.id, found.ending.get("reason", "")),
        into=found.ending.get("into", ""),
    )
