"""Interpretation of syntax trees, with a limit of steps.

An own interpreter, because one of CEL's libraries copies a list at each turn of a macro (a filter over 200 rows took
100 ms, in a rule for each row 19 s), counts no steps, and cannot say which operand was empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from formsvc.domain.expressions import operators
from formsvc.domain.expressions.operators import (
    AnswerUnknown,
    ComputationRefused,
    EmptyOperand,
    TypeMismatch,
    truth,
)
from formsvc.domain.expressions.standard import STANDARD
from formsvc.domain.expressions.syntax import (
    Binary,
    Call,
    Conditional,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logical,
    Macro,
    MapLiteral,
    Member,
    Name,
    Node,
    Unary,
)
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

Functions = Mapping[str, Callable[..., JSON]]


_UNBOUND = object()


class FunctionFailed(Exception):  # noqa: N818 - a state of the evaluation, see operators
    """Function that refused its arguments; ``reason`` is its sentence, or ""."""

    def __init__(self, reason: str, arguments: tuple[JSON, ...]) -> None:
        self.reason, self.arguments = reason, arguments
        super().__init__(reason)


class StepsExceeded(ComputationRefused):
    """More steps than one evaluation may take."""


class StepCounter:
    """Counts the steps of one evaluation."""

    def __init__(self, limit: int = 0) -> None:
        # a definition that costs more by its own limits is not loaded; this one is for what was stored before
        self.count, self._limit = 0, limit or 2 * process_limits().expression_steps

    def add(self, steps: int = 1) -> None:
        """Count steps. Raise StepsExceeded beyond the limit."""
        self.count += steps
        if self.count > self._limit:
            raise StepsExceeded(msg("要算的内容太多，没有算完。请减少明细的行数，或者分成几件办理。"))


class Interpreter:
    """Evaluates trees over named values; ``variables`` are those of macros."""

    def __init__(self, values: Mapping[str, JSON], functions: Functions, steps: StepCounter) -> None:
        self._values, self._functions, self._steps = values, functions, steps
        self._variables: dict[str, JSON] = {}
        self._handlers: Mapping[type[Node], Callable[..., JSON]] = {
            Literal: lambda node: node.value,
            Name: self._name,
            Member: lambda node: operators.member_of(self.evaluate(node.operand), node.name),
            Index: lambda node: operators.member_of(self.evaluate(node.operand), self.evaluate(node.key)),
            Has: self._has,
            Call: self._call,
            Macro: self._macro,
            ListLiteral: lambda node: [self.evaluate(item) for item in node.items],
            MapLiteral: self._map_literal,
            Unary: self._unary,
            Binary: self._binary,
            Logical: self._logical,
            Conditional: self._conditional,
        }

    @property
    def steps(self) -> int:
        return self._steps.count

    def restart(self) -> None:
        self._steps.count = 0

    def run(self, tree: Node) -> JSON:
        """Return the value of a whole expression; None is an empty answer."""
        self._steps.add(tree.size)
        self._variables.clear()
        return self.evaluate(tree)

    def evaluate(self, node: Node) -> JSON:
        return self._handlers[type(node)](node)

    def _name(self, node: Name) -> JSON:
        if node.name in self._variables:
            return self._variables[node.name]
        return self._values.get(node.name)

    def _has(self, node: Has) -> bool:
        whole = self.evaluate(node.operand.operand)
        operators.require(whole)
        if not isinstance(whole, Mapping):
            raise TypeMismatch
        return node.operand.name in whole

    def _map_literal(self, node: MapLiteral) -> JSON:
        pairs = [self.evaluate(item) for item in node.items]
        if not all(isinstance(key, str) for key in pairs[::2]):
            raise TypeMismatch
        return dict(zip(pairs[::2], pairs[1::2], strict=True))

    def _unary(self, node: Unary) -> JSON:
        value = self.evaluate(node.operand)
        return operators.negate(value) if node.operator == "-" else not truth(value)

    def _binary(self, node: Binary) -> JSON:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        match node.operator:
            case "==":
                return operators.equal(left, right, self._steps.add)
            case "!=":
                return not operators.equal(left, right, self._steps.add)
            case "in":
                return operators.contains(left, right, self._steps.add)
            case "<" | "<=" | ">" | ">=":
                return operators.compare(node.operator, left, right)
        return self._counted(operators.calculate(node.operator, left, right))

    def _counted(self, value: JSON) -> JSON:
        if isinstance(value, str | list):
            self._steps.add(len(value) // 10)
        return value

    def _logical(self, node: Logical) -> bool:
        return self._decide((partial(self.evaluate, n) for n in node.operands), node.operator == "||")

    def _decide(self, questions: Iterable[Callable[[], JSON]], deciding: bool) -> bool:
        """Return ``deciding`` if one answer is; CEL then forgives failures."""
        failure: Exception | None = None
        for question in questions:
            try:
                if truth(question()) is deciding:
                    return deciding
            except StepsExceeded:
                raise
            except AnswerUnknown as error:
                # that an answer cannot be known must be said, also where another one is empty
                failure = error.with_traceback(None)
            except (EmptyOperand, TypeMismatch, ComputationRefused) as error:
                failure = failure or error.with_traceback(None)
        if failure is not None:
            raise failure
        return not deciding

    def _conditional(self, node: Conditional) -> JSON:
        chosen = node.then if truth(self.evaluate(node.condition)) else node.otherwise
        return self.evaluate(chosen)

    def _call(self, node: Call) -> JSON:
        arguments = tuple(self.evaluate(argument) for argument in node.arguments)
        self._steps.add(5)
        standard = STANDARD.get(node.name)
        if standard is not None:
            return self._counted(standard(*arguments))
        try:
            return self._functions[node.name](*arguments)
        except AnswerUnknown:
            raise
        except ValueError as refusal:
            raise FunctionFailed(str(refusal), arguments) from None
        except (TypeError, KeyError, ArithmeticError, AttributeError, IndexError):
            raise FunctionFailed("", arguments) from None

    def _macro(self, node: Macro) -> JSON:
        whole = self.evaluate(node.operand)
        operators.require(whole)
        if not isinstance(whole, list | tuple | Mapping):
            raise TypeMismatch
        bodies = [node.body] if node.condition is None else [node.condition, node.body]
        self._steps.add(len(whole) * sum(body.size + 2 for body in bodies))
        outer = self._variables.get(node.variable, _UNBOUND)
        try:
            return self._run_macro(node, list(whole))
        finally:
            # in case an inner macro gave the name another value
            if outer is not _UNBOUND:
                self._variables[node.variable] = outer

    def _run_macro(self, node: Macro, items: list[JSON]) -> JSON:
        match node.name:
            case "all" | "exists":
                return self._decide(self._answers(node, node.body, items), node.name == "exists")
            case "exists_one":
                return sum(truth(answer()) for answer in self._answers(node, node.body, items)) == 1
            case "filter":
                pairs = zip(items, self._answers(node, node.body, items), strict=True)
                return [item for item, answer in pairs if truth(answer())]
        if node.condition is None:
            return [answer() for answer in self._answers(node, node.body, items)]
        chosen = zip(self._answers(node, node.condition, items), items, strict=True)
        return [self.evaluate(node.body) for answer, _ in chosen if truth(answer())]

    def _answers(self, node: Macro, body: Node, items: list[JSON]) -> Iterator[Callable[[], JSON]]:
        """Yield a question for each element, with the variable bound to it."""
        for item in items:
            self._variables[node.variable] = item
            yield partial(self.evaluate, body)
