"""Counters compiled into a template: turns of loops, sizes of values.

Their filters have names that no template can write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.runtime import Context
from jinja2.utils import pass_context
from jinja2.visitor import NodeTransformer

from formsvc.documents.filling.budget import SHORT_TEXT, check_size, current_budget

_TURNS, _SIZE, _TEXT = "turns of a loop", "size of a value", "text of a block"


# a filter that takes the context is never computed while the template is compiled
@pass_context
def _count_turns(_context: Context, values: Any, characters: int) -> Any:
    """Return the values of a loop; count its turns and their own text."""
    if not isinstance(values, list | tuple | range | str):
        values = list(values)
    current_budget().spend_turns(len(values), characters)
    return values


@pass_context
def _check_value(_context: Context, value: Any) -> Any:
    return check_size(value)


@pass_context
def _count_text(_context: Context, value: Any, characters: int) -> Any:
    current_budget().spend_characters(characters)
    return value


COUNTERS: Mapping[str, Callable[..., Any]] = {
    _TURNS: _count_turns,
    _SIZE: _check_value,
    _TEXT: _count_text,
}


def add_counters(root: nodes.Template, environment: Environment) -> nodes.Template:
    """Return the template with counters around all that can grow."""
    counted = _Counters().visit(root)
    counted.set_environment(environment)
    assert isinstance(counted, nodes.Template)
    return counted


class _Counters(NodeTransformer):
    """Wraps the iterables of loops, and the values that expressions build."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _filtered(node.iter, _TURNS, _own_text(node.body))
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        return self._counted_block(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        return self._counted_block(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        return _filtered(self.generic_visit(node), _SIZE)

    def visit_List(self, node: nodes.List) -> nodes.Node:
        return _filtered(self.generic_visit(node), _SIZE)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        return _filtered(self.generic_visit(node), _SIZE)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        # names to be bound are no value
        return _filtered(node, _SIZE) if node.ctx == "load" else node

    def _counted_block(self, node: nodes.Macro | nodes.CallBlock) -> nodes.Node:
        self.generic_visit(node)
        marker = _filtered(nodes.Const("", lineno=node.lineno), _TEXT, _own_text(node.body))
        node.body.insert(0, nodes.Output([marker], lineno=node.lineno))
        return node


def _filtered(node: Any, name: str, *arguments: int) -> nodes.Filter:
    constants = [nodes.Const(argument, lineno=node.lineno) for argument in arguments]
    return nodes.Filter(node, name, constants, [], None, None, lineno=node.lineno)


def _own_text(body: Iterable[nodes.Node]) -> int:
    """Return the characters of one turn, without inner loops.

    Each expression counts as a short text.
    """
    count = 0
    for node in body:
        if isinstance(node, nodes.TemplateData):
            count += len(node.data)
        elif isinstance(node, nodes.Expr):
            count += SHORT_TEXT
        elif not isinstance(node, nodes.For | nodes.Macro | nodes.CallBlock):
            count += _own_text(node.iter_child_nodes())
    return count
