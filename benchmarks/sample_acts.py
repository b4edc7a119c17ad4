"""The project's own acts as Word files, with any number of rows."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from formsvc.documents.checking.contract import example_context
from formsvc.documents.filling.fill import fill
from formsvc.domain.definition_loader import load_definition
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.usecases.ports import DocumentMetadata

ROOT = Path(__file__).resolve().parents[1]
ROWS = {"T01": "matters", "T07": "leaders", "T15": "hazards", "T22": "hazards"}
# the three typical acts: a notice of two pages, a record of tables, an entrustment of four pages
TYPICAL = {
    "short notice (T22, 1 row)": ("T22", 1),
    "record with tables (T15, 9 rows)": ("T15", 9),
    "long document (T01, 9 rows)": ("T01", 9),
}
SEAL = 40


@cache
def definition(form: str) -> FormDefinition:
    folder = ROOT / "form_definitions"
    groups, lookups = (
        {f.stem: json.loads(f.read_text(encoding="utf-8")) for f in sorted((folder / kind).glob("*.json"))}
        for kind in ("groups", "lookups")
    )
    source = json.loads((folder / f"{form}.json").read_text(encoding="utf-8"))
    return load_definition(source, groups, lookups, f"{form}.json")


def template(form: str) -> bytes:
    return (ROOT / "doc_templates" / f"{form}.docx").read_bytes()


def context(form: str, rows: int) -> dict[str, Any]:
    """Return the example of a form with so many rows in its growing table."""
    values: dict[str, Any] = dict(example_context(definition(form)))
    field = ROWS.get(form)
    if field:
        some = values[field]
        values[field] = [{**some[n % len(some)], "no": str(n + 1)} for n in range(rows)]
    return values


@cache
def word(form: str, rows: int) -> bytes:
    return fill(
        template(form), context(form, rows), DocumentMetadata(definition(form).title, "北林区消防救援大队")
    )


def picture_template() -> bytes:
    """Return a template with a picture in its header and two in its text."""
    from docx import Document

    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ office }}{{ emblem }}"
    for _ in range(20):
        document.add_paragraph("经查，{{ office }}二层安全出口被杂物堵塞，宽度不足1.4米。{{ stamp }}")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def seal(color: str) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGBA", (SEAL, SEAL), color).save(stream, "PNG")
    return stream.getvalue()
