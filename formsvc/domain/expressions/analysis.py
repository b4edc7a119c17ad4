"""Static analysis of expressions: types, worst-case cost, sizes.

Every function of the language has a bound for its cost and its result, every field one for its answers: the estimate
is a proof. What it cannot prove is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.arguments import argument_faults
from formsvc.domain.expressions.comparisons import comparison_fault, membership_fault
from formsvc.domain.expressions.shapes import ANY, BOOL, NUMBERS, Shape
from formsvc.domain.expressions.signatures import SIGNATURES, Signature
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
from formsvc.domain.expressions.wording import kind_names, quote
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

Shapes = Mapping[str, Shape]


@dataclass(frozen=True)
class Analysis:
    """Result, most steps and faults of an expression."""

    shape: Shape
    steps: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Shapes of what functions read by name: lookup → key → shape; settings."""

    lookups: Mapping[str, Shapes]
    settings: Shapes | None = None


NO_VOCABULARY = Vocabulary({})


def analyse(tree: Node, source: str, names: Shapes, vocabulary: Vocabulary = NO_VOCABULARY) -> Analysis:
    """Return shape, cost and faults of an expression over named shapes."""
    analyser = _Analyser(source, names, vocabulary)
    shape = analyser.shape_of(tree)
    return Analysis(shape, analyser.steps, tuple(dict.fromkeys(analyser.faults)))


class _Analyser:
    """Walks over one tree; ``steps`` mirror those of the interpreter."""

    def __init__(self, source: str, names: Shapes, vocabulary: Vocabulary) -> None:
        self._source, self._vocabulary = source, vocabulary
        self._names = dict(names)
        self.steps = 0
        self.faults: list[str] = []
        self._handlers: Mapping[type[Node], Callable[..., Shape]] = {
            Literal: lambda node: shapes.shape_of(node.value),
            Name: lambda node: self._names.get(node.name, ANY),
            Member: self._member,
            Index: self._index,
            Has: self._has,
            Call: self._call,
            Macro: self._macro,
            ListLiteral: self._list,
            MapLiteral: self._map,
            Unary: self._unary,
            Binary: self._binary,
            Logical: self._logical,
            Conditional: self._conditional,
        }

    def shape_of(self, node: Node) -> Shape:
        self.steps += 1
        return self._handlers[type(node)](node)

    def _quote(self, node: Node) -> str:
        return quote(self._source, node)

    def _member(self, node: Member) -> Shape:
        whole = self.shape_of(node.operand)
        if "map" not in whole.present_kinds:
            if whole.present_kinds:
                self.faults.append(
                    msg(
                        "“{part}”：{whole}没有“.{name}”。",
                        part=self._quote(node),
                        whole=kind_names(whole),
                        name=node.name,
                    )
                )
            return ANY
        if whole.members is None or not whole.is_only("map"):
            return ANY
        if node.name not in whole.members:
            near = did_you_mean(node.name, whole.members, cutoff=0.6)
            self.faults.append(
                msg(
                    "“{source}”里没有“{name}”{near}。",
                    source=self._quote(node.operand),
                    name=node.name,
                    near=near,
                )
            )
        return whole.members.get(node.name, ANY)

    def _index(self, node: Index) -> Shape:
        whole, key = self.shape_of(node.operand), self.shape_of(node.key)
        kinds = whole.present_kinds
        fits = ("list" in kinds and "int" in key.kinds) or ("map" in kinds and "text" in key.kinds)
        if kinds and key.present_kinds and not fits:
            self.faults.append(
                msg("“{part}”：{whole}不能这样取其中一项。", part=self._quote(node), whole=kind_names(whole))
            )
        return shapes.optional(whole.element_shape) if whole.is_only("list") else ANY

    def _has(self, node: Has) -> Shape:
        self.shape_of(node.operand.operand)
        return BOOL

    def _list(self, node: ListLiteral) -> Shape:
        items = [self.shape_of(item) for item in node.items]
        return self._bounded(node, shapes.list_of(shapes.union_of(items), len(items)))

    def _map(self, node: MapLiteral) -> Shape:
        members = {}
        for key, item in zip(node.items[::2], node.items[1::2], strict=True):
            key_shape, members[self._quote(key)] = self.shape_of(key), self.shape_of(item)
            if isinstance(key, Literal):
                members[str(key.value)] = members.pop(self._quote(key))
            if "text" not in key_shape.kinds:
                self.faults.append(msg("“{part}”：键应是文字。", part=self._quote(key)))
        return shapes.map_of(members)

    def _bounded(self, node: Node, shape: Shape) -> Shape:
        """Report a value that could grow too large, and go on with a small one."""
        if shape.weight() <= process_limits().expression_values:
            return shape
        self.faults.append(
            msg("“{part}”算出的内容可能过大，请少用 map 和相加，或者拆成几个字段。", part=self._quote(node))
        )
        return replace(ANY, kinds=shape.kinds)

    def _condition(self, node: Node) -> None:
        shape = self.shape_of(node)
        if shape.present_kinds and "bool" not in shape.kinds:
            self.faults.append(
                msg(
                    "“{part}”是{kinds}，不是条件，这里应写得出是或者否的条件。",
                    part=self._quote(node),
                    kinds=kind_names(shape),
                )
            )

    def _unary(self, node: Unary) -> Shape:
        if node.operator == "!":
            self._condition(node.operand)
            return BOOL
        shape = self.shape_of(node.operand)
        if shape.present_kinds and not shape.kinds & NUMBERS:
            self.faults.append(
                msg("“{part}”：{kinds}不能取负数。", part=self._quote(node), kinds=kind_names(shape))
            )
        return Shape(shape.kinds & NUMBERS or NUMBERS)

    def _logical(self, node: Logical) -> Shape:
        for operand in node.operands:
            self._condition(operand)
        return BOOL

    def _conditional(self, node: Conditional) -> Shape:
        self._condition(node.condition)
        return shapes.union(self.shape_of(node.then), self.shape_of(node.otherwise))

    def _binary(self, node: Binary) -> Shape:
        left, right = self.shape_of(node.left), self.shape_of(node.right)
        match node.operator:
            case "+" | "-" | "*" | "/" | "%":
                return self._calculate(node, left, right)
            case "in":
                fault = membership_fault(self._source, node, left, right)
                self.steps += right.weight() if right.element else right.count
            case _:
                fault = comparison_fault(self._source, node, left, right)
                self.steps += self._compared(node.operator, left, right)
        self.faults += [fault] if fault else []
        return BOOL

    def _compared(self, operator: str, left: Shape, right: Shape) -> int:
        """Return the most values that a comparison looks at."""
        compound = operator in ("==", "!=") and {"list", "map"} & left.kinds & right.kinds
        return min(left.weight(), right.weight()) if compound else 0

    def _calculate(self, node: Binary, left: Shape, right: Shape) -> Shape:
        pairs = {
            (one, other)
            for one in left.present_kinds
            for other in right.present_kinds
            if one == other and (one in NUMBERS or (node.operator == "+" and one in ("text", "list")))
        }
        if left.present_kinds and right.present_kinds and not pairs:
            self.faults.append(self._calculation_fault(node, left, right))
            return ANY
        kinds = frozenset(one for one, _ in pairs) or NUMBERS
        result = Shape(kinds, left.length + right.length, left.count + right.count)
        if kinds == {"list"}:
            result = shapes.list_of(
                shapes.union(left.element_shape, right.element_shape), left.count + right.count
            )
        elif kinds == {"text"}:
            result = shapes.joined_text(left, right)
        if kinds & {"text", "list"}:
            self.steps += (
                max(result.length if "text" in kinds else 0, result.count if "list" in kinds else 0) // 10
            )
        return self._bounded(node, result)

    def _calculation_fault(self, node: Binary, left: Shape, right: Shape) -> str:
        part = self._quote(node)
        whole = next(
            (
                n
                for n, s, o in ((node.left, left, right), (node.right, right, left))
                if s.is_only("int") and o.is_only("double")
            ),
            None,
        )
        if whole is not None:
            return msg(
                "“{part}”：整数和小数不能直接计算，整数请写成 double({whole})。",
                part=part,
                whole=self._quote(whole),
            )
        number = next(
            (
                n
                for n, s, o in ((node.left, left, right), (node.right, right, left))
                if s.present_kinds <= NUMBERS and o.is_only("text") and node.operator == "+"
            ),
            None,
        )
        if number is not None:
            return msg(
                "“{part}”：文字和数字不能相加，数字请写成 string({number})。",
                part=part,
                number=self._quote(number),
            )
        return msg(
            "“{part}”：{left}和{right}不能用“{operator}”计算。",
            part=part,
            left=kind_names(left),
            right=kind_names(right),
            operator=node.operator,
        )

    def _macro(self, node: Macro) -> Shape:
        whole = self.shape_of(node.operand)
        if whole.present_kinds and not whole.kinds & {"list", "map"}:
            self.faults.append(
                msg(
                    "“{part}”：{kinds}不能逐项运算，“{name}”前面应是明细或者多选。",
                    part=self._quote(node),
                    kinds=kind_names(whole),
                    name=node.name,
                )
            )
        outer, before = self._names, self.steps
        element = whole.element_shape if whole.is_only("list") else ANY
        self._names = {**outer, node.variable: element}
        for condition in (node.condition, node.body if node.name != "map" else None):
            if condition is not None:
                self._condition(condition)
        body = self.shape_of(node.body) if node.name == "map" else BOOL
        self._names = outer
        self.steps = before + (whole.count + 1) * (self.steps - before + 2)
        match node.name:
            case "filter":
                return shapes.list_of(element, whole.count)
            case "map":
                return self._bounded(node, shapes.list_of(body, whole.count))
        return BOOL

    def _call(self, node: Call) -> Shape:
        arguments = [self.shape_of(argument) for argument in node.arguments]
        signature = SIGNATURES[node.name]
        self.faults += argument_faults(self._source, node, arguments)
        self.steps += 5 + signature.cost(arguments)
        return self._known_result(node, signature, arguments)

    def _known_result(self, node: Call, signature: Signature, arguments: list[Shape]) -> Shape:
        first = node.arguments[0] if node.arguments else None
        named = first.value if isinstance(first, Literal) else None
        known = self._vocabulary.settings
        if node.name == "setting" and known is not None and isinstance(named, str):
            if named not in known:
                near = did_you_mean(named, known)
                self.faults.append(msg("没有“{name}”这项口径{near}。", name=named, near=near))
            return shapes.optional(known.get(named, ANY))
        keys = (
            self._vocabulary.lookups.get(named) if node.name == "lookup" and isinstance(named, str) else None
        )
        key = node.arguments[-1] if node.arguments else None
        if keys is not None and isinstance(key, Literal) and isinstance(key.value, str):
            if key.value not in keys:
                near = did_you_mean(key.value, keys)
                self.faults.append(msg("代码表的各项都没有“{name}”{near}。", name=key.value, near=near))
            return shapes.optional(keys.get(key.value, ANY))
        return signature.result(arguments)
