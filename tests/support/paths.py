"""Folders of the project that tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "tests" / "cases" / "examples.json"
GOLDEN = ROOT / "tests" / "golden"
# ids of the kinds of documents that come with the project
KINDS = tuple(sorted(file.stem for file in (ROOT / "form_definitions").glob("*.json")))
