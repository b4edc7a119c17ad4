"""Rows of registers (登记簿): list, search, read, add, change."""

from __future__ import annotations

from formsvc.domain.accounts.account import RIGHT_NAMES, Right
from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.personal_columns import has_personal_data, masked_row
from formsvc.domain.registers.projection import ProjectedRow
from formsvc.errors import RightMissing
from formsvc.i18n.messages import msg
from formsvc.usecases.registers import row_changes, row_search
from formsvc.usecases.registers.excel.row_export import log_personal_view, may_view
from formsvc.usecases.registers.row_changes import RowChange
from formsvc.usecases.registers.row_search import RowFilters
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.preconditions import require_words_in_body
from formsvc.web.api.register_schemas import (
    RegisterItem,
    RegisterItems,
    RowChangeRequest,
    RowItem,
    RowList,
    RowQuery,
    RowRequest,
    RowSearch,
)
from formsvc.web.context import ports, who

TAG = msg("登记簿")


@operation(
    "GET", "/registers", TAG, msg("登记簿：名录、名册、台账各有哪些列"), Scope.READ, response=RegisterItems
)
def list_registers(call: Call) -> ApiResponse:
    _require_viewer()
    registers = ports().definitions.registers().values()
    return ApiResponse(RegisterItems(items=[_register_item(register) for register in registers]))


def _require_viewer() -> None:
    if not may_view(who()):
        raise RightMissing(RIGHT_NAMES[Right.VIEW])


def _register_item(register: RegisterDefinition) -> RegisterItem:
    columns = [
        {"key": c.key, "label": c.label, "kind": c.kind, "required": bool(c.required)}
        for c in register.columns
    ]
    return RegisterItem(
        id=register.id, title=register.title, summary=register.source.summary, columns=columns,
        editable=row_changes.may_edit(register, who()),
    )  # fmt: skip


@operation(
    "GET", "/registers/{register}/rows", TAG, msg("登记簿的行，每页 50 行"), Scope.READ,
    query=RowQuery, response=RowList, error_statuses=(404,),
)  # fmt: skip
def list_rows(call: Call, register: str) -> ApiResponse:
    query: RowQuery = call.query
    require_words_in_body("q", query.q)
    return _row_page(register, RowFilters(view=query.view, text=query.q, page=query.page_number))


@operation(
    "POST", "/registers/{register}/rows/search", TAG, msg("按文字查找登记簿的行，文字在请求内容里"), Scope.READ,
    body=RowSearch, response=RowList, error_statuses=(404,),
)  # fmt: skip
def search_rows(call: Call, register: str) -> ApiResponse:
    body: RowSearch = call.body
    return _row_page(register, RowFilters(view=body.view, text=body.q, page=body.page))


def _row_page(register: str, filters: RowFilters) -> ApiResponse:
    _require_viewer()
    definition = row_search.get_register(ports(), register)
    page = row_search.list_page(ports(), who(), register, filters)
    # a list masks personal data; one row, whose view is logged, need not
    items = [_row_item(definition, row, masked=True) for row in page.rows]
    return ApiResponse(RowList(items=items, total=page.total, page=page.page, pages=page.pages))


def _row_item(register: RegisterDefinition, row: ProjectedRow, *, masked: bool) -> RowItem:
    values = masked_row(register, row.values, row.traced) if masked else row.values
    return RowItem(
        id=row.row, key=row.key, name=register.name_of(values), state=row.state.value, since=row.since,
        entry=row.entry, values=dict(values),
    )  # fmt: skip


@operation(
    "GET", "/registers/{register}/rows/{row}", TAG, msg("登记簿的一行"), Scope.READ,
    response=RowItem, error_statuses=(404,),
)  # fmt: skip
def get_row(call: Call, register: str, row: str) -> ApiResponse:
    _require_viewer()
    definition = row_search.get_register(ports(), register)
    found = row_search.read_row(ports(), who(), register, row)
    return ApiResponse(_logged_item(definition, found))


def _logged_item(register: RegisterDefinition, row: ProjectedRow) -> RowItem:
    """Return a row, unmasked for a token that may see personal data."""
    shown = who().sees_personal
    if shown and has_personal_data(register, row.values, row.traced):
        what = msg("查阅“{title}”{key}", title=register.title, key=row.key)
        log_personal_view(ports(), who(), register, what, row)
    return _row_item(register, row, masked=not shown)


@operation(
    "POST", "/registers/{register}/rows", TAG, msg("新增登记簿的一行"), Scope.DRAFT,
    body=RowRequest, response=RowItem, status=201, idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def add_row(call: Call, register: str) -> ApiResponse:
    body: RowRequest = call.body
    return _kept(register, RowChange(body.values, "", body.day, body.reason, "", frozenset(body.accepted)))


@operation(
    "POST", "/registers/{register}/rows/{row}", TAG, msg("修改登记簿的一行，只写要改的列"), Scope.DRAFT,
    body=RowChangeRequest, response=RowItem, idempotent=True, error_statuses=(404, 409),
)  # fmt: skip
def change_row(call: Call, register: str, row: str) -> ApiResponse:
    body: RowChangeRequest = call.body
    change = RowChange(body.values, row, body.day, body.reason, body.seen, frozenset(body.accepted))
    return _kept(register, change)


def _kept(register: str, change: RowChange) -> ApiResponse:
    definition = row_search.get_register(ports(), register)
    kept = row_changes.keep_row(ports(), who(), register, change)
    return ApiResponse(_row_item(definition, kept, masked=not who().sees_personal))
