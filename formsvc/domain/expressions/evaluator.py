"""Expressions: the language CEL with the trade's functions.

Parsed and checked when a definition is loaded, evaluated on the server only. Dates are ISO text, every field is
always bound, an empty answer is null. A failure never shows a trace: an expression that meets an empty answer is
*empty*, a value that cannot be computed is *refused* with its sentence, anything else makes the definition *faulty*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

from formsvc.domain.expressions.analysis import NO_VOCABULARY, Analysis, Vocabulary, analyse
from formsvc.domain.expressions.interpreter import FunctionFailed, Interpreter, StepCounter
from formsvc.domain.expressions.operators import (
    AnswerUnknown,
    ComputationRefused,
    EmptyOperand,
    TypeMismatch,
)
from formsvc.domain.expressions.shapes import ANY, Shape, list_of, map_of, optional, union
from formsvc.domain.expressions.signatures import SIGNATURES
from formsvc.domain.expressions.structure import ExpressionStructure, read_structure
from formsvc.domain.expressions.syntax import MACROS, Node, SyntaxBounds, parse_expression
from formsvc.domain.expressions.tokens import ExpressionSyntaxError
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import join_messages, msg
from formsvc.limits import limit_ranges, process_limits

# Names in expressions are short; a looser comparison would suggest unrelated ones.
_CUTOFF = 0.6
_HIGHEST = SyntaxBounds(
    *(limit_ranges()[f"expression_{name}"][1] for name in ("characters", "depth", "nesting"))
)


# a macro in its right form is no call
_MISPLACED = MACROS | {"has"}


class OutcomeKind(Enum):
    """Kind of result of an evaluation.

    UNKNOWN: it asks an older document for an answer that this one has not.
    """

    VALUE = "value"
    EMPTY = "empty"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FAULTY = "faulty"


@dataclass(frozen=True)
class Outcome:
    """Result of an evaluation: a value, or the reason why there is none."""

    kind: OutcomeKind
    value: JSON = None
    reason: str = ""

    @property
    def is_true(self) -> bool:
        """True for a condition that holds; an empty one does not."""
        return self.kind is OutcomeKind.VALUE and self.value is True


@dataclass(frozen=True)
class Expression:
    """Compiled expression; ``names`` are the fields it uses."""

    source: str
    names: frozenset[str]
    functions: frozenset[str]
    structure: ExpressionStructure
    tree: Node = field(repr=False, compare=False)
    shape: Shape = field(default=ANY, repr=False, compare=False)
    steps: int = field(default=0, repr=False, compare=False)

    def row_columns(self) -> frozenset[str]:
        """Return the columns of its own row that the expression reads."""
        return self.members_of("row")

    def members_of(self, name: str) -> frozenset[str]:
        """Return what the expression reads of a bound name: ``name.member``."""
        return frozenset(m.name for m in self.structure.members if m.source == name)


class InvalidExpression(ValueError):
    """Expression that cannot be used; ``messages`` say why."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.messages = tuple(sentences)
        super().__init__(join_messages(*self.messages))


def compile_expression(
    source: str,
    known: Mapping[str, frozenset[str] | None],
    shapes: Mapping[str, Shape] | None = None,
    vocabulary: Vocabulary = NO_VOCABULARY,
) -> Expression:
    """Compile and check an expression.

    ``known`` maps each bound name to its members (columns of a table, parts of a reference), or to None if these are not
    known. ``shapes`` say more of the same names. Raise InvalidExpression with every fault.
    """
    limits = process_limits()
    bounds = SyntaxBounds(limits.expression_characters, limits.expression_depth, limits.expression_nesting)
    expression = _read(source, bounds)
    faults = [
        *_size_faults(expression.structure),
        *_name_faults(expression.names, expression.structure, known),
        *_call_faults(expression.functions, expression.structure),
    ]
    if not faults:
        analysis = analyse(expression.tree, source, _shapes(known) if shapes is None else shapes, vocabulary)
        faults = list(analysis.faults) or _cost_faults(analysis)
    if faults:
        raise InvalidExpression(faults)
    return replace(expression, shape=analysis.shape, steps=analysis.steps)


def _shapes(known: Mapping[str, frozenset[str] | None]) -> dict[str, Shape]:
    """Return shapes for names of which no more than the members is known."""
    shapes: dict[str, Shape] = {}
    for name, members in known.items():
        row = map_of(dict.fromkeys(members or (), ANY))
        shapes[name] = optional(union(row, list_of(row, process_limits().table_rows))) if members else ANY
    return shapes


def _cost_faults(analysis: Analysis) -> list[str]:
    most = process_limits().expression_steps
    if analysis.steps <= most:
        return []
    return [
        msg(
            "算一次最多可能要 {steps} 步，超过 {limit} 步（FORMSVC_EXPRESSION_STEPS）。请减少逐行运算或者拆成几个字段。",
            steps=analysis.steps,
            limit=most,
        )
    ]


def read_expression(source: str) -> Expression:
    """Compile an expression of a published revision.

    Raise InvalidExpression.
    """
    # what was published goes on when an office lowers its limits
    return _read(source, _HIGHEST)


# revisions of one form share nearly all expressions, and forms those of the field groups
@lru_cache(maxsize=4096)
def _read(source: str, bounds: SyntaxBounds) -> Expression:
    tree = _parse(source, bounds)
    structure = read_structure(tree)
    return Expression(
        source, structure.names, frozenset(name for name, _ in structure.calls), structure, tree
    )


def _parse(source: str, bounds: SyntaxBounds) -> Node:
    if not source.strip():
        raise InvalidExpression([msg("表达式是空的。")])
    if len(source) > bounds.characters:
        sentence = msg(
            "表达式超过 {limit} 个字符，请拆开，或者调高 FORMSVC_EXPRESSION_CHARACTERS。",
            limit=bounds.characters,
        )
        raise InvalidExpression([sentence])
    try:
        return parse_expression(source, bounds)
    except ExpressionSyntaxError as error:
        if error.sentence:
            raise InvalidExpression([error.sentence]) from None
        where = msg("第 {n} 个字符附近", n=error.at + 1)
        shown = "".join(mark if mark.isprintable() else " " for mark in source)
        raise InvalidExpression(
            [msg("表达式{where}有语法错误，写的是“{shown}”，请改正。", where=where, shown=shown)]
        ) from None


def _size_faults(structure: ExpressionStructure) -> list[str]:
    most = process_limits().expression_macros
    if structure.macro_nesting <= most:
        return []
    return [msg("对明细的逐行运算嵌套超过 {limit} 层，请拆开。", limit=most)]


def _name_faults(
    names: frozenset[str], structure: ExpressionStructure, known: Mapping[str, frozenset[str] | None]
) -> list[str]:
    faults: list[str] = [
        msg("不认识的字段“{name}”{near}。", name=name, near=did_you_mean(name, known, cutoff=_CUTOFF))
        for name in sorted(names - set(known))
    ]
    faults += [
        msg("逐行运算的变量“{name}”与字段同名，请换一个名字。", name=name)
        for name in sorted(structure.bound_variables & set(known))
    ]
    for member in sorted(structure.members, key=lambda m: (m.source, m.name)):
        members = known.get(member.source)
        if members is not None and member.name not in members:
            faults.append(
                msg(
                    "“{source}”里没有“{name}”{near}。",
                    source=member.source,
                    name=member.name,
                    near=did_you_mean(member.name, members, cutoff=_CUTOFF),
                )
            )
    return faults


def _call_faults(called: frozenset[str], structure: ExpressionStructure) -> list[str]:
    arities = {name: signature.arity for name, signature in SIGNATURES.items()}
    faults: list[str] = [
        msg(
            "不认识的函数“{name}”{near}。",
            name=name,
            near=did_you_mean(name, [*arities, *_MISPLACED], cutoff=_CUTOFF),
        )
        for name in sorted(called - set(arities) - _MISPLACED)
    ]
    faults += [
        msg("“{name}”应写在明细、多选或者引用的一列后面，如 items.{name}(…)、has(row.note)。", name=name)
        for name in sorted(called & _MISPLACED)
    ]
    for name, count in structure.calls:
        least, most = arities.get(name, (0, 99))
        if name in SIGNATURES and not least <= count <= most:
            expected = str(least) if least == most else msg("{least} 至 {most}", least=least, most=most)
            faults.append(
                msg(
                    "函数“{name}”要 {wanted} 个参数，写了 {count} 个。",
                    name=name,
                    wanted=expected,
                    count=count,
                )
            )
    return faults


class ExpressionEvaluator:
    """Evaluates expressions over one set of values."""

    def __init__(self, values: Mapping[str, JSON], functions: Mapping[str, Callable[..., JSON]]) -> None:
        self._values: dict[str, JSON] = dict(values)
        self._interpreter = Interpreter(self._values, functions, StepCounter())

    @property
    def steps(self) -> int:
        """The steps that all evaluations took so far."""
        return self._interpreter.steps

    def restart(self) -> None:
        """Count the steps from zero: what follows is another evaluation."""
        self._interpreter.restart()

    def bind(self, name: str, value: JSON) -> None:
        self._values[name] = value

    def evaluate(self, expression: Expression) -> Outcome:
        try:
            value = self._interpreter.run(expression.tree)
        except EmptyOperand:
            return Outcome(OutcomeKind.EMPTY)
        except AnswerUnknown as unknown:
            return Outcome(OutcomeKind.UNKNOWN, reason=unknown.args[0])
        except ComputationRefused as refusal:
            return Outcome(OutcomeKind.REFUSED, reason=str(refusal))
        except FunctionFailed as failure:
            return _outcome_of_function(expression, failure)
        except TypeMismatch:
            return _faulty_outcome(expression)
        if value is None:
            return Outcome(OutcomeKind.EMPTY)
        return Outcome(OutcomeKind.VALUE, value)


def _outcome_of_function(expression: Expression, failure: FunctionFailed) -> Outcome:
    if failure.reason:
        return Outcome(OutcomeKind.REFUSED, reason=failure.reason)
    if any(_has_empty_part(argument) for argument in failure.arguments):
        return Outcome(OutcomeKind.EMPTY)
    return _faulty_outcome(expression)


def _faulty_outcome(expression: Expression) -> Outcome:
    reason = msg("表达式“{source}”无法计算：内容的类型不合。", source=expression.source)
    return Outcome(OutcomeKind.FAULTY, reason=reason)


def _has_empty_part(value: JSON) -> bool:
    """Return whether a value or one of its elements is empty."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return is_empty(value) or any(is_empty(part) for part in parts)
