"""Hostile definitions and templates are refused with a sentence or do nothing, within time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.case import HostileFile, as_json, sound, sound_template
from tests.hostile.checking import MEGABYTES, SECONDS, breaches, check_pair
from tests.hostile.definitions import DEFINITIONS
from tests.hostile.parameters import parameters
from tests.hostile.templates import TEMPLATES
from tests.support.checkers import shipped_library
from tests.support.limited_process import LimitedProcess

CASES = [*parameters(DEFINITIONS, "definition"), *parameters(TEMPLATES, "template")]


@pytest.fixture(scope="module")
def checker() -> Iterator[LimitedProcess]:
    """A process that checks pairs."""
    with LimitedProcess(check_pair, seconds=SECONDS, megabytes=MEGABYTES) as process:
        yield process


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_a_hostile_pair_is_refused_or_inert(checker: LimitedProcess, kind: str, case: HostileFile) -> None:
    assert breaches(case, checker.run((kind, case.id))) == []


def test_the_pair_that_the_corpus_is_made_from_is_sound(tmp_path: Path) -> None:
    (tmp_path / "HOSTILE.json").write_bytes(as_json(sound()))
    (tmp_path / "HOSTILE.docx").write_bytes(sound_template())
    checked = shipped_library().check_file(tmp_path / "HOSTILE.json")
    assert checked.pair is not None, checked.faults
    assert [fault for fault in checked.faults if fault.level == "error"] == []
