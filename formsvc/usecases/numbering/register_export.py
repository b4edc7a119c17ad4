"""The register of a series and year as a sheet: every number with what became of it, for Word, PDF and Excel alike."""

from __future__ import annotations

from formsvc.domain.numbering import register
from formsvc.domain.numbering.register import ROW_STATE_NAMES, RowState, row_state
from formsvc.i18n.messages import join_messages, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.numbering.register import RegisterPage
from formsvc.usecases.ports import Record, RegisterSheet, WordTags

HEAD = (msg("文号"), msg("文书名称"), msg("当事人"), msg("日期"), msg("状态"), msg("说明"))
UNEXPLAINED = msg("没有登记，原因不明")


def sheet_of(ports: Ports, who: Actor, page: RegisterPage, authority: str) -> RegisterSheet:
    """Everything the register of a year says, a line a number; a number nobody can explain says so."""
    now = ports.clock.now()
    lines = [(register.row_sort_key(row), _line(register.masked_row(row))) for row in page.rows]
    lines += [((n, 0), _gap_line(page, n)) for n in page.gaps]
    started = started_at(page)
    return RegisterSheet(
        title=msg("{year}年文号登记簿", year=page.year),
        authority=authority,
        prefix=page.series.prefix,
        head=tuple(str(name) for name in HEAD),
        lines=tuple(line for _, line in sorted(lines, key=lambda one: one[0])),
        summary=join_messages(*_tally(page), *([started] if started else []), separator=msg("，")) + msg("。"),
        printed=msg(
            "{year}年{month}月{day}日由{name}打印",
            year=now.year, month=now.month, day=now.day, name=who.account.display_name,
        ),
    )  # fmt: skip


def started_at(page: RegisterPage) -> str:
    """With which number the year began and why, where that is not the first; else empty.

    Numbers below it that are on no record were never given: the reason is what explains them.
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


def tags_of(sheet: RegisterSheet) -> WordTags:
    """What stands in the properties of the Word file and the PDF."""
    return WordTags(f"{sheet.prefix}{sheet.title}", sheet.authority)


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
    """A number in ordinary use is explained by who gave it and when."""
    return msg("{day}{name}编号", day=register.day_text(row["at"]), name=row["by"])


def _gap_line(page: RegisterPage, n: int) -> tuple[str, ...]:
    return (page.series.number(page.year, n).text, "", "", "", str(msg("空缺")), str(UNEXPLAINED))


def _tally(page: RegisterPage) -> list[str]:
    """How many numbers there are of each state."""
    counts = dict.fromkeys(RowState, 0)
    for row in page.rows:
        counts[row_state(row)] += 1
    told: list[str] = [msg("本册共{n}个号", n=len(page.rows) + len(page.gaps))]
    told += [msg("{state}{n}个", state=ROW_STATE_NAMES[state], n=n) for state, n in counts.items() if n]
    return [*told, msg("原因不明{n}个", n=len(page.gaps))]
