"""Word to PDF: in this interpreter, in a child with limits, and, where it is installed, by a new LibreOffice process.

All contenders take turns in every round on the same files and fonts; ratios are taken within a round and given as
median with quartiles. LibreOffice is a yardstick only, nothing of the product needs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from benchmarks.figures import figure
from formsvc.documents.engine import Tags
from formsvc.documents.fonts import FontBook
from formsvc.documents.ooxml.layout import lay_out
from formsvc.documents.pdf import set_document
from formsvc.documents.rendering import RenderingWorkers
from formsvc.usecases.ports import WordTags

Task = Callable[[], Any]

ROUNDS = 5
OURS, CHILD, LINES, OFFICE = "ours", "ours, in a child", "ours, lines only", "LibreOffice"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_FONTS = '<w:rFonts w:ascii="仿宋_GB2312" w:hAnsi="仿宋_GB2312" w:eastAsia="{}"/><w:sz w:val="{}"/>'
_CLAUSE = "经查，你单位二层安全出口被杂物堵塞，宽度不足1.4米，违反《中华人民共和国消防法》第二十八条的规定，现责令限期改正；"


def run() -> list[dict[str, Any]]:
    """Every figure as a row: case, contender, median in milliseconds, ratio to ours with its quartiles."""
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bench-pdf-") as folder, _contenders(Path(folder)) as cases:
        for case, tasks in cases.items():
            figures += _measured(case, tasks)
    return figures


def letter(paragraphs: int, rows: int) -> bytes:
    """A Word file: a title, paragraphs of three lines, a table that grows."""
    title = _paragraph("责令限期改正通知书", '<w:jc w:val="center"/>', _FONTS.format("方正小标宋简体", 44))
    body = "".join(_paragraph(_CLAUSE) for _ in range(paragraphs))
    cells = [("序号", "隐患", "期限")] + [(str(n), _CLAUSE[:30], "2026年10月8日") for n in range(1, rows + 1)]
    return _packed(title + body + (_table(cells) if rows else ""))


def _paragraph(text: str, properties: str = "", run: str = _FONTS.format("仿宋_GB2312", 32)) -> str:
    line = '<w:spacing w:line="579" w:lineRule="exact"/>'
    return f"<w:p><w:pPr>{line}{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{escape(text)}</w:t></w:r></w:p>"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = (900, 5700, 2240)
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in sides)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    lines = []
    for place, cells in enumerate(rows):
        head = "<w:tblHeader/>" if place == 0 else ""
        filled = zip(cells, widths, strict=True)
        content = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{w}" w:type="dxa"/></w:tcPr>{_paragraph(c)}</w:tc>' for c, w in filled
        )
        lines.append(f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{content}</w:tr>")
    layout = '<w:tblLayout w:type="fixed"/>'
    return f"<w:tbl><w:tblPr><w:tblBorders>{borders}</w:tblBorders>{layout}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"


def _packed(body: str) -> bytes:
    page = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851" w:footer="1417"/>'
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_CONTENT}.document.main+xml"/></Types>'
    )
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_TYPE}/officeDocument" Target="word/document.xml"/></Relationships>'
    document = f'<w:document xmlns:w="{_W}"><w:body>{body}<w:sectPr>{page}</w:sectPr></w:body></w:document>'
    with tempfile.TemporaryFile() as stream:
        with ZipFile(stream, "w", ZIP_DEFLATED) as package:
            for name, content in (
                ("[Content_Types].xml", types),
                ("_rels/.rels", relations),
                ("word/document.xml", document),
            ):
                package.writestr(name, content)
        stream.seek(0)
        return stream.read()


@contextmanager
def _contenders(folder: Path) -> Iterator[dict[str, dict[str, Task]]]:
    directory = Path(os.environ.get("FORMSVC_FONTS", "instance/fonts"))
    fonts = FontBook(directory, folder / "cache")
    workers = RenderingWorkers(directory, folder / "cache")
    workers.warm()
    serial = iter(range(10**6))
    cases: dict[str, dict[str, Task]] = {}
    for case, word in {
        "notice, 2 pages": letter(10, 0),
        "notice with 10 rows": letter(4, 10),
        "notice with 60 rows": letter(4, 60),
    }.items():
        file = folder / f"{len(cases)}.docx"
        file.write_bytes(word)
        cases[case] = _ours(word, fonts, workers, serial)
        if soffice := shutil.which("soffice"):
            cases[case][OFFICE] = _office(soffice, file, folder)
    cases["start"] = {"first PDF of a new child": lambda: _first(directory, folder, letter(1, 0))}
    try:
        yield cases
    finally:
        workers.close()


def _ours(word: bytes, fonts: FontBook, workers: RenderingWorkers, serial: Iterator[int]) -> dict[str, Task]:
    """Another number each time, so that nothing is answered from memory."""
    return {
        OURS: lambda: set_document(word, fonts, Tags("标题", "单位", str(next(serial)))),
        CHILD: lambda: workers.pdf(word, WordTags("标题", "单位", str(next(serial)))),
        LINES: lambda: lay_out(word, fonts),
    }


def _office(soffice: str, file: Path, folder: Path) -> Task:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    words = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(file)]
    return lambda: subprocess.run(words, check=True, capture_output=True)


def _first(directory: Path, folder: Path, word: bytes) -> None:
    fresh = RenderingWorkers(directory, folder / "cache")
    fresh.pdf(word, WordTags("标题", "单位"))
    fresh.close()


def _measured(case: str, tasks: dict[str, Task]) -> list[dict[str, Any]]:
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - began)
    yardstick = next(iter(tasks))
    return [figure(case, name, measured, yardstick, times[yardstick]) for name, measured in times.items()]
