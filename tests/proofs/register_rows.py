"""A hundred thousand rows in a register: the import of ten thousand, and the lists over HTTP.

``python -m tests.proofs.register_rows [FILES] [ROWS]`` imports so many workbooks with so many shops each, as the page
does, and then opens lists, filters and searches in a service. The suite imports some hundred rows.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
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

REGISTER = "objects"
FILES, ROWS, ROUNDS = 10, 10_000, 60
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
    "by address": f"/registers/{REGISTER}?sort=addr&order=desc",
    "one village": f"/registers/{REGISTER}?c_village=第3村",
    "village, kind": f"/registers/{REGISTER}?c_village=第3村&c_place_kind=农户",
    "not inspected": f"/registers/{REGISTER}?view=0",
}


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


def measure(files: int, rows: int, rounds: int) -> tuple[list[Import], dict[str, list[float]]]:
    """Return the imports of so many files, then the seconds of each page."""
    with tempfile.TemporaryDirectory(prefix="register-rows-", ignore_cleanup_errors=True) as place:
        ports = load.create_office(Path(place), 1)
        imports = [
            import_file(ports, ports.register_documents.sheets([shops(file, rows)])) for file in range(files)
        ]
        port = load.free_port()
        process = load.start_service(Path(place), port, 1)
        try:
            browser = Browser(port, Tally())
            browser.open("/sign-in")
            browser.send("/sign-in", {"name": "staff", "password": office.PASSWORD})
            pages = {name: _measure_page(browser, path, rounds) for name, path in PAGES.items()}
            assert f"{files * rows:,}" in _open(browser, PAGES["all"])
        finally:
            process.terminate()
            process.wait(30)
    return imports, pages


def _open(browser: Browser, path: str) -> str:
    browser.open(quote(path, safe="/?=&"))
    return browser.page


def _measure_page(browser: Browser, path: str, rounds: int) -> list[float]:
    browser.open(quote(path, safe="/?=&"))
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        browser.open(quote(path, safe="/?=&"))
        seconds.append(time.perf_counter() - began)
    return seconds


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(0.95 * len(seconds))] * 1000


def main() -> int:
    files, rows = (int(text) for text in [*sys.argv[1:], *map(str, (FILES, ROWS)[len(sys.argv) - 1 :])])
    imports, pages = measure(files, rows, ROUNDS)
    for number, each in enumerate(imports, 1):
        print(f"import {number}: read {each.read:.1f} s, plan {each.plan:.1f} s, write {each.write:.1f} s")
    for name, seconds in pages.items():
        print(f"{name:16} p95 {_p95(seconds):6.1f} ms")
    slow = [each for each in imports if each.total > LIMIT_SECONDS]
    late = [name for name, seconds in pages.items() if _p95(seconds) > LIMIT_MS]
    print("too slow:", len(slow), "imports;", "、".join(late) or "no page")
    return 1 if slow or late else 0


if __name__ == "__main__":
    sys.exit(main())
