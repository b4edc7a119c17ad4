"""Which decisions an act needs before its number: review, approval, none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formsvc.domain.acts.act import State
from formsvc.domain.definitions.form_definition import FormDefinition

# key of the office's settings with its decisions by form
REVIEW_STEPS = "review_steps"


@dataclass(frozen=True)
class ReviewSteps:
    """Review by legal staff and approval: which of them an act needs."""

    legal_review: bool
    approval: bool

    @property
    def after_submission(self) -> State:
        return State.SUBMITTED if self.legal_review else self.after_review

    @property
    def after_review(self) -> State:
        return State.REVIEWED if self.approval else State.APPROVED


def review_steps(definition: FormDefinition, office_settings: Mapping[str, Any]) -> ReviewSteps:
    """Return the steps of the definition, or as the office decided.

    A review that the law asks for is never left out.
    """
    decided = (office_settings.get(REVIEW_STEPS) or {}).get(definition.id) or {}
    return ReviewSteps(
        bool(decided.get("legal_review", definition.legal_review) or definition.review_law),
        bool(decided.get("approval", definition.approval)),
    )
