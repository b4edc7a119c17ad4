"""Manual entries in the number register, and explained gaps.

Numbers of documents made outside the system are back-filled (补登) or handwritten (手写号). A batch is entered as
a whole or not at all; a number that has a row already is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from formsvc.domain.chinese import tidy_day
from formsvc.domain.numbering import register
from formsvc.domain.numbering.document_number import SUB_NUMBERS, NumberSeries, parse_number
from formsvc.domain.numbering.register import (
    ENTRIES,
    ROW_STATE_NAMES,
    RowState,
    row_key,
    row_sort_key,
    row_state,
)
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.event_log import record_event
from formsvc.usecases.maintenance.clock_check import require_right_clock
from formsvc.usecases.numbering.reservations import (
    FEWEST_LETTERS,
    document_problems,
    editable_series,
)
from formsvc.usecases.numbering.rows import Counter, NumberRow, empty_row, get_row, rows_of_year, with_changes
from formsvc.usecases.ports import Transaction

LONGEST = {"title": 200, "party": 200, "reason": 500}
_PLAIN = re.compile(r"第?(\d{1,9})号?(?:之([一二三四五六七八九十]{1,3})|-(\d{1,2}))?", re.ASCII)


@dataclass(frozen=True)
class ManualEntry:
    """One document as it was typed; ``kind`` is 补登 or 手写号."""

    number: str
    kind: str = ""
    title: str = ""
    party: str = ""
    dated: str = ""
    reason: str = ""


@dataclass(frozen=True)
class EntryCheck:
    """One entry with its position in the register, problems and notices."""

    entry: ManualEntry
    n: int
    sub: int
    text: str
    problems: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntryReport:
    """The checks of a batch; ``gaps`` are numbers it would leave unexplained."""

    series: NumberSeries
    year: int
    checks: list[EntryCheck]
    gaps: list[int]

    @property
    def is_fine(self) -> bool:
        return bool(self.checks) and not any(check.problems for check in self.checks)


def parse_position(series: NumberSeries, year: int, text: str) -> tuple[int, int]:
    """Return number and sub-number: 5, 第0005号, 5-1, 第0005号之一 or in full.

    Raise ValueError if the text is no number of this series and year.
    """
    # full-width digits and spaces, as Chinese input methods type them
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    found = _PLAIN.fullmatch(plain)
    if found:
        sub = SUB_NUMBERS.get(found[2] or "", 0) or int(found[3] or 0)
        return _positive(int(found[1]), text), sub
    hyphen = re.fullmatch(r"(.+号)-(\d{1,2})", plain)
    number = parse_number(hyphen[1] if hyphen else text, series.style, series.width)
    if number.prefix != series.prefix or number.year != year:
        raise ValueError(
            msg(
                "“{given}”不是本号簿的文号，应为{example}这样的号。",
                given=text.strip(),
                example=series.number(year, 1).text,
            )
        )
    return number.n, int(hyphen[2]) if hyphen else number.sub


def _positive(n: int, text: str) -> int:
    if n < 1:
        raise ValueError(msg("“{given}”不是文号，序号从1开始。", given=text.strip()))
    return n


def check_entries(
    ports: Ports, actor: Actor, series_id: str, year: int, papers: Sequence[ManualEntry]
) -> EntryReport:
    with ports.store.read() as tx:
        return _examined(ports, tx, editable_series(tx, actor, series_id), year, papers)


def record_entries(
    ports: Ports, actor: Actor, series_id: str, year: int, papers: Sequence[ManualEntry]
) -> list[NumberRow]:
    """Enter all of these numbers or none; return their rows.

    Raise InputRefused.
    """
    require_right_clock(ports)
    with ports.store.write() as tx:
        series = editable_series(tx, actor, series_id)
        examined = _examined(ports, tx, series, year, papers)
        if not examined.is_fine:
            raise InputRefused([p for check in examined.checks for p in check.problems])
        rows = [_write(ports, tx, actor, examined, check) for check in examined.checks]
        first = rows[0]["text"]
        note = (
            msg("登记{number}：{reason}", number=first, reason=rows[0]["entry_reason"])
            if len(rows) == 1
            else msg("登记{first}等{count}个号", first=first, count=len(rows))
        )
        keys = [row["id"] for row in rows]
        record_event(tx, ports.clock, actor, "", "NumbersEntered", note=note, numbers=keys)
    return rows


def _examined(
    ports: Ports, tx: Transaction, series: NumberSeries, year: int, papers: Sequence[ManualEntry]
) -> EntryReport:
    most = ports.limits.entered_numbers
    if not papers or len(papers) > most:
        raise InputRefused([Problem("", msg("一次登记 1 至 {most} 个号。", most=most))])
    stored_rows = {row_sort_key(row): row for row in rows_of_year(tx, series.id, year)}
    checks = _marked_duplicates([_parsed(ports, series, year, paper) for paper in papers])
    claimed = {(f.n, f.sub): f for f in checks if f.n and not f.problems}
    last = Counter.load(tx, series.id, year).last or 0
    farthest = max(last, series.first_in(year)) + ports.limits.number_leap + len(papers)
    checks = [_checked_against_register(check, stored_rows, claimed, farthest) for check in checks]
    rows = [{"n": n, "sub": sub} for n, sub in {*stored_rows, *claimed}]
    first = series.first_in(year)
    new_gaps = set(register.gaps(rows, first)) - set(register.gaps(stored_rows.values(), first))
    return EntryReport(series, year, checks, sorted(new_gaps))


def _parsed(ports: Ports, series: NumberSeries, year: int, paper: ManualEntry) -> EntryCheck:
    paper = replace(paper, dated=tidy_day(paper.dated, ports.clock.today()))
    problems = document_problems(paper.title, paper.dated, year, ports.clock.today())
    if paper.kind not in ENTRIES:
        problems.append(Problem("kind", msg("类别应当是“补登”或者“手写号”。")))
    if len(paper.reason.strip()) < FEWEST_LETTERS:
        problems.append(Problem("reason", msg("请写明登记理由，例如：停电期间手写编号。")))
    for field, most in LONGEST.items():
        if len(getattr(paper, field)) > most:
            problems.append(Problem(field, msg("最多写 {most} 个字。", most=most)))
    try:
        n, sub = parse_position(series, year, paper.number)
    except ValueError as wrong:
        return EntryCheck(paper, 0, 0, paper.number, (Problem("number", str(wrong)), *problems))
    return EntryCheck(paper, n, sub, series.number(year, n, sub).text, tuple(problems))


def _marked_duplicates(checks: list[EntryCheck]) -> list[EntryCheck]:
    seen: set[tuple[int, int]] = set()
    message = []
    for check in checks:
        at = (check.n, check.sub)
        if check.n and at in seen:
            double = Problem("number", msg("{number}在这一批里重复了。", number=check.text))
            check = _with(check, double)
        seen.add(at)
        message.append(check)
    return message


def _with(check: EntryCheck, problem: Problem) -> EntryCheck:
    return replace(check, problems=(*check.problems, problem))


def _checked_against_register(
    check: EntryCheck,
    stored_rows: Mapping[tuple[int, int], NumberRow],
    claimed: Mapping[tuple[int, int], EntryCheck],
    farthest: int,
) -> EntryCheck:
    """Return the check with what the register has against it."""
    if not check.n:
        return check
    row = stored_rows.get((check.n, check.sub))
    if row and row_state(row) is not RowState.SKIPPED:
        return _with(check, Problem("number", _taken(row), _taken_remedy(row)))
    if check.n > farthest:
        far = msg("{number}比最后的号大得太多。", number=check.text)
        return _with(check, Problem("number", far, msg("请核对序号。")))
    if check.sub:
        before = (check.n, check.sub - 1)
        if before not in stored_rows and before not in claimed:
            missing = msg("登记{number}之前，要先有它前面的号。", number=check.text)
            return _with(check, Problem("number", missing))
    return replace(check, notices=_order_notices(check, stored_rows))


def _taken(row: NumberRow) -> str:
    known = (row["title"], row["party"] or row.get("reserved_for"), register.day_text(row["dated"]))
    whose = format_list(str(text) for text in known if text)
    state = ROW_STATE_NAMES[row_state(row)]
    return msg("{number}已在号簿中（{state}）：{whose}。", number=row["text"], state=state, whose=whose)


def _taken_remedy(row: NumberRow) -> str:
    if row["state"] == RowState.RESERVED:
        return msg("这是领用的空白号，请在号簿中核销。")
    return msg("一个号只能登记一次，请核对纸质号簿。")


def _order_notices(check: EntryCheck, stored_rows: Mapping[tuple[int, int], NumberRow]) -> tuple[str, ...]:
    """Return notices for dates that run against the numbers."""
    at, dated = (check.n, check.sub), check.entry.dated
    before = max((o for o, r in stored_rows.items() if o < at and r["dated"]), default=None)
    after = min((o for o, r in stored_rows.items() if o > at and r["dated"]), default=None)
    found = []
    if before and stored_rows[before]["dated"] > dated:
        found.append(msg("日期早于前面的{number}。", number=stored_rows[before]["text"]))
    if after and stored_rows[after]["dated"] < dated:
        found.append(msg("日期晚于后面的{number}。", number=stored_rows[after]["text"]))
    return tuple(found)


def _write(
    ports: Ports, tx: Transaction, actor: Actor, examined: EntryReport, check: EntryCheck
) -> NumberRow:
    paper, series, year = check.entry, examined.series, examined.year
    now = ports.clock.now().isoformat(timespec="seconds")
    key = row_key(series.id, year, check.n, check.sub)
    stored = get_row(tx, key)
    entered = {
        "state": paper.kind,
        "entry": paper.kind,
        "title": paper.title.strip(),
        "party": paper.party.strip(),
        "dated": paper.dated,
        "at": now,
        "by": actor.account.display_name,
        "entered_at": now,
        "entered_by": actor.account.display_name,
        "entry_reason": paper.reason.strip(),
    }
    row = with_changes(stored or empty_row(series, year, check.n, check.sub), entered)
    if stored:
        tx.numbers.replace(key, row)
    else:
        tx.numbers.insert(key, row)
    Counter.load(tx, series.id, year).advance(tx, check.n, paper.dated)
    return row


# Gaps ------------------------------------------------------------------------------------------------


def explain_gap(
    ports: Ports, actor: Actor, series_id: str, year: int, first: int, last: int, reason: str
) -> list[NumberRow]:
    """Record why numbers without a row were not used (空号).

    Raise InputRefused if a number in between is no gap.
    """
    problems = []
    if len(reason.strip()) < FEWEST_LETTERS:
        problems.append(Problem("reason", msg("请写明空号的原因，例如：系统启用前试打，原件已销毁。")))
    with ports.store.write() as tx:
        series = editable_series(tx, actor, series_id)
        last_given = Counter.load(tx, series_id, year).last
        missing = register.gaps(rows_of_year(tx, series_id, year), series.first_in(year), last_given)
        wanted = [n for n in missing if first <= n <= last]
        if first > last or len(wanted) != last - first + 1:
            message = msg("第{first}号至第{last}号不都是没有登记的号。", first=first, last=last)
            problems.append(Problem("first", message, msg("请从号簿中选择空缺的号。")))
        if problems:
            raise InputRefused(problems)
        rows = [_skipped(ports, actor, series, year, n, reason.strip()) for n in wanted]
        for row in rows:
            tx.numbers.insert(row["id"], row)
        note = msg(
            "{first}至{last}：{reason}", first=rows[0]["text"], last=rows[-1]["text"], reason=reason.strip()
        )
        keys = [row["id"] for row in rows]
        record_event(tx, ports.clock, actor, "", "GapExplained", note=note, numbers=keys)
    return rows


def _skipped(ports: Ports, actor: Actor, series: NumberSeries, year: int, n: int, reason: str) -> NumberRow:
    now, by = ports.clock.now().isoformat(timespec="seconds"), actor.account.display_name
    skipped = {"skip_reason": reason, "skipped_at": now, "skipped_by": by}
    changes = {"state": RowState.SKIPPED.value, "at": now, "by": by, **skipped}
    return with_changes(empty_row(series, year, n), changes)
