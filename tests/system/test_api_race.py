"""Numbers, refusals and documents when several programs come through the API at once, in a shorter form."""

from __future__ import annotations

from pathlib import Path

from tests.proofs import race

ACTS = 32


def test_programs_at_once_leave_no_gap_and_nothing_forbidden_slips_through(tmp_path: Path) -> None:
    result = race.run(tmp_path, processes=4, acts=ACTS, workers=2)
    assert race.faults(result, ACTS) == []
    assert set(result.refused) == set(race.refusals())
    assert min(result.refused.values()) >= 2
