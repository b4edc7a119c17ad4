"""The layering is a contract, and the contract names what exists."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

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
    assert found == {"bootstrap.py", "maintenance.py"}
