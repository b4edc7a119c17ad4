"""Short forms of the proofs about definitions: mutants, planted faults, the time of a check."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs import check_speed, mutations, planted_faults
from tests.proofs.mutants import at, mutant, nodes

# one kind of fault may be missed once in a short form; the whole proof wants 95 in 100
SEED = 2026
# kinds with registers, follow-ups and effects; the whole proof takes all of them
FEW = ("T07", "T21", "T22", "T24", "T34")


def test_mutants_are_refused_with_sentences_or_work() -> None:
    found = mutations.run(SEED, range(30), processes=1)
    assert found.breaches == []
    assert found.refused > 12 and found.accepted > 1


def test_no_part_of_a_mutant_stands_in_two_places() -> None:
    # a part that did could be moved into itself, and the mutant would have no end
    for number in (*range(300, 340), 1782, 1831, 1848):
        _form, source = mutant(SEED, number)
        parts = [id(at(source, path)) for path in nodes(source) if isinstance(at(source, path), dict | list)]
        assert len(parts) == len(set(parts)), number


def test_planted_faults_are_reported_in_their_place() -> None:
    table = planted_faults.run(SEED, 1, planted_faults.KINDS[::6])
    assert table.alarms == []
    assert table.share >= planted_faults.WANTED, table.missed


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return check_speed.copied(tmp_path, FEW)


def test_an_unchanged_folder_is_checked_at_once(folders: tuple[Path, Path]) -> None:
    every, unchanged = check_speed.seconds_of_all(*folders)
    # machines that run tests are busy: three times what is promised on a quiet one
    assert every < 3 * check_speed.ONE * len(FEW)
    assert unchanged < 3 * check_speed.UNCHANGED


def test_a_definition_of_500_fields_is_checked_in_seconds(tmp_path: Path) -> None:
    assert check_speed.seconds_of_large(tmp_path) < 3 * check_speed.LARGE
