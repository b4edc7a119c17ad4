"""A guard for the rule that no expression is evaluated inside a write transaction.

One clerk's long computation would otherwise stop the saving of everybody. It holds in every test over the store in
memory.
"""

from __future__ import annotations

from formsvc.domain.expressions.evaluator import Expression, ExpressionEvaluator, Outcome
from tests.support.memory_store import WRITING


class EvaluatedWhileWriting(AssertionError):
    """An expression was evaluated while a write transaction was open."""


def install() -> None:
    """Watch all evaluations of this process; once is enough."""
    plain = ExpressionEvaluator.evaluate
    if getattr(plain, "is_guarded", False):
        return

    def evaluate(self: ExpressionEvaluator, expression: Expression) -> Outcome:
        if getattr(WRITING, "open", False):
            raise EvaluatedWhileWriting(expression.source)
        return plain(self, expression)

    evaluate.is_guarded = True  # type: ignore[attr-defined]  # a mark on the function itself
    ExpressionEvaluator.evaluate = evaluate  # type: ignore[method-assign]  # for the whole test run
