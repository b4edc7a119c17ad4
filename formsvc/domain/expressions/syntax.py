"""Syntax tree of an expression, by CEL's grammar.

https://github.com/google/cel-spec, without bytes, unsigned numbers and messages, which no field holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

from formsvc.domain.expressions.tokens import ExpressionSyntaxError, Token, read_tokens
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_CONSTANTS = {"true": True, "false": False, "null": None}
_RELATIONS = ("==", "!=", "<=", ">=", "<", ">", "in")


class SyntaxBounds(NamedTuple):
    """Most characters, levels of the tree and levels of brackets.

    Every function that walks over a tree calls itself: what is deeper is refused before Python's own limit.
    """

    characters: int
    depth: int
    nesting: int


@dataclass(frozen=True)
class Node:
    """Node of a tree; ``start`` and ``end`` are its place in the source."""

    start: int
    end: int

    def children(self) -> Iterator[Node]:
        for name in _names_of_parts(type(self)):
            value = getattr(self, name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Node):
                    yield item

    @cached_property
    def size(self) -> int:
        """The number of nodes of the tree."""
        return sum(1 for _ in self.walk())

    def walk(self) -> Iterator[Node]:
        """Yield the node and everything below it."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children()


_PARTS: dict[type[Node], tuple[str, ...]] = {}


def _names_of_parts(kind: type[Node]) -> tuple[str, ...]:
    """Return the attributes that may hold other nodes."""
    if kind not in _PARTS:
        _PARTS[kind] = tuple(e.name for e in fields(kind) if e.type not in ("int", "str", "JSON"))
    return _PARTS[kind]


@dataclass(frozen=True)
class Literal(Node):
    value: JSON


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Member(Node):
    """``operand.name``."""

    operand: Node
    name: str


@dataclass(frozen=True)
class Index(Node):
    """``operand[key]``."""

    operand: Node
    key: Node


@dataclass(frozen=True)
class Call(Node):
    """``name(arguments)``; the receiver of a method is its first argument."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Has(Node):
    """``has(operand.name)``."""

    operand: Member


@dataclass(frozen=True)
class Macro(Node):
    """``operand.name(variable, condition, body)``; only a map may have both."""

    name: str
    operand: Node
    variable: str
    condition: Node | None
    body: Node


@dataclass(frozen=True)
class ListLiteral(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True)
class MapLiteral(Node):
    """Keys and values alternate in ``items``."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Unary(Node):
    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary(Node):
    """Arithmetic or relation."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Logical(Node):
    """``||`` or ``&&`` over two or more operands."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Conditional(Node):
    condition: Node
    then: Node
    otherwise: Node


def parse_expression(source: str, bounds: SyntaxBounds) -> Node:
    """Return the tree of an expression. Raise ExpressionSyntaxError."""
    tokens = read_tokens(source)
    _check_nesting(tokens, bounds.nesting)
    parser = _Parser(tokens)
    tree = parser.parse_whole()
    if _depth(tree) > bounds.depth:
        sentence = msg(
            "表达式连写超过 {limit} 层，请拆开，或者调高 FORMSVC_EXPRESSION_DEPTH。", limit=bounds.depth
        )
        raise ExpressionSyntaxError(0, sentence)
    return tree


def _check_nesting(tokens: list[Token], most: int) -> None:
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        if depth > most:
            sentence = msg(
                "括号嵌套超过 {limit} 层，请拆开，或者调高 FORMSVC_EXPRESSION_NESTING。", limit=most
            )
            raise ExpressionSyntaxError(token.start, sentence)


def _depth(tree: Node) -> int:
    level, deepest = [tree], 0
    while level:
        deepest += 1
        level = [child for node in level for child in node.children()]
    return deepest


class _Parser:
    """Reads one list of tokens; methods are the rules of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += 1
        return token

    def _is_next(self, *texts: str) -> bool:
        return self._next.kind in ("mark", "name") and self._next.text in texts

    def _expect(self, text: str) -> Token:
        if not self._is_next(text):
            raise ExpressionSyntaxError(self._next.start)
        return self._take()

    def parse_whole(self) -> Node:
        tree = self._conditional()
        if self._next.kind != "end":
            raise ExpressionSyntaxError(self._next.start)
        return tree

    def _conditional(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        last = self._logical("||")
        while self._is_next("?"):
            self._take()
            then = self._logical("||")
            self._expect(":")
            branches.append((last, then))
            last = self._logical("||")
        for condition, then in reversed(branches):
            last = Conditional(condition.start, last.end, condition, then, last)
        return last

    def _logical(self, operator: str) -> Node:
        operands = [self._operand_of(operator)]
        while self._is_next(operator):
            self._take()
            operands.append(self._operand_of(operator))
        if len(operands) == 1:
            return operands[0]
        return Logical(operands[0].start, operands[-1].end, operator, tuple(operands))

    def _operand_of(self, operator: str) -> Node:
        return self._logical("&&") if operator == "||" else self._binary(0)

    def _binary(self, level: int) -> Node:
        levels = (_RELATIONS, ("+", "-"), ("*", "/", "%"))
        if level == len(levels):
            return self._unary()
        left = self._binary(level + 1)
        while self._is_next(*levels[level]):
            operator = self._take().text
            right = self._binary(level + 1)
            left = Binary(left.start, right.end, operator, left, right)
        return left

    def _unary(self) -> Node:
        start, operator, count = self._next.start, self._next.text, 0
        while self._is_next("!" if operator == "!" else "-"):
            self._take()
            count += 1
        operand = self._member()
        # !!x is x, but both must be of the type: at most two are kept
        for _ in range(count if count < 2 else 2 - count % 2):
            operand = Unary(start, operand.end, operator, operand)
        return operand

    def _member(self) -> Node:
        node = self._primary()
        while self._is_next(".", "["):
            if self._take().text == "[":
                key = self._conditional()
                node = Index(node.start, self._expect("]").end, node, key)
                continue
            name = self._name()
            node = (
                self._method(node, name)
                if self._is_next("(")
                else Member(node.start, name.end, node, name.text)
            )
        return node

    def _name(self) -> Token:
        if self._next.kind != "name" or self._next.text in (*_CONSTANTS, "in"):
            raise ExpressionSyntaxError(self._next.start)
        return self._take()

    def _method(self, receiver: Node, name: Token) -> Node:
        arguments, end = self._arguments()
        if name.text not in MACROS or not 2 <= len(arguments) <= (3 if name.text == "map" else 2):
            return Call(receiver.start, end, name.text, (receiver, *arguments))
        variable = arguments[0]
        if not isinstance(variable, Name):
            raise ExpressionSyntaxError(variable.start)
        condition = arguments[1] if len(arguments) == 3 else None
        return Macro(receiver.start, end, name.text, receiver, variable.name, condition, arguments[-1])

    def _arguments(self) -> tuple[tuple[Node, ...], int]:
        self._expect("(")
        return self._items(")")

    def _items(self, closing: str) -> tuple[tuple[Node, ...], int]:
        """Return the expressions up to the closing mark, and its end."""
        items: list[Node] = []
        while not self._is_next(closing):
            items.append(self._conditional())
            if closing == "}":
                self._expect(":")
                items.append(self._conditional())
            # CEL allows a comma behind the last item of a list or map
            if not self._is_next(closing):
                comma = self._expect(",")
                if closing == ")" and self._is_next(closing):
                    raise ExpressionSyntaxError(comma.start)
        return tuple(items), self._take().end

    def _primary(self) -> Node:
        token = self._take()
        match token.kind, token.text:
            case "text" | "number", _:
                return Literal(token.start, token.end, token.value)
            case "name", word if word in _CONSTANTS:
                return Literal(token.start, token.end, _CONSTANTS[word])
            case "name", word if word != "in":
                return self._call(token) if self._is_next("(") else Name(token.start, token.end, word)
            case "mark", "(":
                inner = self._conditional()
                self._expect(")")
                return inner
            case "mark", "[":
                items, end = self._items("]")
                return ListLiteral(token.start, end, items)
            case "mark", "{":
                items, end = self._items("}")
                return MapLiteral(token.start, end, items)
        raise ExpressionSyntaxError(token.start)

    def _call(self, name: Token) -> Node:
        arguments, end = self._arguments()
        if name.text == "has" and len(arguments) == 1 and isinstance(arguments[0], Member):
            return Has(name.start, end, arguments[0])
        return Call(name.start, end, name.text, arguments)
