"""What an evaluation says at a field."""

from __future__ import annotations

from formsvc.domain.evaluation.evaluation import Evaluation


def refusals(found: Evaluation, field: str) -> str:
    """What stands against the document at a field, or below it."""
    return _joined([p.sentence() for p in found.problems if _is_at(p.field, field)])


def notices(found: Evaluation, field: str) -> str:
    """What clerk and reviewer are told at a field, or below it."""
    return _joined([p.sentence() for p in found.notices if _is_at(p.field, field)])


def _is_at(path: str, field: str) -> bool:
    return path == field or path.startswith(f"{field}.")


def _joined(sentences: list[str]) -> str:
    return "\n".join(sentences)
