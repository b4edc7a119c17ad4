"""The templates of this project filled with 1, 9 and 60 rows, for the comparison with LibreOffice.

The officers who carry out an act stay the two of the example, however many rows there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from formsvc.documents.filling.fill import fill
from formsvc.documents.templates.docx_file import WordFile
from formsvc.documents.typesetting.finished_pages import finish_pages
from formsvc.docxpdf import FontCatalog, collect_names
from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.definition_loader import load_definition
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.usecases.ports import DocumentMetadata

ROOT = Path(__file__).resolve().parents[1]
ROWS = (1, 9, 60)
_OFFICERS = "officers"
_DAY = date(2026, 9, 30)
_DOCUMENT = "word/document.xml"
_GRID = re.compile(rb"<w:docGrid[^>]*/>")


def write_examples(folder: Path, fonts: FontCatalog) -> list[Path]:
    """Write each template filled with its example, in each number of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for definition in _definitions():
        template = (ROOT / "doc_templates" / definition.template).read_bytes()
        for count in ROWS:
            context = _context(definition, count)
            word = fill(template, context, DocumentMetadata(definition.title, "", "", ""))
            word = finish_pages(word, fonts, collect_names(context.values()))
            file = folder / f"{definition.id}-{count:02d}.docx"
            file.write_bytes(without_grid(word))
            files.append(file)
    return files


def without_grid(word: bytes) -> bytes:
    """Return the file without its grid, which LibreOffice 7.4 gets wrong.

    A grid of characters (``linesAndChars``) takes two cells for each, and lines of exact height are snapped to it.
    Without the grid the text is 28 characters wide all the same, for exact spacing of 28.95 pt is the grid's.
    """
    parts = WordFile.from_bytes(word).parts
    return WordFile({**parts, _DOCUMENT: _GRID.sub(b"", parts[_DOCUMENT])}).to_bytes()


def _definitions() -> Iterator[FormDefinition]:
    shared = {kind: _folder(ROOT / "form_definitions" / kind) for kind in ("groups", "lookups")}
    for name, source in _folder(ROOT / "form_definitions").items():
        yield load_definition(source, shared["groups"], shared["lookups"], f"{name}.json")


def _folder(folder: Path) -> dict[str, Any]:
    return {f.stem: json.loads(f.read_text(encoding="utf-8")) for f in sorted(folder.glob("*.json"))}


def _context(definition: FormDefinition, count: int) -> dict[str, Any]:
    around = Circumstances(today=_DAY, calendar=OFFICIAL.with_weekends_for_missing_years())
    answers = {k: v if k == _OFFICERS else _with_rows(v, count) for k, v in definition.example.items()}
    values = evaluate(definition, answers, around, authority=False, strict_keys=False).values
    return document_context(definition, values, str(answers.get("doc_no") or ""), around)


def _with_rows(value: Any, count: int) -> Any:
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return value
    rows = [deepcopy(value[place % len(value)]) for place in range(count)]
    for number, row in enumerate(rows, 1):
        if "no" in row:
            row["no"] = number
    return rows
