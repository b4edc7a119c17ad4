"""Word to PDF: our warm workers, a warm unoserver, and ``soffice --convert-to``.

All contenders take turns in every round on the same files and fonts; ratios are taken within a round and given as
median with quartiles, a contender's time over ours. LibreOffice is a yardstick only, nothing of the product needs it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import sample_acts as acts
from benchmarks.cpu_time import Contender, compare_contenders
from benchmarks.results import result_row
from benchmarks.unoserver import UnoServer, start_servers
from formsvc.documents.workers.pool import RecyclePolicy, WorkerPool
from formsvc.docxpdf import Engine, FontCatalog, PdfMetadata, PdfProfile, convert
from formsvc.usecases.ports import DocumentMetadata

ROUNDS, LONG_ROUNDS, BATCH_ROUNDS = 15, 3, 5
BATCH = 24
OURS, UNOSERVER, TWO, OFFICE = (
    "ours, warm worker",
    "unoserver, warm",
    "two unoservers, warm",
    "soffice --convert-to",
)
ONE_BOX, CELL_BOXES = "one box for a row", "boxes for its cells"
_MEMORY_MB, _SECONDS = 1500, 120


def run() -> list[dict[str, Any]]:
    directory = Path(os.environ.get("FORMSVC_FONTS", "instance/fonts"))
    with tempfile.TemporaryDirectory(prefix="bench-paper-") as name:
        folder = Path(name)
        fonts = FontCatalog(directory, folder / "cache")
        with start_servers(2, fonts, folder, acts.word("T22", 1)) as offices:
            # the last in this process: it sets up the fonts of the engine here
            return _Paper(directory, folder, offices).figures() + _rows_of_lines(fonts)


class _Paper:
    def __init__(self, directory: Path, folder: Path, offices: list[UnoServer]) -> None:
        arguments = {"fonts": directory.resolve(), "cache": (folder / "cache").resolve(), "memory": _MEMORY_MB, "seconds": _SECONDS, "nice": 0}  # fmt: skip
        self._start: Callable[[int], WorkerPool] = lambda children: WorkerPool(
            {key: str(value) for key, value in arguments.items()},
            children,
            RecyclePolicy(10**6, 10**6),
            _SECONDS,
        )
        self._folder, self._offices = folder, offices
        self._serial = itertools.count()
        self._peak = 0

    def figures(self) -> list[dict[str, Any]]:
        """Measure acts one by one, a batch, a long table, memory, growth by rows."""
        pool = self._start(1)
        pool.warm()
        figures = []
        for case, (form, rows) in acts.TYPICAL.items():
            contenders = self._contenders(pool, acts.word(form, rows))
            figures += compare_contenders(case, contenders, ROUNDS)
        figures.append(_memory("three acts", self._peak))
        pool.close()
        figures += self._batch()
        for form in ("T15", "T22"):
            figures += self._long_table(form)
        return figures + self._growth()

    def _ask(self, pool: WorkerPool, word: bytes) -> None:
        tags = asdict(DocumentMetadata("标题", "单位", str(next(self._serial))))
        answer = pool.request({"call": "pdf", "tags": tags, "form": asdict(PdfProfile())}, word)
        self._peak = max(self._peak, int(answer.header["peak_mb"]))

    def _contenders(self, pool: WorkerPool, word: bytes, *, process: bool = True) -> dict[str, Contender]:
        contenders = {OURS: Contender(partial(self._ask, pool, word), lambda: _children(pool))}
        if self._offices:
            office = self._offices[0]
            contenders[UNOSERVER] = Contender(partial(office.pdf, word), office.pids)
        if process and (soffice := shutil.which("soffice")):
            contenders[OFFICE] = Contender(self._conversion(soffice, word))
        return contenders

    def _conversion(self, soffice: str, word: bytes) -> Callable[[], Any]:
        file = self._folder / f"{next(self._serial)}.docx"
        file.write_bytes(word)
        profile = f"-env:UserInstallation={(self._folder / 'profile').as_uri()}"
        words = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(self._folder)]
        environment = {**os.environ, "FONTCONFIG_FILE": str(self._folder / "office-fonts.conf")}
        if not self._offices:
            environment = dict(os.environ)
        return lambda: subprocess.run([*words, str(file)], check=True, capture_output=True, env=environment)

    def _batch(self) -> list[dict[str, Any]]:
        pool = self._start(2)
        words = [acts.word(form, rows) for form, rows in acts.TYPICAL.values()] * (BATCH // 3)
        contenders = {OURS: Contender(lambda: _shared_out([partial(self._ask, pool)] * 2, words), list)}
        if len(self._offices) == 2:
            one, two = self._offices
            contenders[UNOSERVER] = Contender(lambda: _shared_out([one.pdf], words), list)
            contenders[TWO] = Contender(lambda: _shared_out([one.pdf, two.pdf], words), list)
        figures = compare_contenders(
            f"batch of {BATCH} on both cores", contenders, BATCH_ROUNDS, only_clock=frozenset(contenders)
        )
        pool.close()
        return figures

    def _long_table(self, form: str) -> list[dict[str, Any]]:
        pool = self._start(1)
        self._peak = 0
        contenders = self._contenders(pool, acts.word(form, 400), process=False)
        figures = compare_contenders(f"table of 400 rows ({form})", contenders, LONG_ROUNDS)
        pool.close()
        return [*figures, _memory(f"400 rows ({form})", self._peak)]

    def _growth(self) -> list[dict[str, Any]]:
        figures = []
        for form in acts.ROWS:
            pool = self._start(1)
            for rows in (1, 9, 60, 400):
                ours = {
                    OURS: Contender(partial(self._ask, pool, acts.word(form, rows)), partial(_children, pool))
                }
                figures += compare_contenders(f"{form}, {rows} rows", ours, 5 if rows < 400 else 2)
            pool.close()
        return figures


def _rows_of_lines(fonts: FontCatalog) -> list[dict[str, Any]]:
    """Measure tables with one box for each row of lines, and with boxes for all cells."""
    engine = Engine.load(fonts)

    def make(word: bytes, *, joins_cells: bool) -> None:
        engine.joins_cells = joins_cells
        convert(word, fonts, PdfMetadata("标题", "单位"))

    figures = []
    for form, rows in (("T15", 9), ("T15", 60), ("T15", 400), ("T22", 400)):
        word = acts.word(form, rows)
        contenders = {
            ONE_BOX: Contender(partial(make, word, joins_cells=True)),
            CELL_BOXES: Contender(partial(make, word, joins_cells=False)),
        }
        rounds = ROUNDS if rows < 400 else BATCH_ROUNDS
        figures += compare_contenders(f"rows of lines ({form}, {rows} rows)", contenders, rounds)
    engine.joins_cells = True
    return figures


def _children(pool: WorkerPool) -> list[int]:
    return [child.pid for child in pool.idle_workers()]


def _shared_out(makers: Iterable[Callable[[bytes], Any]], words: list[bytes]) -> None:
    """Share the files out: each maker takes the next one when it is free."""
    waiting = iter(words)

    def work(make: Callable[[bytes], Any]) -> None:
        for word in waiting:
            make(word)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, make) for make in makers]:
            done.result()


def _memory(case: str, megabytes: int) -> dict[str, Any]:
    return {
        **result_row(f"peak memory, {case}", OURS, [1.0] * 2, OURS, [1.0] * 2),
        "median_ms": "",
        "rounds": f"{megabytes} MB",
    }
