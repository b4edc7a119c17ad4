"""Tables of days off as people have them: notice, lines, workbook, JSON.

Each source becomes a table like the shipped ones: ``year``, ``off`` (name, from, to) and ``work``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from formsvc.domain.chinese import parse_date
from formsvc.errors import FormsvcError, InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.context import Ports

Table = dict[str, Any]

COLUMNS = {"kind": msg("类别"), "name": msg("名称"), "first": msg("起"), "last": msg("止")}
OFF, WORK = str(msg("放假")), str(msg("上班"))
NOTES = (
    msg("类别：放假的写“放假”，调休上班的写“上班”。"),
    msg("一个节日一行，写明名称、放假的起止日；上班的一天一行，“止”可以不填。"),
    msg("日期写 2027-01-01、2027/1/1 或者 2027年1月1日。"),
    msg("照国务院办公厅公布的通知抄录，七个节日都要有。"),
)
SAMPLE = (OFF, "元旦", "2027-01-01", "2027-01-03")
# the State Council has never named more days in one year
_MOST_ROWS = 60
_DAY = re.compile(
    r"(?:(?P<year>\d{4})\s*[年/.-]\s*)?(?P<month>\d{1,2})\s*[月/.-]\s*(?P<day>\d{1,2})(?:日|号)?|(?P<only>\d{1,2})日"
)
# weekday and lunar date: （农历腊月二十八、周日）
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_NUMBERING = re.compile(r"^\s*(?:[一二三四五六七八九十]+[、.．]|\d+[、.．]\s*(?=\D))\s*")
_NAME = re.compile(r"^\s*(?P<name>[^\d：:]*[节旦夕][^\d：:]*?)\s*[：:\s]\s*(?=\d)")


def read_text(text: str, year: int) -> Table:
    """Return the table of a notice's paragraphs or of lines like them.

    ``元旦：1月1日至3日放假。1月4日上班。`` Raise InputRefused.
    """
    off: list[dict[str, str]] = []
    work: list[str] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = _NUMBERING.sub("", _ASIDE.sub("", line)).strip()
        if not plain:
            continue
        try:
            spans, days = _read_line(plain, year)
        except ValueError as wrong:
            problems.append(Problem("lines", msg("第 {n} 行：{reason}", n=number, reason=str(wrong))))
            continue
        off += spans
        work += days
    if not off and not problems:
        problems.append(Problem("lines", msg("没有填写放假的日期。")))
    if problems:
        raise InputRefused(problems)
    return {"year": year, "off": off, "work": sorted(work)}


def _read_line(line: str, year: int) -> tuple[list[dict[str, str]], list[str]]:
    named = _NAME.match(line)
    name, rest = (named["name"], line[named.end() :]) if named else ("", line)
    off: list[dict[str, str]] = []
    work: list[str] = []
    for sentence in filter(None, re.split(r"[。；;]", rest)):
        days = list(_days_in(sentence, year))
        if WORK in sentence:
            work += [day.isoformat() for day in days]
        elif days and name:
            if len(days) > 2:
                raise ValueError(msg("“{text}”里的日期多于起止两个，请分开写。", text=sentence.strip()[:40]))
            off.append({"name": name, "from": days[0].isoformat(), "to": days[-1].isoformat()})
        elif days:
            raise ValueError(
                msg("看不出“{text}”是哪个节日，请写成“元旦：1月1日至3日放假”。", text=sentence.strip()[:40])
            )
    if not off and not work:
        raise ValueError(
            msg("“{text}”里没有放假或者上班的日期，请改正或者删去这一行。", text=line.strip()[:40])
        )
    return off, work


def _days_in(sentence: str, year: int) -> Iterator[date]:
    """Yield the days a sentence names; 至3日 has the month of the day before."""
    before: date | None = None
    for found in _DAY.finditer(sentence):
        if found["only"] and before is None:
            continue
        own_year = int(found["year"] or (before.year if before else year))
        month = int(found["month"]) if found["month"] else (before.month if before else 0)
        try:
            before = date(own_year, month, int(found["day"] or found["only"]))
        except ValueError:
            raise ValueError(msg("没有“{day}”这一天。", day=found[0])) from None
        yield before


def read_workbook(ports: Ports, content: bytes) -> Table:
    """Return the table of a filled-in workbook. Raise FormsvcError."""
    names = [str(name) for name in COLUMNS.values()]
    rows = ports.register_documents.paper_rows(
        content, names, _MOST_ROWS, [str(COLUMNS[key]) for key in ("first", "last")]
    )
    problems: list[Problem] = []
    off: list[dict[str, str]] = []
    work: list[str] = []
    for row in rows:
        cells = {key: row.cells[str(name)] for key, name in COLUMNS.items()}
        try:
            _read_row(cells, off, work)
        except ValueError as wrong:
            problems.append(Problem("book", msg("第 {n} 行：{reason}", n=row.row, reason=str(wrong))))
    if problems:
        raise InputRefused(problems)
    return {"year": _year_of([*(span["to"] for span in off), *work]), "off": off, "work": sorted(work)}


def _read_row(cells: Mapping[str, str], off: list[dict[str, str]], work: list[str]) -> None:
    first = _one_day(cells["first"])
    last = _one_day(cells["last"]) if cells["last"] else first
    if cells["kind"] == WORK:
        if last != first:
            raise ValueError(msg("上班的日期一天写一行。"))
        work.append(first.isoformat())
    elif cells["kind"] == OFF:
        if not cells["name"]:
            raise ValueError(msg("没有写明节日的名称。"))
        off.append({"name": cells["name"], "from": first.isoformat(), "to": last.isoformat()})
    else:
        raise ValueError(msg("类别应当是“放假”或者“上班”，写的是“{text}”。", text=cells["kind"][:20]))


def _one_day(text: str) -> date:
    return parse_date(text)


def _year_of(days: Iterable[str]) -> int:
    """Return the year most of the days are in."""
    years = [int(day[:4]) for day in days]
    return max(set(years), key=years.count, default=0)


def read_json(ports: Ports, content: bytes) -> Table:
    """Return the table of a JSON file. Raise FormsvcError."""
    table = ports.register_documents.json_content(content)
    if not isinstance(table, dict):
        raise FormsvcError(
            msg("这个文件不是放假安排的 JSON。"),
            msg("应有 year、off（name、from、to）和 work，写法见运维手册“放假安排”。"),
        )
    return table


def read_file(ports: Ports, name: str, content: bytes, year: int) -> Table:
    """Return the table of an uploaded file by the ending of its name."""
    ending = name.rsplit(".", 1)[-1].lower()
    if ending == "xlsx":
        return read_workbook(ports, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    return read_json(ports, text.encode()) if ending == "json" else read_text(text, year)
