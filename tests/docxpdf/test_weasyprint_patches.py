"""Every name replaced in WeasyPrint or pydyf is in one ledger, and exists there as the ledger says."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import weasyprint

from formsvc.docxpdf import Engine, FontCatalog
from tests.support.docx_samples.raw_xml import paragraph, run, word_file
from tests.support.pdf_text import text

PACKAGE = Path(__file__).resolve().parents[2] / "formsvc"
LEDGER = PACKAGE / "docxpdf" / "pdf" / "weasyprint_patches.py"
PATCHED_LIBRARIES = ("weasyprint", "pydyf")


@pytest.fixture(scope="module", autouse=True)
def engine(fonts: FontCatalog) -> Engine:
    return Engine.load(fonts)


def ledger() -> Any:
    # imported late: the ledger imports WeasyPrint, which must see our fonts first
    return importlib.import_module("formsvc.docxpdf.pdf.weasyprint_patches")


def original_of(target: str) -> Any:
    patches = ledger()
    if target in patches.ORIGINALS:
        return patches.ORIGINALS[target]
    holder, name = patches.holder_of(target)
    return getattr(holder, name)


def test_each_patch_was_written_for_the_installed_version() -> None:
    assert {patch.version for patch in ledger().PATCHES} == {weasyprint.__version__}


def test_each_patched_name_exists_with_the_expected_signature() -> None:
    for patch in ledger().PATCHES:
        for target in patch.targets:
            if patch.signature:
                original = original_of(target)
                function: Any = original.fget if isinstance(original, property) else original
                assert str(inspect.signature(function)) == patch.signature, target


def test_a_name_that_a_patch_adds_is_used_by_its_module_and_not_defined_there() -> None:
    added = [target for patch in ledger().PATCHES if not patch.signature for target in patch.targets]
    assert added == ["weasyprint.draw.text:int"]
    tree = ast.parse(inspect.getsource(importlib.import_module("weasyprint.draw.text")))
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "int"]
    assert names
    assert all(isinstance(name.ctx, ast.Load) for name in names)


def test_the_engine_applies_each_patch_whose_condition_holds() -> None:
    patches = ledger()
    wanted = {t for patch in patches.PATCHES if patch.condition() for t in patch.targets}
    assert set(patches.ORIGINALS) == wanted
    for target in wanted:
        holder, name = patches.holder_of(target)
        assert vars(holder)[name] is not patches.ORIGINALS[target], target


def test_each_patch_says_what_it_changes_and_why_and_when_it_may_go() -> None:
    for patch in ledger().PATCHES:
        assert patch.change
        assert patch.reason
        assert patch.removal


def test_a_function_that_layout_modules_import_by_name_is_patched_in_all_of_them() -> None:
    layout = importlib.import_module("weasyprint.layout")
    modules = [f"weasyprint.layout.{module.name}" for module in pkgutil.iter_modules(layout.__path__)]
    users = {name for name in modules if hasattr(importlib.import_module(name), "resolve_percentages")}
    targets = {target for patch in ledger().PATCHES for target in patch.targets}
    assert {f"{name}:resolve_percentages" for name in users} <= targets


def names_of_patched_libraries(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PATCHED_LIBRARIES:
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {
                alias.asname or alias.name.split(".")[0]
                for alias in node.names
                if alias.name.split(".")[0] in PATCHED_LIBRARIES
            }
    return names


def root_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def patches_in(tree: ast.Module) -> list[int]:
    """Return the lines that assign to an attribute of a library's name, or call `setattr` at all."""
    libraries = names_of_patched_libraries(tree)
    lines = []
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                assigned = targets
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                assigned = [target]
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[_, *_]) if libraries:
                lines.append(node.lineno)
                continue
            case _:
                continue
        flat = [part for target in assigned for part in getattr(target, "elts", [target])]
        if any(not isinstance(part, ast.Name) and root_name(part) in libraries for part in flat):
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize(
    "code",
    [
        "import weasyprint.draw as draw\ndraw.draw_text = None",
        "from weasyprint.pdf.stream import Stream\nStream.marked, Stream.artifact = 1, 2",
        "import pydyf\npydyf.Stream.data = None",
        "from weasyprint import layout\nfor m in vars(layout):\n    setattr(m, 'x', 1)",
    ],
)
def test_the_search_finds_a_patch(code: str) -> None:
    assert patches_in(ast.parse(code))


def test_nothing_is_patched_outside_the_ledger() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        if path != LEDGER
        for line in patches_in(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not found


# attributes that our own code adds to streams and styles of the libraries
OWN_ATTRIBUTES = {"_is_marking", "_written", "_lengths", "_chosen"}


def foreign_private_names(tree: ast.Module) -> set[str]:
    """Return private attributes read from anything but `self` and `cls` that the module does not define."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                continue
            case ast.Attribute(attr=name) if name.startswith("_") and not name.startswith("__"):
                names.add(name)
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                names |= {name} if name.startswith("_") else set()
    return names - own


def test_each_private_name_that_is_read_is_listed_and_exists() -> None:
    listed = ledger().PRIVATE_NAMES
    read = {
        name
        for path in LEDGER.parent.glob("*.py")
        for name in foreign_private_names(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert read - OWN_ATTRIBUTES == {name for names in listed.values() for name in names}
    for module, names in listed.items():
        source = inspect.getsource(importlib.import_module(module))
        assert all(name in source for name in names), module


_WITHOUT_HARFBUZZ_SUBSET = """
import sys
from pathlib import Path
from formsvc.docxpdf import FontCatalog, PdfMetadata, convert
from formsvc.docxpdf.pdf import glyph_subsets
glyph_subsets.lacks_harfbuzz_subset = lambda: True
word, fonts, cache, pdf = map(Path, sys.argv[1:])
pdf.write_bytes(convert(word.read_bytes(), FontCatalog(fonts, cache), PdfMetadata("", "")).pdf)
from formsvc.docxpdf.pdf.weasyprint_patches import ORIGINALS
assert "weasyprint.pdf.fonts:Font.subset" in ORIGINALS
"""


def test_text_that_pango_shapes_is_subset_by_uharfbuzz_without_the_c_library(
    fonts: FontCatalog, tmp_path: Path
) -> None:
    hebrew = "\u05e9\u05dc\u05d5\u05dd"
    word, pdf = tmp_path / "a.docx", tmp_path / "a.pdf"
    word.write_bytes(word_file(paragraph(run(hebrew))))
    files = (word, fonts.directory, tmp_path / "cache", pdf)
    subprocess.run(
        [sys.executable, "-c", _WITHOUT_HARFBUZZ_SUBSET, *map(str, files)], check=True, timeout=120
    )
    content = pdf.read_bytes()
    assert set(hebrew) <= set(text(content))
    # whole fonts have several hundred kilobytes
    assert len(content) < 60_000
