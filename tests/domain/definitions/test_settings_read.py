"""Every local rule an administrator is asked to decide is read by something."""

from __future__ import annotations

import json

import pytest

from tests.support.paths import ROOT

DEFINITIONS = ROOT / "form_definitions"

SETTINGS = json.loads((DEFINITIONS / "lookups/settings.json").read_text(encoding="utf-8"))["entries"]


def readers() -> str:
    """Everything that could read a setting: definitions, their groups, and the program."""
    files = [
        *(f for f in DEFINITIONS.rglob("*.json") if f.name != "settings.json"),
        *(f for f in (ROOT / "formsvc").rglob("*.py") if "demo" not in f.parts),
    ]
    return "\n".join(file.read_text(encoding="utf-8").replace('\\"', '"') for file in files)


READERS = readers()


@pytest.mark.parametrize("code", [entry["code"] for entry in SETTINGS])
def test_a_definition_or_the_program_reads_the_setting(code: str) -> None:
    assert f'"{code}"' in READERS
