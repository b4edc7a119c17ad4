"""Small Word files made in tests, and what stands in them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from formsvc.documents.filling.fill import fill
from formsvc.documents.generated.docx_xml import cell, paragraph, row, run, table
from formsvc.documents.generated.gbt9704 import word_document
from formsvc.documents.templates.docx_file import WordFile
from formsvc.documents.templates.tags import read_paragraphs
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.usecases.ports import DocumentMetadata
from tests.support.loaded_definitions import load_once
from tests.support.paths import ROOT

TAGS = DocumentMetadata(
    "责令限期改正通知书", "绥化市北林区消防救援大队", "绥北消限字〔2026〕第0001号", "2026-09-21"
)


def template(*texts: str, rows: Sequence[Sequence[str]] = ()) -> bytes:
    """A template of plain paragraphs, and a table after them."""
    body = "".join(paragraph(run(text)) for text in texts)
    lines = [row([cell(paragraph(run(text)), 2000) for text in line]) for line in rows]
    return word_document(body + (table(lines, [2000] * len(rows[0])) if rows else "") + paragraph(""))


def changed(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The Word file with parts added or replaced."""
    return WordFile({**WordFile.from_bytes(content).parts, **parts}).to_bytes()


def replaced(content: bytes, part: str, old: str, new: str) -> bytes:
    """The Word file with a piece of a part's text replaced."""
    xml = WordFile.from_bytes(content).parts[part].decode()
    assert old in xml
    return changed(content, {part: xml.replace(old, new).encode()})


def filled(*texts: str, rows: Sequence[Sequence[str]] = (), **values: Any) -> list[str]:
    """The paragraphs of a template filled with values; blank ones left out."""
    return texts_of(fill(template(*texts, rows=rows), values, TAGS))


def texts_of(word: bytes) -> list[str]:
    """The paragraphs of a Word file; blank ones and page numbers left out."""
    return [
        p.text
        for p in read_paragraphs(WordFile.from_bytes(word))
        if p.text.strip() and p.place.part == "正文"
    ]


def entries(content: bytes) -> list[zipfile.ZipInfo]:
    """The directory of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.infolist()


def definition(form: str, **changes: Any) -> FormDefinition:
    """A definition of the project, with top-level keys changed."""
    folder = ROOT / "form_definitions"
    source = json.loads((folder / f"{form}.json").read_text(encoding="utf-8"))
    return load_once({**source, **changes}, _shared("groups"), _shared("lookups"), f"{form}.json")


def _shared(kind: str) -> dict[str, Any]:
    files = sorted((ROOT / "form_definitions" / kind).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
