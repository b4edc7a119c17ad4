"""A row whose cells hold lines only is one box for the page engine, and the PDF has the same bytes all the same."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from formsvc.documents.checking.contract import example_context
from formsvc.documents.filling.fill import fill
from formsvc.docxpdf import Engine, FontCatalog, PdfMetadata, PdfProfile, convert
from formsvc.docxpdf.pdf import engine as engine_module
from formsvc.docxpdf.pdf import line_row_cells
from formsvc.usecases.ports import DocumentMetadata
from tests.support.docx_samples.row_tables import TABLES, random_tables
from tests.support.docx_samples.simple import definition
from tests.support.paths import ROOT

ARCHIVED, TAGGED = PdfProfile(), PdfProfile(accessible=True)
ONE_PAGE = ("two columns", "a table at the foot of the page")
BUILD = "weasyprint.formatting_structure.build"
METADATA = PdfMetadata("测试文书", "北林区消防安全委员会办公室")


def forms_with_rows() -> list[str]:
    forms = sorted(path.stem for path in (ROOT / "doc_templates").glob("*.docx"))
    return [form for form in forms if any(map(_is_rows, example_context(definition(form)).values()))]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def act(form: str, count: int) -> bytes:
    """The template of a form filled with so many rows in each of its lists."""
    values = {
        name: [{**value[n % len(value)], "no": str(n + 1)} for n in range(count)]
        if _is_rows(value)
        else value
        for name, value in example_context(definition(form)).items()
    }
    return fill(
        (ROOT / "doc_templates" / f"{form}.docx").read_bytes(), values, DocumentMetadata("标题", "单位")
    )


def originals() -> dict[str, Any]:
    """WeasyPrint's own functions, by the names that the ledger replaces."""
    ledger = importlib.import_module("formsvc.docxpdf.pdf.weasyprint_patches")
    found: dict[str, Any] = ledger.ORIGINALS
    return found


def draw_with_weasyprint(stream: Any, table: Any) -> None:
    """Draw the borders as WeasyPrint does, the ends of divided rows closed."""
    table.skip_cell_border_top = table.skip_cell_border_bottom = False
    originals()["weasyprint.draw:draw_collapsed_borders"](stream, table)


@dataclass
class Comparison:
    """Converts a Word file in both ways. `joined` counts the rows that were one box each."""

    fonts: FontCatalog
    engine: Engine
    joined: list[int] = field(default_factory=list)
    pages: int = 0

    def same_bytes(self, word: bytes, profile: PdfProfile = ARCHIVED) -> bool:
        ours = convert(word, self.fonts, METADATA, profile=profile)
        self.pages = ours.pages
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(self.engine, "joins_cells", False)
            patched.setattr("weasyprint.draw.draw_collapsed_borders", draw_with_weasyprint)
            patched.setattr(f"{BUILD}.collapse_table_borders", originals()[f"{BUILD}:collapse_table_borders"])
            return ours == convert(word, self.fonts, METADATA, profile=profile)


@pytest.fixture
def ways(fonts: FontCatalog, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    comparison = Comparison(fonts, Engine.load(fonts))
    original: Callable[..., dict[Any, Any]] = line_row_cells.detach_line_cells

    def detach(*arguments: Any) -> dict[Any, Any]:
        rows = original(*arguments)
        comparison.joined.append(len(rows))
        return rows

    monkeypatch.setattr(engine_module, "detach_line_cells", detach)
    return comparison


@pytest.mark.parametrize(("form", "count"), [("T15", 9), ("T15", 60), ("T01", 9), ("T22", 1)])
def test_an_act_has_the_same_bytes_in_both_ways(ways: Comparison, form: str, count: int) -> None:
    assert ways.same_bytes(act(form, count))
    assert ways.joined[-1] >= count - 2


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 9, 60, 400])
@pytest.mark.parametrize("form", forms_with_rows())
def test_every_template_with_rows_has_the_same_bytes_in_both_ways(
    ways: Comparison, form: str, count: int
) -> None:
    assert ways.same_bytes(act(form, count))


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_each_kind_have_the_same_bytes_in_both_ways(ways: Comparison, kind: str) -> None:
    assert ways.same_bytes(TABLES[kind]())
    assert ways.pages > 1 or kind in ONE_PAGE
    # tables in columns and at the foot keep the ordinary way altogether
    assert bool(ways.joined[-1]) != (kind in ONE_PAGE)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_tables_made_by_chance_have_the_same_bytes_in_both_ways(ways: Comparison, seed: int) -> None:
    assert ways.same_bytes(random_tables(seed))


def test_a_tagged_pdf_keeps_a_box_for_each_cell(ways: Comparison) -> None:
    assert ways.same_bytes(TABLES["repeated heads"](), TAGGED)
    assert ways.joined == []
