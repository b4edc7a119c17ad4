"""Fixtures that convert Word files to PDF with the fonts of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from formsvc.docxpdf import FontCatalog, PdfMetadata, PdfResult, convert


@pytest.fixture(scope="session")
def fonts_dir() -> Path:
    """The font directory of this machine."""
    directory = Path(os.environ["FORMSVC_FONTS"]).resolve()
    if not (directory / "pack").is_dir():
        pytest.skip("no font pack here; make test builds one")
    return directory


@pytest.fixture(scope="session")
def fonts(fonts_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> FontCatalog:
    """The fonts, with a cache of their own."""
    return FontCatalog(fonts_dir, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def to_pdf(fonts: FontCatalog) -> Callable[[bytes], PdfResult]:
    """Word file in, PDF out."""
    return lambda docx: convert(docx, fonts, PdfMetadata("测试文书", "北林区消防安全委员会办公室"))
