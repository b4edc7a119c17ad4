"""Papers for faults that were found: their pages follow from their measures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.finding_papers import finding_papers
from benchmarks.page_notes import read_page_notes
from benchmarks.raw_word import FindingPaper
from formsvc.docxpdf import PdfResult

_PAPERS = list(finding_papers())


@pytest.mark.parametrize("paper", _PAPERS, ids=lambda paper: paper.name)
def test_a_paper_has_the_pages_that_its_measures_give(
    to_pdf: Callable[[bytes], PdfResult], paper: FindingPaper
) -> None:
    content = paper.to_bytes()
    assert read_page_notes(content).pages == paper.pages
    assert to_pdf(content).pages == paper.pages


def test_each_fault_has_a_full_paper_and_one_with_a_line_more() -> None:
    names = [paper.name for paper in _PAPERS]
    faults = {name.removesuffix("_full") for name in names if name.endswith("_full")}
    assert sorted(names) == sorted(f"{fault}_{end}" for fault in faults for end in ("full", "over"))
    assert all(paper.derivation for paper in _PAPERS)
