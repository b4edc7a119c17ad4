"""The names that docxpdf offers to the rest of the program."""

from __future__ import annotations

import subprocess
import sys

import pytest

from formsvc import docxpdf


@pytest.mark.parametrize("name", docxpdf.__all__)
def test_each_public_name_can_be_imported(name: str) -> None:
    assert getattr(docxpdf, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = docxpdf.nothing


def test_reading_packages_does_not_import_the_engine() -> None:
    program = "import sys, formsvc.docxpdf.opc.package; print('formsvc.docxpdf.conversion' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
