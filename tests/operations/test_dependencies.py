"""The bill of materials and the licences name every dependency; no answer about vulnerabilities is no pass."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def dependencies() -> ModuleType:
    """docs/dependencies.py, which is a script."""
    spec = importlib.util.spec_from_file_location("dependencies", ROOT / "docs/dependencies.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "dependencies", module)
        spec.loader.exec_module(module)
    return module


def pinned() -> dict[str, set[str]]:
    """Each package of the lock with the hashes of its files."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    return {
        block.split(" ")[0]: set(re.findall(r"sha256:(\w+)", block)) for block in blocks if "==" in block[:60]
    }


def test_the_bill_names_every_package_of_the_lock_with_its_files_and_licence(
    dependencies: ModuleType, tmp_path: Path
) -> None:
    dependencies.write_sbom(tmp_path / "sbom.json")
    bom = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    libraries = {f"{c['name']}=={c['version']}": c for c in bom["components"] if c["type"] == "library"}
    expected = pinned()
    assert set(libraries) == set(expected) and len(expected) > 50
    for name, component in libraries.items():
        (reference,) = component["externalReferences"]
        assert {each["content"] for each in reference["hashes"]} == expected[name]
        assert component["licenses"][0]["license"]["name"] != "?", name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (needed,) = (set(d["dependsOn"]) for d in bom["dependencies"] if d["ref"] == project["name"])
    names = {re.match(r"pkg:pypi/([^@]+)", ref)[1] for ref in needed if ref.startswith("pkg:pypi")}  # type: ignore[index]
    assert names == {re.split(r"[>=<\[ ]", each)[0].lower() for each in project["dependencies"]}


def test_the_list_of_licences_is_the_one_of_the_lock(dependencies: ModuleType) -> None:
    assert (ROOT / "docs/licences.md").read_text(encoding="utf-8") == dependencies.licence_page()


def answers(told: Callable[[str], list[dict[str, Any]]]) -> Callable[[str, int], list[dict[str, Any]]]:
    """A stand-in for pip-audit."""

    def ask(requirements: str, _seconds: int) -> list[dict[str, Any]]:
        return [record for line in requirements.split() for record in told(line)]

    return ask


@pytest.mark.parametrize(
    "record", [None, {"skip_reason": "not found"}], ids=["no network", "no such service"]
)
def test_without_an_advisory_service_one_line_says_that_nothing_was_checked(
    dependencies: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    record: dict[str, str] | None,
) -> None:
    monkeypatch.setattr(
        dependencies, "_ask", answers(lambda line: [{"name": line, **record}] if record else [])
    )
    assert dependencies.audit() == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 1 and "没有核对" in said and "没有已知漏洞" not in said


def test_a_known_vulnerability_fails_the_check_and_none_passes_it(
    dependencies: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sound(line: str) -> list[dict[str, Any]]:
        name, version = line.split("==")
        return [{"name": name, "version": version, "vulns": []}]

    def harmed(line: str) -> list[dict[str, Any]]:
        (record,) = sound(line)
        return [{**record, "vulns": [{"id": "FAKE-2026-1"}] if record["name"] == "flask" else []}]

    monkeypatch.setattr(dependencies, "_ask", answers(sound))
    assert dependencies.audit() == 0 and "没有已知漏洞" in capsys.readouterr().out
    monkeypatch.setattr(dependencies, "_ask", answers(harmed))
    assert dependencies.audit() == 1
    said = capsys.readouterr().out
    assert "flask" in said and "FAKE-2026-1" in said and "没有已知漏洞" not in said


def test_the_check_asks_and_waits_no_longer_than_five_seconds(dependencies: ModuleType) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    check = makefile.split("\ncheck:")[1].split("\n\n")[0]
    assert "docs/dependencies.py audit" in check
    assert dependencies.TIMEOUT < dependencies.ANSWERS_WITHIN <= 5
