"""The printable register of a series and year, for Word, PDF and Excel."""

from __future__ import annotations

from formsvc.domain.numbering import register
from formsvc.domain.numbering.register import ROW_STATE_NAMES, RowState, row_state
from formsvc.i18n.messages import join_messages, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.numbering.register import RegisterPage
from formsvc.usecases.ports import DocumentMetadata, Record, RegisterSheet

HEAD = (msg("文号"), msg("文书名称"), msg("当事人"), msg("日期"), msg("状态"), msg("说明"))
UNEXPLAINED = msg("没有登记，原因不明")


def build_sheet(ports: Ports, actor: Actor, page: RegisterPage, authority: str) -> RegisterSheet:
    now = ports.clock.now()
    lines = [(register.row_sort_key(row), _line(register.masked_row(row))) for row in page.rows]
    lines += [((n, 0), _gap_line(page, n)) for n in page.gaps]
    started = first_number_note(page)
    return RegisterSheet(
        title=msg("{year}年文号登记簿", year=page.year),
        authority=authority,
        prefix=page.series.prefix,
        head=tuple(str(name) for name in HEAD),
        lines=tuple(line for _, line in sorted(lines, key=lambda one: one[0])),
        summary=join_messages(*_tally(page), *([started] if started else []), separator=msg("，")) + msg("。"),
        printed=msg(
            "{year}年{month}月{day}日由{name}打印",
            year=now.year, month=now.month, day=now.day, name=actor.account.display_name,
        ),
    )  # fmt: skip


def first_number_note(page: RegisterPage) -> str:
    """Return why the year did not begin with number 1; empty if it did.

    Smaller numbers have no row: the reason explains them.
    """
    begun, set_since = (
        min((int(row["n"]) for row in page.rows), default=None),
        page.series.first_in(page.year),
    )
    first = set_since if begun is None else min(begun, set_since)
    if first == 1:
        return ""
    if page.start_reason and first == set_since:
        return msg("本年度从第{n}号起编（{why}）", n=first, why=page.start_reason)
    return msg("本年度从第{n}号起编", n=first)


def sheet_metadata(sheet: RegisterSheet) -> DocumentMetadata:
    return DocumentMetadata(f"{sheet.prefix}{sheet.title}", sheet.authority)


def _line(row: Record) -> tuple[str, ...]:
    state = ROW_STATE_NAMES[row_state(row)]
    return (
        row["text"],
        str(row["title"]),
        str(row["party"]),
        register.day_text(row["dated"]),
        str(state),
        str(register.explanation(row)) or _plain(row),
    )


def _plain(row: Record) -> str:
    """Return who numbered it and when, for a number in ordinary use."""
    return msg("{day}{name}编号", day=register.day_text(row["at"]), name=row["by"])


def _gap_line(page: RegisterPage, n: int) -> tuple[str, ...]:
    return (page.series.number(page.year, n).text, "", "", "", str(msg("空缺")), str(UNEXPLAINED))


def _tally(page: RegisterPage) -> list[str]:
    """Return how many numbers there are in each state."""
    counts = dict.fromkeys(RowState, 0)
    for row in page.rows:
        counts[row_state(row)] += 1
    parts: list[str] = [msg("本册共{n}个号", n=len(page.rows) + len(page.gaps))]
    parts += [msg("{state}{n}个", state=ROW_STATE_NAMES[state], n=n) for state, n in counts.items() if n]
    return [*parts, msg("原因不明{n}个", n=len(page.gaps))]
