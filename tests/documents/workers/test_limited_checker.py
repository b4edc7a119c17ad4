"""A pair that would take all time or memory is refused, and the next one is checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formsvc.documents.checking.pairs import PairSource
from formsvc.documents.checking.registers import RegisterFile
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


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[LimitedChecker]:
    """A checker whose limit no sound file meets, on a busy machine either."""
    limited = LimitedChecker(tmp_path, tmp_path, seconds=60, megabytes=700)
    yield limited
    limited.close()


def test_a_sound_pair_passes_with_its_template(patient: LimitedChecker) -> None:
    checked = patient.check(project_pair("T22"))
    assert checked.pair is not None
    assert checked.pair.definition["title"] == "责令限期改正通知书"
    assert checked.pair.template == project_pair("T22").template
    assert all(fault.level == "notice" for fault in checked.faults)


def files_of(folder: str) -> dict[str, bytes]:
    return {f.stem: f.read_bytes() for f in sorted((ROOT / "form_definitions" / folder).glob("*.json"))}


def test_a_register_is_checked_in_the_child_and_so_is_what_a_pair_writes_into_it(
    patient: LimitedChecker,
) -> None:
    registers, lookups = files_of("registers"), files_of("lookups")
    for name, content in registers.items():
        checked = patient.check_register(RegisterFile(name, content, lookups))
        assert checked.register is not None and checked.register["id"] == name and checked.faults == ()
    broken = registers["hazards"].replace(b'"key": ["doc_no", "no"]', b'"key": ["doc_nr", "no"]')
    refused = patient.check_register(RegisterFile("hazards", broken, lookups))
    assert refused.register is None and [fault.where for fault in refused.faults] == ["/key/0"]
    pair = replace(project_pair("T22"), registers=registers)
    assert patient.check(pair).pair is not None
    told = [
        f
        for f in patient.check(replace(pair, registers={**registers, "hazards": broken})).faults
        if f.level == "error"
    ]
    assert [fault.where for fault in told] == ["/life/effects/issued/0/register"]
    assert "请先改正 registers/hazards.json" in told[0].message
    # a register that it does not write is none of its business
    assert patient.check(replace(pair, registers={**registers, "responsible": b"{"})).pair is not None


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
