"""号簿 for programs."""

from __future__ import annotations

from typing import Any

from formsvc.domain.accounts.account import Right
from formsvc.domain.accounts.api_token import Scope
from formsvc.domain.numbering.document_number import NumberSeries
from formsvc.domain.numbering.register import masked_row
from formsvc.domain.paging import page_count
from formsvc.errors import NotFound
from formsvc.i18n.messages import msg
from formsvc.usecases.acts.search import PAGE_SIZE
from formsvc.usecases.numbering import register
from formsvc.usecases.numbering.register import RegisterPage
from formsvc.web.api.operations import Answer, Call, operation
from formsvc.web.api.schemas import NumberList, NumbersAsked, NumberTold, SeriesTold
from formsvc.web.context import ports, who

PART = msg("号簿")


@operation(
    "GET", "/numbers", PART, msg("号簿：每个文号、状态、所属文书和理由，以及没有解释的空号"), Scope.READ,
    query=NumbersAsked, answer=NumberList, refusals=(404,),
)  # fmt: skip
def list_numbers(call: Call) -> Answer:
    """The number register of a year."""
    asked: NumbersAsked = call.query
    year = asked.year if isinstance(asked.year, int) else ports().clock.today().year
    wanted = [s for s in register.all_series(ports()) if _may_see(s) and asked.series in ("", s.id)]
    if asked.series and not wanted:
        raise NotFound(msg("没有这个文号系列。"), msg("请从号簿中选择。"))
    pages = [page for s in wanted if (page := register.number_register(ports(), s.id, year))]
    rows = [row for page in pages for row in page.rows]
    start = (asked.number - 1) * PAGE_SIZE
    return Answer(
        NumberList(
            items=[_number(row) for row in rows[start : start + PAGE_SIZE]],
            series=[_series(page) for page in pages],
            total=len(rows),
            page=asked.number,
            pages=page_count(len(rows), PAGE_SIZE),
        )
    )


def _may_see(series: NumberSeries) -> bool:
    return who().account.is_admin or who().account.may(Right.VIEW, series.authority)


def _number(row: dict[str, Any]) -> NumberTold:
    words = ("series", "state", "act_id", "title", "party", "dated", "at", "by", "reason")
    row = masked_row(row)
    texts = {name: str(row.get(name) or "") for name in words}
    return NumberTold(number=str(row["text"]), year=int(row["year"]), n=int(row["n"]), **texts)


def _series(page: RegisterPage) -> SeriesTold:
    return SeriesTold(
        id=page.series.id,
        prefix=page.series.prefix,
        authority=page.series.authority,
        year=page.year,
        next=register.next_number(ports(), page.series, page.year),
        unexplained=[page.series.number(page.year, n).text for n in page.gaps],
    )
