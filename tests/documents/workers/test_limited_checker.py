"""A pair that would take all time or memory is refused, and the next one is checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from formsvc.documents.checking.pairs import PairSource
from formsvc.documents.workers.limited_checker import LimitedChecker
from formsvc.documents.workers.process_limits import apply_limits
from formsvc.limits import Limits
from tests.support.docx_samples.raw_xml import paragraph, word_file
from tests.support.paths import ROOT


def project_pair(form: str) -> PairSource:
    folder = ROOT / "form_definitions"
    return PairSource(
        form,
        (folder / f"{form}.json").read_bytes(),
        {file.stem: file.read_bytes() for file in sorted((folder / "groups").glob("*.json"))},
        {file.stem: file.read_bytes() for file in sorted((folder / "lookups").glob("*.json"))},
        f"{form}.docx",
        (ROOT / f"doc_templates/{form}.docx").read_bytes(),
    )


def with_template(source: PairSource, template: bytes) -> PairSource:
    return PairSource(
        source.form, source.definition, source.groups, source.lookups, source.template_name, template
    )


def endless_template() -> bytes:
    """A sound Word file with so many tags that its check takes minutes."""
    return word_file("".join(paragraph(f"{{{{ party_name }}}}第{n}条") for n in range(120_000)))


@pytest.fixture
def checker(tmp_path: Path) -> Iterator[LimitedChecker]:
    limited = LimitedChecker(tmp_path, tmp_path, seconds=2, megabytes=700)
    # the first check waits for the libraries to load; the limit is for what follows
    limited.check(project_pair("T07"))
    yield limited
    limited.close()


def test_a_sound_pair_passes_with_its_template(checker: LimitedChecker) -> None:
    checked = checker.check(project_pair("T22"))
    assert checked.pair is not None
    assert checked.pair.definition["title"] == "责令限期改正通知书"
    assert checked.pair.template == project_pair("T22").template
    assert all(fault.level == "notice" for fault in checked.faults)


def test_too_much_time_is_a_fault_of_the_pair_and_the_next_is_checked(checker: LimitedChecker) -> None:
    checked = checker.check(with_template(project_pair("T22"), endless_template()))
    (fault,) = checked.faults
    assert checked.pair is None
    assert fault.file == "T22.json"
    assert fault.message.startswith("检查超过 2 秒，已停止。")
    assert checker.check(project_pair("T22")).pair is not None


def test_too_much_memory_is_a_fault_of_the_pair(tmp_path: Path) -> None:
    limited = LimitedChecker(tmp_path, tmp_path, seconds=20, megabytes=150)
    checked = limited.check(with_template(project_pair("T22"), endless_template()))
    limited.close()
    assert checked.pair is None
    assert "150 MB" in checked.faults[0].message


@pytest.fixture
def few_fields() -> Iterator[None]:
    apply_limits(Limits(definition_fields=5, word_megabytes=1))
    yield
    apply_limits(Limits())


@pytest.mark.usefixtures("few_fields")
def test_the_limits_of_the_office_hold_in_the_child(tmp_path: Path) -> None:
    limited = LimitedChecker(tmp_path, tmp_path, seconds=20, megabytes=700)
    faults = limited.check(project_pair("T22")).faults
    large = limited.check_template(b"PK" + bytes(2 * 2**20))
    limited.close()
    assert any(
        "最多 5 个" in fault.message and "FORMSVC_DEFINITION_FIELDS" in fault.message for fault in faults
    )
    assert "文件超过 1 MB" in large[0].message
