"""Names, calls and members that an expression uses, read off its tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from formsvc.domain.expressions.syntax import Call, Literal, Macro, Member, Name, Node

# Macros whose result holds elements of the list they run over.
_KEEPING = frozenset({"filter"})
# Place of the argument that names kinds of documents.
_FORM_ARGUMENTS = {"made_from": 1, "count_documents": 0}


@dataclass(frozen=True)
class MemberAccess:
    """``variable.name``; ``source`` is the list a variable runs over."""

    source: str
    name: str


@dataclass(frozen=True)
class ExpressionStructure:
    """Uses of one expression; ``names`` leaves out variables of macros."""

    names: frozenset[str]
    bound_variables: frozenset[str]
    calls: tuple[tuple[str, int], ...]
    members: frozenset[MemberAccess]
    lookups: frozenset[str]
    settings: frozenset[str]
    referred: frozenset[tuple[str, str]]
    forms: frozenset[str]
    macro_nesting: int


def read_structure(tree: Node) -> ExpressionStructure:
    """Return what the tree of an expression uses."""
    nodes = list(tree.walk())
    calls = [node for node in nodes if isinstance(node, Call)]
    return ExpressionStructure(
        names=frozenset(_free_names(tree, frozenset())),
        bound_variables=frozenset(node.variable for node in nodes if isinstance(node, Macro)),
        calls=tuple(_counted_calls(nodes)),
        members=frozenset(_members(tree, {})),
        lookups=frozenset(_first_texts(calls, "lookup")),
        settings=frozenset(_first_texts(calls, "setting")),
        referred=frozenset(_referred_answers(calls)),
        forms=frozenset(_named_forms(calls)),
        macro_nesting=_macro_nesting(tree),
    )


def _free_names(node: Node, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, Name):
        if node.name not in bound:
            yield node.name
    elif isinstance(node, Macro):
        yield from _free_names(node.operand, bound)
        for part in (node.condition, node.body):
            if part is not None:
                yield from _free_names(part, bound | {node.variable})
    else:
        for child in node.children():
            yield from _free_names(child, bound)


def _counted_calls(nodes: list[Node]) -> Iterator[tuple[str, int]]:
    for node in sorted(nodes, key=lambda n: n.start):
        if isinstance(node, Call):
            # a macro in a wrong form is read as a method; its receiver counts as an argument, too
            yield node.name, len(node.arguments)


def _members(node: Node, runs_over: Mapping[str, str]) -> Iterator[MemberAccess]:
    if isinstance(node, Member) and isinstance(node.operand, Name):
        source = runs_over.get(node.operand.name, node.operand.name)
        if source:
            yield MemberAccess(source, node.name)
    if isinstance(node, Macro):
        yield from _members(node.operand, runs_over)
        inner = {**runs_over, node.variable: _list_of(node.operand, runs_over)}
        for part in (node.condition, node.body):
            if part is not None:
                yield from _members(part, inner)
        return
    for child in node.children():
        yield from _members(child, runs_over)


def _list_of(node: Node, runs_over: Mapping[str, str]) -> str:
    """Return the list at the head of ``list.filter(…)``, "" if it is another."""
    while isinstance(node, Macro) and node.name in _KEEPING:
        node = node.operand
    return runs_over.get(node.name, node.name) if isinstance(node, Name) else ""


def _first_texts(calls: list[Call], name: str) -> Iterator[str]:
    for call in calls:
        first = call.arguments[0] if call.arguments else None
        if call.name == name and isinstance(first, Literal) and isinstance(first.value, str):
            yield first.value


def _referred_answers(calls: list[Call]) -> Iterator[tuple[str, str]]:
    """Yield reference field and key of each ``referred(field, "key")``."""
    for call in calls:
        if call.name in ("referred", "answers_of") and len(call.arguments) == 2:
            reference, key = call.arguments
            if isinstance(reference, Name) and isinstance(key, Literal) and isinstance(key.value, str):
                yield reference.name, key.value


def _named_forms(calls: list[Call]) -> Iterator[str]:
    """Yield the kinds that functions count or list, several as T25/T25B."""
    for call in calls:
        place = _FORM_ARGUMENTS.get(call.name)
        argument = call.arguments[place] if place is not None and place < len(call.arguments) else None
        if isinstance(argument, Literal) and isinstance(argument.value, str):
            yield argument.value


def _macro_nesting(node: Node) -> int:
    deepest = 0
    waiting = [(node, 0)]
    while waiting:
        current, depth = waiting.pop()
        inside = depth + isinstance(current, Macro)
        deepest = max(deepest, inside)
        for child in current.children():
            # the list a macro runs over is outside it
            is_list = isinstance(current, Macro) and child is current.operand
            waiting.append((child, depth if is_list else inside))
    return deepest
