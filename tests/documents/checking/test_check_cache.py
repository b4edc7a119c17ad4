"""What was compared once is not compared again, by no process; what changed is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from formsvc.documents.checking.check_cache import CachedChecker
from formsvc.domain.definitions.cross_checks import Forms
from formsvc.errors import Fault
from tests.support.checkers import DirectChecker
from tests.support.loaded_definitions import load_once
from tests.support.memory_office import EVERY_KIND


class CountingChecker(DirectChecker):
    """The checker of tests, which counts comparisons."""

    def __init__(self) -> None:
        self.compared = 0

    def check_between(
        self, forms: Forms, offered: Collection[str], listed: Collection[str] | None
    ) -> list[Fault]:
        self.compared += 1
        return super().check_between(forms, offered, listed)


@pytest.fixture(scope="module")
def form() -> dict[str, Any]:
    """A definition that refers to a form."""
    return dict(load_once(EVERY_KIND, {}, {}).to_resolved())


def test_the_same_definitions_are_compared_once_and_others_anew(form: dict[str, Any], tmp_path: Path) -> None:
    counting = CountingChecker()
    forms = {form["id"]: form}
    wrong = {form["id"]: {**form, "life": {"follow_ups": [_follow_up("T99")]}}}
    for _process in range(2):
        checker = CachedChecker(counting, tmp_path, seconds=1)
        assert checker.check_between(forms, [form["id"]], []) == []
        (fault,) = checker.check_between(wrong, [form["id"]], [])
        assert "没有“T99”这种文书" in fault.message and fault.level == "error"
        # it is there, or on the list of kinds
        assert checker.check_between(wrong, [form["id"], "T99"], []) == []
        assert checker.check_between(wrong, [form["id"]], ["T99"]) == []
    assert counting.compared == 4


def test_a_damaged_entry_is_compared_anew(form: dict[str, Any], tmp_path: Path) -> None:
    checker = CachedChecker(DirectChecker(), tmp_path, seconds=1)
    wrong = {form["id"]: {**form, "life": {"follow_ups": [_follow_up("T99")]}}}
    assert len(checker.check_between(wrong, [form["id"]], [])) == 1
    (entry,) = tmp_path.glob("*-between.json")
    for content in ("", "{}", "[1]", '[{"file": 1}]', "null"):
        entry.write_text(content, encoding="utf-8")
        assert len(checker.check_between(wrong, [form["id"]], [])) == 1, content


def _follow_up(form: str) -> dict[str, Any]:
    return {"id": "next", "forms": form, "title": "下一件", "why": "应当办理。"}
