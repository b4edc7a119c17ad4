"""The layering is a contract, and the contract names what exists."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import grimp
import pytest

from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
IMPORT_NAMES = {
    "weasyprint": "weasyprint",
    "fonttools": "fontTools",
    "pillow": "PIL",
    "flask-wtf": "flask_wtf",
}


def declared() -> set[str]:
    """Import names of everything the project depends on, and what those bring that we name."""
    names = {re.split(r"[>=<;\[ ]", d)[0].lower() for d in PROJECT["project"]["dependencies"]}
    return {IMPORT_NAMES.get(n, n.replace("-", "_")) for n in names} | {"docx", "sqlite3"}


def test_a_forbidden_library_is_a_declared_one() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    named = {name for contract in contracts for name in contract.get("forbidden_modules", [])}
    outside = {name for name in named if not name.startswith("formsvc")}
    assert outside <= declared()


def test_the_layers_hold() -> None:
    linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", linter], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_text_of_the_tree_names_a_registry_or_a_machine_folder() -> None:
    wrong = re.compile(r"https?://[^ \"']*(?:/simple/|registry\.npm|/pypi/)")
    files = [f for pattern in ("*.lock", "*.toml", "*.txt", "Makefile") for f in ROOT.glob(pattern)]
    assert not [f.name for f in files if wrong.search(f.read_text(encoding="utf-8"))]


def test_only_the_composition_root_imports_the_storage() -> None:
    naming = re.compile(
        r"^\s*(?:from|import)\s+formsvc\.storage\b|^\s*from\s+formsvc\s+import\s.*\bstorage\b", re.MULTILINE
    )
    package = ROOT / "formsvc"
    found = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if naming.search(file.read_text(encoding="utf-8"))
        and "storage" not in file.relative_to(package).parts
    }
    # another engine is one more module in storage/ and a line here
    assert {name for name in found if not name.startswith("child_processes/")} == {
        "bootstrap.py",
        "maintenance.py",
    }


def imports() -> dict[str, set[str]]:
    """Return the modules that each module of formsvc imports, imports for type checkers among them."""
    graph = grimp.build_graph("formsvc", exclude_type_checking_imports=False, cache_dir=None)
    return {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the import cycles of a graph, each as the modules that can reach one another."""
    reached = {module: reachable(graph, module) for module in graph}
    found = {
        tuple(sorted(other for other in reached[module] if module in reached[other]))
        for module in graph
        if module in reached[module]
    }
    return [list(modules) for modules in sorted(found)]


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting.extend(graph[module])
    return seen


def test_there_is_no_import_cycle_of_any_kind() -> None:
    assert cycles(imports()) == []


def test_an_import_cycle_is_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


@pytest.mark.parametrize("package", ["formsvc.docxpdf", "formsvc.storage.tinydb_sqlite"])
def test_a_package_of_its_own_knows_nothing_of_the_trade(package: str) -> None:
    allowed = {"formsvc.errors", "formsvc.i18n.messages", "formsvc.i18n.catalogs"}
    imported = {
        target for module, targets in imports().items() if is_inside(module, package) for target in targets
    }
    assert {target for target in imported if not is_inside(target, package)} <= allowed


def is_inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_no_import_is_left_out_of_a_contract() -> None:
    assert [c["name"] for c in PROJECT["tool"]["importlinter"]["contracts"] if c.get("ignore_imports")] == []


def test_no_folder_holds_more_than_14_modules_and_no_module_more_than_350_lines() -> None:
    modules = [file for file in (ROOT / "formsvc").rglob("*.py") if file.name != "__init__.py"]
    folders = Counter(file.parent.relative_to(ROOT).as_posix() for file in modules)
    assert {folder: n for folder, n in folders.items() if n > 14} == {}
    lines = {file.relative_to(ROOT).as_posix(): file.read_text("utf-8").count("\n") for file in modules}
    assert {name: n for name, n in lines.items() if n > 350} == {}


def test_a_packages_init_names_only_what_the_package_holds() -> None:
    """An __init__ that re-exports other packages would hide an import from the contracts."""
    for module, imported in imports().items():
        file = ROOT / Path(*module.split(".")) / "__init__.py"
        if file.exists() and "__all__" in file.read_text(encoding="utf-8"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            public = {
                name.value
                for node in tree.body
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
                for name in ast.walk(node.value)
                if isinstance(name, ast.Constant)
            }
            foreign = {
                alias.asname or alias.name
                for node in tree.body
                if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(module)
                for alias in node.names
            }
            assert not public & foreign, (module, imported)


def test_no_test_edits_sys_path() -> None:
    edits = re.compile(r"sys\.path(\[|\.(insert|append|extend))")
    files = [f for folder in ("tests", "benchmarks", "docs") for f in (ROOT / folder).rglob("*.py")]
    assert [f.name for f in files if edits.search(f.read_text(encoding="utf-8"))] == []
