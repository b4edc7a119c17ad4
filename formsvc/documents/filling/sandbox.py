"""Sandbox of Word templates: plain values in, plain text out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from formsvc.documents.filling.bounded_filters import BOUNDED_FILTERS
from formsvc.documents.filling.bounded_nodes import COUNTERS, add_counters
from formsvc.documents.filling.budget import (
    MACRO_TURNS,
    SHORT_TEXT,
    BudgetExceeded,
    check_size,
    current_budget,
)
from formsvc.documents.filling.row_filters import ROW_FILTERS
from formsvc.documents.filling.template_names import MissingName
from formsvc.docxpdf.opc.xml import strip_control_characters
from formsvc.domain.chinese import capital_amount, chinese_date, clause_of
from formsvc.domain.fields.base import RULE
from formsvc.limits import process_limits

LOOP_ATTRIBUTES = frozenset(
    [
        "index",
        "index0",
        "revindex",
        "revindex0",
        "first",
        "last",
        "length",
        "depth",
        "depth0",
        "previtem",
        "nextitem",
        "cycle",
        "changed",
    ]
)
_JINJA_FILTERS = ("length", "first", "last", "default", "trim", "join", "replace", "upper", "int", "count")

# Statements that would reach other templates or print values as markup.
_FORBIDDEN = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
    nodes.EvalContextModifier,
)

# Braces of a value travel as two of Unicode's noncharacters, so that no later pass can take them for a tag.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_HIDE_BRACES = str.maketrans({"{": _OPEN, "}": _CLOSE})
_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f{}\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]*")
_LINE_ENDS = re.compile(r"\r\n?|\v|\x85|\u2028|\u2029")


class NamedUndefined(StrictUndefined):
    """Undefined that refuses every use and keeps the name."""

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, exc)
        if exc is UndefinedError:
            self._undefined_exception = partial(_missing_name, name, obj)  # type: ignore[assignment]


def _missing_name(name: str | None, owner: Any, message: str | None) -> MissingName:
    return MissingName(message, name or "", None if owner is missing else owner)


class WordSandbox(ImmutableSandboxedEnvironment):
    """Strict, autoescaping environment with filters of its own."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            autoescape=True,
            undefined=NamedUndefined,
            finalize=format_value,
            keep_trailing_newline=True,
            # templates are compiled from strings, which Jinja does not cache
            cache_size=0,
        )
        self.globals = {"range": limited_range}
        self.filters = {name: FILTERS[name] for name in _JINJA_FILTERS} | dict(OWN_FILTERS)
        self.filters |= {**BOUNDED_FILTERS, **COUNTERS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            root = super()._parse(source, name, filename)
        except RecursionError:
            raise TemplateSyntaxError("forbidden nesting", 1, name, filename) from None
        for node in root.find_all(_FORBIDDEN):
            word = "autoescape" if isinstance(node, nodes.EvalContextModifier) else "include"
            raise TemplateSyntaxError(f"forbidden {word}", node.lineno, name, filename)
        for loop in root.find_all(nodes.For):
            # it would run over lists that no counter sees
            if loop.recursive:
                raise TemplateSyntaxError("forbidden recursive", loop.lineno, name, filename)
        return root

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        return super()._generate(add_counters(source, self), name, filename, defer_init)

    def is_safe_attribute(self, owner: Any, attr: str, value: Any) -> bool:
        # str.format reaches attributes of its arguments past the sandbox
        if attr.startswith("_") or attr in ("format", "format_map"):
            return False
        return super().is_safe_attribute(owner, attr, value)

    def is_safe_callable(self, owner: Any) -> bool:
        if isinstance(owner, LoopContext | Macro) or owner is limited_range:
            return True
        return isinstance(getattr(owner, "__self__", None), LoopContext) and owner.__name__ in (
            "cycle",
            "changed",
        )

    def call(self, context: Context, owner: Any, /, *args: Any, **kwargs: Any) -> Any:
        if isinstance(owner, Undefined):
            owner._fail_with_undefined_error()
        # a macro may call itself
        current_budget().spend_turns(MACRO_TURNS)
        return super().call(context, owner, *args, **kwargs)

    def getattr(self, owner: Any, attribute: str) -> Any:
        """Return a column of a row or an attribute of a loop, never one of Python."""
        if type(owner) is dict and attribute in owner and attribute[:1] != "_":
            return owner[attribute]
        if isinstance(owner, Undefined):
            owner._fail_with_undefined_error()
        if isinstance(owner, Mapping) and not attribute.startswith("_"):
            return owner[attribute] if attribute in owner else self.undefined(obj=owner, name=attribute)
        if isinstance(owner, LoopContext) and attribute in LOOP_ATTRIBUTES:
            return getattr(owner, attribute)
        return self.unsafe_undefined(owner, attribute)

    def getitem(self, owner: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(owner, argument)
        if isinstance(owner, list | tuple | str) and isinstance(argument, int | slice):
            try:
                return owner[argument]
            except IndexError:
                return self.undefined(obj=owner, name=str(argument))
        return super().getitem(owner, argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Allow arithmetic on numbers only, and texts and lists to be joined."""
        for side in (left, right):
            check_size(side)
        # "x" * 10**9 or "%s" % … would fill the memory
        numbers = all(isinstance(side, int | float) for side in (left, right))
        if operator != "+" and not numbers:
            raise SecurityError(f"operator {operator}")
        if operator == "**" and (abs(left) > 1000 or abs(right) > 10):
            raise SecurityError(f"operator {operator}")
        return check_size(super().call_binop(context, operator, left, right))


def limited_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > process_limits().template_range:
        raise BudgetExceeded("range")
    return numbers


def format_value(value: Any) -> Any:
    printed = escape_braces(value) if type(value) is str else _format_other_value(value)
    # shorter ones are counted with the turn of their loop
    if len(printed) > SHORT_TEXT:
        current_budget().spend_characters(len(printed))
    return printed


def _format_other_value(value: Any) -> Any:
    if isinstance(value, Undefined):
        return str(value)
    if value is None:
        return ""
    if value is True:
        return "是"
    if value is False:
        return "否"
    if isinstance(value, str):
        return escape_braces(value)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return escape_braces(join_values(value))
    # pictures, subdocuments and docxtpl's RichText; no tag can make one
    if hasattr(type(value), "__html__"):
        return escape_braces(Markup(value.__html__()))
    raise TemplateRuntimeError(f"unprintable {type(value).__name__}")


def escape_braces(value: str) -> str:
    """Return printable text whose braces no later pass takes for a tag.

    Text that the environment escaped itself (constants, macros) stays escaped.
    """
    if isinstance(value, Markup):
        # a search is a hundred times faster than a translation
        if "{" not in value and "}" not in value:
            return value
        return Markup(str(value).translate(_HIDE_BRACES))
    if _PLAIN.fullmatch(value):
        return value
    return strip_control_characters(_LINE_ENDS.sub("\n", value)).translate(_HIDE_BRACES)


def restore_braces(xml: str) -> str:
    return xml.replace(_OPEN, "{").replace(_CLOSE, "}")


def join_values(values: Any, sep: str = "、") -> str:
    """Return the texts of a list joined; an empty list is empty."""
    if values is None or values == "":
        return ""
    if isinstance(values, str):
        return values
    if any(isinstance(value, Mapping | list) for value in values):
        raise TemplateRuntimeError("unprintable rows")
    return sep.join("" if value is None else str(value) for value in values)


def format_chinese_date(value: str) -> str:
    return chinese_date(value) if value and RULE not in value else value or ""


def format_capital_amount(value: str) -> str:
    return capital_amount(value) if value not in (None, "", RULE) else value or ""


def format_clause(value: Any) -> Any:
    """Return a text as part of a sentence: on one line, without final stop.

    What a clerk typed as a sentence of its own may stand before ；or 。of the template.
    """
    return clause_of(value) if isinstance(value, str) else value


OWN_FILTERS: Mapping[str, Callable[..., Any]] = {
    "joined": join_values,
    "chinese_date": format_chinese_date,
    "capital_amount": format_capital_amount,
    "clause": format_clause,
    **ROW_FILTERS,
}
FILTER_NAMES = frozenset(_JINJA_FILTERS) | frozenset(OWN_FILTERS)
