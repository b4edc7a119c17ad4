"""A hundred thousand rows in a register: the import of ten thousand, and the lists over HTTP.

``python -m tests.proofs.register_rows [FILES] [ROWS] [CASES]`` imports so many workbooks with so many shops each, as the
page does, and then opens lists, filters, searches and the picker in a service that also has three documents of each
case. The time of the processor is told besides that of the clock, which other programs lengthen. The suite imports some
hundred rows.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from benchmarks import load
from benchmarks.clerks import Browser, Tally
from formsvc.demo import office
from formsvc.demo.office import sample_actor
from formsvc.usecases.context import Ports
from formsvc.usecases.registers.excel.import_plan import matched_columns, plan_import, read_file
from formsvc.usecases.registers.excel.import_writing import write_import
from formsvc.usecases.registers.excel.workbooks import TypedSheet
from tests.proofs import overdue_cases

REGISTER = "objects"
FILES, ROWS, CASES, ROUNDS = 10, 10_000, 3_334, 60
LIMIT_MS, LIMIT_SECONDS = 50, 30
HEAD = (
    "主体类型",
    "单位名称",
    "信用代码",
    "场所类别",
    "负责人",
    "手机",
    "地址",
    "所属社区",
    "街道",
    "区划",
    "风险等级",
)
_WORDS = "福满春晖顺达盛德永兴新立双合柳湾山泉木屋老街"
_KINDS = ("人员密集场所", "九小场所", "厂房仓库", "群租房", "农户")
_RISKS = ("高", "较高", "一般", "低")
PAGES = {
    "all": f"/registers/{REGISTER}",
    "page 100": f"/registers/{REGISTER}?page=100",
    "last page": f"/registers/{REGISTER}?page=1999",
    "by address": f"/registers/{REGISTER}?sort=addr&order=desc",
    "one village": f"/registers/{REGISTER}?c_village=第3村",
    "village, kind": f"/registers/{REGISTER}?c_village=第3村&c_place_kind=农户",
    "not inspected": f"/registers/{REGISTER}?view=0",
}
# words that all, most or few rows have, letters of pinyin, and words that no row has
WORDS = ("虚构", "公司", "商店", "店", "s", "x", "fmsd", "福满商店3-4", "东河镇 商店", "鑫")
PICKER_FORM, PICKER_FIELD = "T15", "party_name"


@dataclass(frozen=True)
class Times:
    """Seconds of each request, and of the service's processor on average (0: unknown)."""

    seconds: Sequence[float]
    processor: float

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(0.95 * len(self.seconds))]


@dataclass(frozen=True)
class Import:
    """Seconds of one import: reading the file, planning and writing."""

    read: float
    plan: float
    write: float

    @property
    def total(self) -> float:
        return self.read + self.plan + self.write


def shops(file: int, rows: int) -> TypedSheet:
    """Return fictitious shops, no two of them alike."""
    lines = [
        (
            "个体工商户", f"{_WORDS[n % 20]}{_WORDS[n // 20 % 20]}商店{file}-{n}", "无", _KINDS[n % 5],
            f"{_WORDS[n % 7]}某", f"199{file:02d}{n:06d}", f"中心街{n}号{file}", f"第{n % 20}村", "东河镇", "231202",
            _RISKS[n % 4],
        )
        for n in range(rows)
    ]  # fmt: skip
    return TypedSheet("汇总", HEAD, lines)


def import_file(ports: Ports, content: bytes) -> Import:
    """Import a workbook as the page does; return what each step took."""
    actor, began = sample_actor(ports, "staff"), time.perf_counter()
    table = read_file(ports, actor, REGISTER, content)
    read = time.perf_counter()
    columns = matched_columns(ports.definitions.registers()[REGISTER], table)
    plan = plan_import(ports, actor, REGISTER, table, columns)
    planned = time.perf_counter()
    receipt = write_import(ports, actor, plan, "店铺.xlsx")
    assert receipt.added == len(table.rows)
    return Import(read - began, planned - read, time.perf_counter() - planned)


def measure(files: int, rows: int, cases: int, rounds: int) -> tuple[list[Import], dict[str, Times]]:
    """Return the imports of so many files, then the times of each page."""
    with tempfile.TemporaryDirectory(prefix="register-rows-", ignore_cleanup_errors=True) as place:
        ports = load.create_office(Path(place), 1)
        overdue_cases.fill(ports, cases)
        imports = [
            import_file(ports, ports.register_documents.sheets([shops(file, rows)])) for file in range(files)
        ]
        port = load.free_port()
        process = load.start_service(Path(place), port, 1)
        try:
            browser = Browser(port, Tally())
            browser.open("/sign-in")
            browser.send("/sign-in", {"name": "staff", "password": office.PASSWORD})
            pages = {name: _measure(ask, process.pid, rounds) for name, ask in _requests(browser)}
            assert f"{files * rows:,}" in _open(browser, PAGES["all"])
        finally:
            process.terminate()
            process.wait(30)
    return imports, pages


def _requests(browser: Browser) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield each request with its name."""
    for name, path in PAGES.items():
        yield name, partial(_open, browser, path)
    for words in WORDS:
        for place in ("/search", f"/registers/{REGISTER}", "/acts"):
            browser.send(place, {"text": words})
            yield f"{place} {words}", partial(browser.open, browser.path)
    _open(browser, f"/forms/{PICKER_FORM}/new")
    offers = f"{browser.path}/pick/{PICKER_FIELD}/offers"
    for words in WORDS:
        yield f"picker {words}", partial(browser.send, offers, {"q": words}, script=True)


def _open(browser: Browser, path: str) -> str:
    assert browser.open(quote(path, safe="/?=&")) == 200, path
    return browser.page


def _measure(ask: Callable[[], object], pid: int, rounds: int) -> Times:
    ask()
    seconds, before = [], _processor_seconds(pid)
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return Times(seconds, (_processor_seconds(pid) - before) / rounds)


def _processor_seconds(pid: int) -> float:
    """Return how long a process has computed; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    usual = (FILES, ROWS, CASES)
    files, rows, cases = (int(text) for text in [*sys.argv[1:], *map(str, usual[len(sys.argv) - 1 :])])
    imports, pages = measure(files, rows, cases, ROUNDS)
    for number, each in enumerate(imports, 1):
        print(f"import {number}: read {each.read:.1f} s, plan {each.plan:.1f} s, write {each.write:.1f} s")
    for name, times in pages.items():
        print(f"{name:36} p95 {times.p95 * 1000:6.1f} ms, processor {times.processor * 1000:5.1f} ms")
    slow = [each for each in imports if each.total > LIMIT_SECONDS]
    late = [name for name, times in pages.items() if times.p95 * 1000 > LIMIT_MS]
    print("too slow:", len(slow), "imports;", "、".join(late) or "no page")
    return 1 if slow or late else 0


if __name__ == "__main__":
    sys.exit(main())
