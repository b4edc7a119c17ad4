"""Checkers of definitions for tests: in this process, and with the limits of a served office."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path

from formsvc.documents.checking import pairs
from formsvc.documents.checking.folders import FolderLibrary
from formsvc.documents.checking.json_source import parse_json
from formsvc.documents.checking.pairs import CheckedPair, PairSource
from formsvc.documents.checking.registers import CheckedRegister, RegisterFile, check_register
from formsvc.documents.workers.limited_checker import LimitedChecker
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.definitions.cross_checks import Forms, check_between
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from tests.support.paths import ROOT
from tests.support.sample_office import fonts


class DirectChecker:
    """A ``PairChecker`` without a process of its own: an exception reaches the test."""

    def check(self, source: PairSource) -> CheckedPair:
        return pairs.check_pair(source)

    def check_register(self, source: RegisterFile) -> CheckedRegister:
        return check_register(source)

    def check_template(self, template: bytes) -> tuple[Fault, ...]:
        return pairs.check_template(template)

    def load(self, source: PairSource) -> tuple[FormDefinition | None, list[Fault]]:
        return pairs.load_source(source)

    def read_json(self, content: bytes, shown_as: str) -> tuple[JSON, list[Fault]]:
        return parse_json(content, shown_as)

    def check_between(
        self, forms: Forms, offered: Collection[str], listed: Collection[str] | None
    ) -> list[Fault]:
        return check_between(forms, offered, listed)

    def layout_warnings(self, template: bytes) -> list[str]:
        return []

    def close(self) -> None:
        """Do nothing: nothing is held."""


class KeptChecker(LimitedChecker):
    """The checker of a served office, whose process serves for many checks."""

    def __init__(self, cache: Path) -> None:
        super().__init__(fonts(), cache, seconds=20, megabytes=700)

    def close(self) -> None:
        """Do nothing: ``end`` ends the process."""

    def end(self) -> None:
        super().close()

    def forget_megabytes(self) -> None:
        """Begin to measure the most memory from here."""
        if self._process is not None and self._process.is_alive and sys.platform == "linux":
            Path(f"/proc/{self._process.pid}/clear_refs").write_text("5", encoding="ascii")

    def megabytes_used(self) -> float:
        """Return the most memory of the process, 0 if it has ended or is not on Linux."""
        status = Path(f"/proc/{self._process.pid}/status") if self._process is not None else None
        if status is None or not status.exists():
            return 0
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0)


def shipped_library(checker: pairs.PairChecker | None = None) -> FolderLibrary:
    """Return a library over the shipped folders."""
    return FolderLibrary(ROOT / "form_definitions", ROOT / "doc_templates", checker or DirectChecker())
