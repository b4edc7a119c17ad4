"""Answers of the worked cases, checked in an office with an entrustment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from formsvc.domain.evaluation.evaluation import Evaluation
from formsvc.usecases import operator
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.complete_submission import check_answers
from tests.support.issued_acts import CASES

Check = Callable[..., Evaluation]


@pytest.fixture
def check(ports: Ports, actor: Callable[[str], Actor]) -> Check:
    """Check a worked case with changes, as a program sends it; None leaves a field out."""
    staff, approver = actor("staff"), actor("approver")
    operator.issue_at_once(ports, staff, approver, "T01", CASES["EX01"]["fields"])

    def checked(case: str, /, **changes: Any) -> Evaluation:
        given = {k: v for k, v in {**CASES[case]["fields"], **changes}.items() if v is not None}
        return check_answers(ports, staff, CASES[case]["act"], given)

    return checked
