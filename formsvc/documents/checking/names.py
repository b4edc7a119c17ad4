"""Check of the names in a template: fields, columns, filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import nodes

from formsvc.documents.checking.comparisons import Side, ValueType, comparison_faults, constants_of
from formsvc.documents.checking.name_types import ANY, COUNT, LIST, LOOP, ONE, NameType
from formsvc.documents.filling.row_filters import LARGEST_MM, SMALLEST_MM
from formsvc.documents.filling.sandbox import FILTER_NAMES, LOOP_ATTRIBUTES, WordSandbox
from formsvc.documents.filling.template_errors import closest_name
from formsvc.documents.templates.foreign_tags import FieldNames
from formsvc.i18n.messages import format_list, join_messages, msg

_SAME_TYPE = frozenset({"default", "trim", "upper", "replace"})
_LENGTHS = frozenset({"length", "count", "count_of"})
_COUNTS = _LENGTHS | {"int"}
_CALLABLE = frozenset({"range"})
# attributes of a loop that are no numbers
_LOOP_VALUES = frozenset({"first", "last", "previtem", "nextitem", "cycle", "changed"})


def _list_of(value: ValueType | None) -> NameType:
    return NameType("list", value=value)


# Filters of a list, or of a column of rows, with the types of their results.
_TOTALS: Mapping[str, Callable[[ValueType | None], NameType]] = {
    "sum_of": lambda _value: COUNT,
    "count_of": lambda _value: COUNT,
    "distinct": _list_of,
}


@dataclass
class NameChecker:
    """Walk over a parsed template.

    ``faults`` collects line and sentence, ``used_fields`` the names it uses, ``printed_fields`` the fields of which it
    prints something. Without ``names`` every name is taken for known.
    """

    names: Mapping[str, NameType] | None
    sandbox: WordSandbox
    suggestions: FieldNames = field(default_factory=FieldNames)
    faults: list[tuple[int, str]] = field(default_factory=list)
    used_fields: set[str] = field(default_factory=set)
    printed_fields: set[str] = field(default_factory=set)

    def check_template(self, root: nodes.Template) -> None:
        self._body(root.body, dict(self.names or {}))

    def _report(self, node: nodes.Node, sentence: str) -> None:
        self.faults.append((node.lineno, sentence))

    def _body(self, statements: Iterable[nodes.Node], scope: dict[str, NameType]) -> None:
        for statement in statements:
            self._statement(statement, scope)

    def _statement(self, node: nodes.Node, scope: dict[str, NameType]) -> None:
        if isinstance(node, nodes.Output):
            self._output(node, scope)
        elif isinstance(node, nodes.For):
            self._loop(node, scope)
        elif isinstance(node, nodes.If):
            self.infer(node.test, scope)
            for branch in (node.body, node.elif_, node.else_):
                self._body(branch, scope)
        elif isinstance(node, nodes.Assign):
            self._bind(node.target, self.infer(node.node, scope).of(_fields_in(node.node, scope)), scope)
        elif isinstance(node, nodes.Macro):
            scope[node.name] = ANY
            self._body(node.body, {**scope, **{argument.name: ANY for argument in node.args}})
        else:
            self._body(node.iter_child_nodes(), dict(scope))

    def _output(self, node: nodes.Output, scope: dict[str, NameType]) -> None:
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData):
                continue
            meaning = self.infer(part, scope)
            self.printed_fields |= _fields_in(part, scope)
            if meaning.kind in ("rows", "row"):
                what = msg("一张多行的表") if meaning.kind == "rows" else msg("表里的一整行")
                self._report(
                    part, msg("是{what}，不能当作文字打印。请用“for”逐行打印，或者写明要哪一列。", what=what)
                )

    def _loop(self, node: nodes.For, scope: dict[str, NameType]) -> None:
        over = self.infer(node.iter, scope)
        element = over.element().of(_fields_in(node.iter, scope))
        if over.kind == "one":
            self._report(node, msg("不是多行的表，也不是多选，不能用“for”逐项打印。"))
        inner = {**scope, "loop": LOOP}
        self._bind(node.target, element, inner)
        if node.test is not None:
            self.infer(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, scope)

    def _bind(self, target: nodes.Node, meaning: NameType, scope: dict[str, NameType]) -> None:
        for name in target.find_all(nodes.Name) if not isinstance(target, nodes.Name) else [target]:
            scope[name.name] = meaning if isinstance(target, nodes.Name) else ANY.of(meaning.fields)

    def infer(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        """Return the type of an expression; report faults within it."""
        for kind, way in self._handlers():
            if isinstance(node, kind):
                return way(node, scope)
        for child in node.iter_child_nodes():
            self.infer(child, scope)
        return ANY if isinstance(node, nodes.CondExpr | nodes.Or | nodes.And) else ONE

    def _handlers(
        self,
    ) -> Iterator[tuple[type[nodes.Node], Callable[[nodes.Node, Mapping[str, NameType]], NameType]]]:
        yield nodes.Name, self._name
        yield nodes.Getattr, self._member
        yield nodes.Getitem, self._member
        yield nodes.Filter, self._filter
        yield nodes.Test, self._test
        yield nodes.Call, self._call
        yield nodes.Compare, self._compare
        yield nodes.List, self._list
        yield nodes.Tuple, self._list

    def _name(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        assert isinstance(node, nodes.Name)
        if self.names is not None and node.name in self.names:
            self.used_fields.add(node.name)
        if node.name in scope:
            return scope[node.name]
        if self.names is not None and node.name not in _CALLABLE:
            meant = closest_name(node.name, scope) or self.suggestions.nearest(node.name)
            self._report(
                node,
                join_messages(
                    msg("“{name}”不是这个表单的字段。", name=node.name),
                    _suggestion(meant, msg("请改正，或在表单定义里补上这个字段。")),
                ),
            )
        return ANY

    def _member(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        assert isinstance(node, nodes.Getattr | nodes.Getitem)
        owner = self.infer(node.node, scope)
        if isinstance(node, nodes.Getattr):
            return self._attribute(node, owner, node.attr)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._attribute(node, owner, node.arg.value)
        self.infer(node.arg, scope)
        return owner.element()

    def _attribute(self, node: nodes.Node, owner: NameType, name: str) -> NameType:
        if owner.kind == "row" and name not in owner.cells:
            meant = closest_name(name, owner.cells)
            self._report(
                node,
                join_messages(
                    msg("“{name}”不是这张表的列。", name=name),
                    _suggestion(meant, msg("请改正，或在表单定义里补上这一列。")),
                ),
            )
        elif owner.kind == "loop" and name not in LOOP_ATTRIBUTES:
            self._report(
                node, msg("循环没有“{name}”，可用的如 loop.index、loop.first、loop.last。", name=name)
            )
        elif owner.kind == "rows":
            self._report(node, msg("“{name}”前面的是多行的表。请先用“for”取出一行，再取它的列。", name=name))
        elif owner.kind in ("one", "list", "picture"):
            self._report(
                node, msg("“.{name}”的前面不是表里的行，没有下一级的内容。请删去“.{name}”。", name=name)
            )
        if owner.kind == "row":
            return owner.cells.get(name, ONE)
        return {"any": ANY, "loop": COUNT if name not in _LOOP_VALUES else ANY}.get(owner.kind, ONE)

    def _filter(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        assert isinstance(node, nodes.Filter)
        value = self.infer(node.node, scope) if node.node is not None else ANY
        for argument in node.args:
            self.infer(argument, scope)
        if node.name not in FILTER_NAMES:
            meant = closest_name(node.name, FILTER_NAMES)
            usable = msg("可用的有：{names}。", names=format_list(sorted(FILTER_NAMES)))
            self._report(
                node,
                join_messages(msg("没有“{name}”这个过滤器。", name=node.name), _suggestion(meant, usable)),
            )
            return ANY
        return self._filtered(node, value)

    def _filtered(self, node: nodes.Filter, value: NameType) -> NameType:
        if node.name == "fit" or value.kind == "picture":
            return self._fitted(node, value)
        if node.name == "pairs":
            if value.kind not in ("rows", "any"):
                self._report(node, msg("“pairs”只能用于照片和多行的表。"))
            row = value.element()
            return NameType("rows", {"left": row, "right": row}) if value.kind == "rows" else ANY
        if (
            node.name in ("where", "pluck", "row_of")
            or node.name in _TOTALS
            and (node.args or value.kind == "rows")
        ):
            return self._column(node, value)
        if node.name in _TOTALS:
            return _TOTALS[node.name](value.value)
        if node.name in ("first", "last"):
            return value.element() if value.kind in ("rows", "list") else value
        if node.name in ("joined", "join") and value.kind == "rows":
            self._report(node, msg("“{name}”不能用于多行的表。请先用 pluck 取出一列。", name=node.name))
        if node.name in _COUNTS:
            return COUNT
        return value if node.name in _SAME_TYPE else ONE

    def _column(self, node: nodes.Filter, value: NameType) -> NameType:
        """Return the type of rows filtered by a column, or of the column."""
        key, *wanted = node.args or [nodes.Const("")]
        cell = ONE
        if value.kind == "rows" and isinstance(key, nodes.Const):
            cell = self._attribute(node, NameType("row", value.cells), str(key.value))
            for constant in wanted:
                for sentence in comparison_faults(Side(cell.value), "eq", Side(None, constants_of(constant))):
                    self._report(node, sentence)
        elif value.kind in ("one", "list"):
            self._report(node, msg("“{name}”只能用于多行的表。", name=node.name))
        if node.name == "where":
            return value
        if node.name == "row_of":
            return value.element()
        return _TOTALS.get(node.name, _list_of)(cell.value)

    def _fitted(self, node: nodes.Filter, value: NameType) -> NameType:
        """Return the type of a picture made to fit a box."""
        if node.name != "fit":
            self._report(node, msg("照片和签名只能用过滤器 fit，如“picture|fit(70, 50)”。"))
        elif value.kind not in ("picture", "any"):
            self._report(node, msg("“fit”只能用于照片和签名，如“photo.picture|fit(70, 50)”。"))
        sides = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        if node.name == "fit" and not (
            len(sides) == len(node.args) == 2
            and all(type(side) in (int, float) and SMALLEST_MM <= side <= LARGEST_MM for side in sides)
        ):
            sentence = msg(
                "“fit”要写宽和高各多少毫米（{least}至{most}），如“fit(70, 50)”。",
                least=SMALLEST_MM,
                most=LARGEST_MM,
            )
            self._report(node, sentence)
        return value

    def _compare(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        assert isinstance(node, nodes.Compare)
        left = self._side(node.expr, scope)
        for operand in node.ops:
            right = self._side(operand.expr, scope)
            for sentence in comparison_faults(left, operand.op, right):
                self._report(node, sentence)
            left = right
        return ONE

    def _side(self, node: nodes.Expr, scope: Mapping[str, NameType]) -> Side:
        meaning = self.infer(node, scope)
        is_value = meaning.kind in ("one", "list")
        return Side(meaning.value if is_value else None, constants_of(node))

    def _test(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        assert isinstance(node, nodes.Test)
        self.infer(node.node, scope)
        for argument in node.args:
            self.infer(argument, scope)
        if node.name not in self.sandbox.tests:
            self._report(node, msg("没有“is {name}”这个判断。", name=node.name))
        return ONE

    def _call(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        assert isinstance(node, nodes.Call)
        for argument in node.args:
            self.infer(argument, scope)
        called = node.node
        if isinstance(called, nodes.Name):
            if called.name not in _CALLABLE and scope.get(called.name, ONE).kind != "any":
                self._report(
                    node, msg("不能调用“{name}(…)”。标签只能取字段的值，或者用过滤器。", name=called.name)
                )
            return LIST if called.name in _CALLABLE else ANY
        owner = self.infer(called.node, scope) if isinstance(called, nodes.Getattr) else ANY
        if not (
            isinstance(called, nodes.Getattr) and owner.kind == "loop" and called.attr in ("cycle", "changed")
        ):
            self._report(node, msg("标签只能取字段的值，或者用过滤器，不能调用程序。"))
        return ANY

    def _list(self, node: nodes.Node, scope: Mapping[str, NameType]) -> NameType:
        for child in node.iter_child_nodes():
            self.infer(child, scope)
        return ANY


def _suggestion(meant: str, otherwise: str) -> str:
    return msg("是否想写“{meant}”？", meant=meant) if meant else otherwise


def _fields_in(node: nodes.Node, scope: Mapping[str, NameType]) -> frozenset[str]:
    """Return the fields of which an expression shows something.

    What it only counts or tests does not show.
    """
    if isinstance(node, nodes.Name):
        return scope[node.name].fields if node.name in scope else frozenset()
    if (
        isinstance(node, nodes.Compare | nodes.Test)
        or isinstance(node, nodes.Filter)
        and node.name in _LENGTHS
    ):
        return frozenset()
    if isinstance(node, nodes.Getattr):
        # a column of a table, too
        owners = _fields_in(node.node, scope)
        return owners | {f"{owner}.{node.attr}" for owner in owners}
    shown = (node.expr1, node.expr2) if isinstance(node, nodes.CondExpr) else node.iter_child_nodes()
    return frozenset().union(*(_fields_in(child, scope) for child in shown if child is not None))
