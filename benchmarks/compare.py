"""``python -m benchmarks.compare FOLDER [-o OUT]``: our PDFs against LibreOffice's.

``--templates`` instead of a folder compares the project's own templates, filled with 1, 9 and 60 rows; ``--forms``
compares files of common kinds made for it, ``--findings`` files for faults found in papers, whose pages follow from
their measures.

Both see the same fonts. Ours follows LibreOffice's rules where the two word processors differ, so that what is left
is our doing; where LibreOffice is known to be wrong (known_faults) it is said, not imitated.

A third witness is what Word or WPS noted in a file of its pages (page_notes); there our PDF by Word's rules counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.filled_templates import write_examples
from benchmarks.finding_papers import write_finding_papers
from benchmarks.libreoffice import LibreOffice
from benchmarks.libreoffice_faults import known_faults
from benchmarks.line_matching import Likeness, compare
from benchmarks.office_documents import write_forms
from benchmarks.page_notes import NotedPages, PageNotes, agree_with_notes, read_page_notes, summarize_notes
from benchmarks.pdf_lines import read_pdf
from benchmarks.side_by_side import draw_side_by_side
from benchmarks.word_coverage import WordCoverage, measure_coverage
from formsvc.docxpdf import FontCatalog, PdfMetadata, PdfProfile, convert
from formsvc.docxpdf.text.compatibility import LIBREOFFICE
from formsvc.errors import FormsvcError

_HEAD = ("file", "pages", "lines alike", "median mm", "≤1 mm", "lost", "added", "ours s", "office s", "notes")


@dataclass
class ComparedFile:
    """One file: how alike the two PDFs are, or why none can be compared."""

    name: str
    likeness: Likeness | None = None
    worded: WordCoverage | None = None
    refused: str = ""
    seconds: float = 0.0
    office_seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    known_faults: list[str] = field(default_factory=list)
    notes: PageNotes = PageNotes()
    # how our PDF by Word's rules and LibreOffice's agree with the notes
    noted: tuple[NotedPages, NotedPages] | None = None


def main(words: Sequence[str] | None = None) -> int:
    """Compare, write ``compare.json`` and an image a file, print the table."""
    options = _arguments().parse_args(words)
    program = LibreOffice.find_program()
    if program is None:
        print(
            "没有找到 soffice：对照需要安装 LibreOffice（Debian、Ubuntu：apt-get install libreoffice-writer-nogui）。",
            file=sys.stderr,
        )
        return 2
    made = options.templates or options.forms or options.findings
    folder = options.out / "word" if made else options.folder
    if folder is None:
        print(
            "请指明要对照的文件夹，或者用 --templates 对照本项目的模板、用 --forms 对照常见式样。",
            file=sys.stderr,
        )
        return 2
    fonts = FontCatalog(Path(os.environ.get("FORMSVC_FONTS", "instance/fonts")), options.out / "cache")
    if options.templates:
        write_examples(folder, fonts)
    elif options.forms:
        write_forms(folder)
    elif options.findings:
        write_finding_papers(folder)
    files = [
        f for f in sorted(folder.glob("*.docx")) if options.only in f.name and not f.name.startswith("~")
    ]
    if not files:
        print(f"“{folder}”里没有要对照的 .docx 文件。", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    office = LibreOffice(program, fonts, options.out / "office")
    rows = [
        compare_file(file, fonts, office, options.out, pictures=not options.no_pictures) for file in files
    ]
    write_results(rows, options.out / "compare.json")
    print("\n".join(table(rows)))
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument(
        "--templates", action="store_true", help="the project's own templates, 1, 9 and 60 rows"
    )
    parser.add_argument("--forms", action="store_true", help="files of common kinds, made for the comparison")
    parser.add_argument("--findings", action="store_true", help="files for faults found in papers")
    parser.add_argument("-o", "--out", type=Path, default=Path("compared"))
    parser.add_argument("--only", default="", help="only files with this in their name")
    parser.add_argument("--no-pictures", action="store_true")
    return parser


def compare_file(
    file: Path, fonts: FontCatalog, office: LibreOffice, out: Path, *, pictures: bool
) -> ComparedFile:
    """Convert one file with both; our PDF stays in the folder."""
    content = file.read_bytes()
    made = ComparedFile(file.name, known_faults=known_faults(content))
    other = office.convert(file)
    made.office_seconds = round(other.seconds, 2)
    began = time.perf_counter()
    pdf = None
    try:
        result = convert(
            content,
            fonts,
            PdfMetadata(file.stem, ""),
            profile=PdfProfile(archive=""),
            compatibility=LIBREOFFICE,
        )
        pdf, made.warnings = result.pdf, result.warnings
        (out / f"{file.stem}.pdf").write_bytes(pdf)
        made.worded = measure_coverage(content, read_pdf(pdf))
    except FormsvcError as error:
        made.refused = str(error)
    made.seconds = round(time.perf_counter() - began, 2)
    if pdf is not None and other.pdf is not None:
        made.likeness = compare(read_pdf(pdf), read_pdf(other.pdf))
    elif other.pdf is None:
        made.refused = made.refused or "LibreOffice 没有制成 PDF"
    if pdf is not None and other.pdf is not None:
        made.notes = read_page_notes(content)
        made.noted = _noted(content, made.notes, fonts, other.pdf)
    if pictures:
        draw_side_by_side(pdf, other.pdf, out / f"{file.stem}.png")
    return made


def _noted(
    content: bytes, notes: PageNotes, fonts: FontCatalog, office_pdf: bytes
) -> tuple[NotedPages, NotedPages] | None:
    if notes == PageNotes():
        return None
    by_word = convert(content, fonts, PdfMetadata("", ""), profile=PdfProfile(archive="")).pdf
    return agree_with_notes(notes, read_pdf(by_word)), agree_with_notes(notes, read_pdf(office_pdf))


def summary(rows: Sequence[ComparedFile]) -> dict[str, Any]:
    """Return the results over all files."""
    alike = [row.likeness for row in rows if row.likeness is not None]
    lines = sum(x.lines for x in alike)
    worded = [row.worded for row in rows if row.worded is not None]
    words, missing = sum(x.words for x in worded), sum(len(x.missing) for x in worded)
    sound = [row.likeness for row in rows if row.likeness is not None and not row.known_faults]
    sound_lines = sum(x.lines for x in sound)
    apart = [distance for x in alike for distance in x.apart_mm]
    unnamed = sum(len(row.worded.missing) for row in rows if row.worded is not None and not row.warnings)
    return {
        "files": len(rows),
        "compared": len(alike),
        "same_pages": sum(x.same_pages for x in alike),
        "same_pages_share": round(sum(x.same_pages for x in alike) / max(1, len(alike)), 4),
        "lines": lines,
        "lines_alike_share": round(sum(x.alike for x in alike) / max(1, lines), 4),
        # of files in which no known fault of LibreOffice may show
        "sound_lines": sound_lines,
        "sound_lines_alike_share": round(sum(x.alike for x in sound) / max(1, sound_lines), 4),
        "words": words,
        "words_share": round(1 - missing / max(1, words), 5),
        # missing words of files that no warning names anything of
        "words_unnamed": unnamed,
        "notes": asdict(summarize_notes([(row.notes, *row.noted) for row in rows if row.noted is not None])),
        "median_mm": round(statistics.median(apart), 3) if apart else 0.0,
        "within_1_mm": round(sum(d <= 1 for d in apart) / max(1, len(apart)), 4),
        "seconds": round(sum(row.seconds for row in rows), 2),
        "office_seconds": round(sum(row.office_seconds for row in rows), 2),
    }


def write_results(rows: Sequence[ComparedFile], target: Path) -> None:
    files = [asdict(row) for row in rows]
    for file in files:
        if file["likeness"] is not None:
            del file["likeness"]["apart_mm"]
    content = {"summary": summary(rows), "files": files}
    target.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def table(rows: Sequence[ComparedFile]) -> list[str]:
    """Return the results as aligned lines, the totals last."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(_HEAD) - 1)]
    lines = [
        "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in cells
    ]
    total = summary(rows)
    noted = total["notes"]
    return [
        *lines,
        f"pages as noted in the file: ours {noted['ours']}/{noted['files']}, LibreOffice {noted['office']}/{noted['files']} "
        f"({noted['contradicted']} notes that both contradict left out); "
        f"page starts: ours {noted['starts_ours']}/{noted['starts']}, LibreOffice {noted['starts_office']}/{noted['starts']}",
        f"same pages {total['same_pages']}/{total['compared']} ({total['same_pages_share']:.1%}), "
        f"lines alike {total['lines_alike_share']:.1%} of {total['lines']} "
        f"({total['sound_lines_alike_share']:.1%} of {total['sound_lines']} where no known fault of LibreOffice may show), "
        f"words in place {total['words_share']:.2%} of {total['words']}, "
        f"glyphs apart {total['median_mm']} mm in the median, {total['within_1_mm']:.1%} within 1 mm, "
        f"time {total['seconds']} s against {total['office_seconds']} s",
        *(
            f"{row.name}: missing or out of place: {' '.join(row.worded.missing[:20])}"
            for row in rows
            if row.worded is not None and row.worded.missing
        ),
    ]


def _cells(row: ComparedFile) -> tuple[str, ...]:
    times = (f"{row.seconds:.2f}", f"{row.office_seconds:.2f}")
    notes = "；".join([*([row.refused] if row.refused else []), *_noted_pages(row), *row.known_faults])
    x = row.likeness
    if x is None:
        return (row.name, *["–"] * 6, *times, notes)
    pages = f"{x.pages[0]}/{x.pages[1]}" + ("" if x.same_pages else " ≠")
    alike = f"{x.alike}/{x.lines} {x.line_share:.0%}"
    return (
        row.name,
        pages,
        alike,
        f"{x.median_mm:.2f}",
        f"{x.within_1_mm:.0%}",
        str(x.lost),
        str(x.added),
        *times,
        notes,
    )


def _noted_pages(row: ComparedFile) -> list[str]:
    if row.noted is None or not row.notes.pages:
        return []
    ours, office = (noted.pages for noted in row.noted)
    return [f"noted {row.notes.pages}, ours by Word's rules {ours}, LibreOffice {office}"]


if __name__ == "__main__":
    sys.exit(main())
