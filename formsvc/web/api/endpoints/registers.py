"""Number registers (号簿)."""

from __future__ import annotations

from formsvc.domain.accounts.account import Right
from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import Row, masked_row
from formsvc.domain.paging import page_count
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.acts.search import PAGE_SIZE
from formsvc.usecases.numbering import register
from formsvc.usecases.numbering.register import RegisterPage
from formsvc.web.api.operations import ApiResponse, Call, operation
from formsvc.web.api.request_schemas import NumberQuery
from formsvc.web.api.response_schemas import NumberItem, NumberList, SeriesItem
from formsvc.web.context import ports, who

TAG = msg("号簿")


@operation(
    "GET", "/numbers", TAG, msg("号簿：每个文号、状态、所属文书和理由，以及没有解释的空号"), Scope.READ,
    query=NumberQuery, response=NumberList, error_statuses=(404,),
)  # fmt: skip
def list_numbers(call: Call) -> ApiResponse:
    query: NumberQuery = call.query
    year = query.year if isinstance(query.year, int) else ports().clock.today().year
    selected = [s for s in register.all_series(ports()) if _may_see(s) and query.series in ("", s.id)]
    if query.series and not selected:
        raise NotFound(msg("没有这个文号系列。"), msg("请从号簿中选择。"))
    pages = [page for s in selected if (page := register.number_register(ports(), s.id, year))]
    rows = [row for page in pages for row in page.rows]
    start = (query.page_number - 1) * PAGE_SIZE
    return ApiResponse(
        NumberList(
            items=[_number_item(row) for row in rows[start : start + PAGE_SIZE]],
            series=[_series_item(page) for page in pages],
            total=len(rows),
            page=query.page_number,
            pages=page_count(len(rows), PAGE_SIZE),
        )
    )


def _may_see(series: NumberSeries) -> bool:
    return who().account.is_admin or who().account.may(Right.VIEW, series.authority)


def _number_item(row: Row) -> NumberItem:
    names = ("series", "state", "act_id", "title", "party", "dated", "at", "by", "reason")
    row = masked_row(row)
    # a row of the register has only the keys its state needs
    texts = {name: str(row.get(name) or "") for name in names}
    return NumberItem(number=str(row["text"]), year=int(row["year"]), n=int(row["n"]), **texts)


def _series_item(page: RegisterPage) -> SeriesItem:
    return SeriesItem(
        id=page.series.id,
        prefix=page.series.prefix,
        authority=page.series.authority,
        year=page.year,
        next=register.next_number(ports(), page.series, page.year),
        unexplained=[page.series.number(page.year, n).text for n in page.gaps],
    )
