"""Check of the wording of a rendered document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.wording_rules import finished_document_problems
from formsvc.errors import InputRefused
from formsvc.usecases.context import Ports


def check_wording(
    ports: Ports,
    definition: FormDefinition,
    values: Mapping[str, Any],
    circumstances: Circumstances,
    word: bytes,
) -> None:
    """Raise InputRefused if a Word file has forbidden wording."""
    problems = finished_document_problems(definition, values, circumstances, ports.renderer.paragraphs(word))
    if problems:
        raise InputRefused(problems)
