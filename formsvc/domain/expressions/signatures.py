"""Signatures of all functions: types, result, cost and samples.

One table for the checks of names and arguments, the estimate of costs and the trials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import ANY, BOOL, DAY, DOUBLE, INT, Shape
from formsvc.domain.json_types import JSON
from formsvc.limits import process_limits

TEXT = frozenset({"text"})
# a text that must be a day; literals are looked at
DATE = frozenset({"text", "date"})
LIST = frozenset({"list"})
REFERENCE = frozenset({"map", "text"})
SCALAR = frozenset({"text", "int", "double", "bool"})


@dataclass(frozen=True)
class Signature:
    """Types of a function's arguments and result, and its cost.

    ``parameters`` are CEL's types; an empty answer is accepted besides unless ``standard``. ``cost`` is in steps of the
    interpreter, of which one takes about a microsecond. ``samples`` are arguments that give a result. ``elements`` are the
    types that elements of the first argument may have, ``column`` is the place of the argument that names one of their columns.
    """

    parameters: Sequence[frozenset[str]]
    result: Callable[[Sequence[Shape]], Shape]
    cost: Callable[[Sequence[Shape]], int]
    samples: Sequence[tuple[JSON, ...]] = ()
    standard: bool = False
    least: int | None = field(default=None)
    elements: frozenset[str] | None = None
    column: int | None = None

    @property
    def arity(self) -> tuple[int, int]:
        """Least and most arguments."""
        most = len(self.parameters)
        return (most if self.least is None else self.least, most)


def _gives(shape: Shape) -> Callable[[Sequence[Shape]], Shape]:
    return lambda arguments: shape


def _costs(steps: int) -> Callable[[Sequence[Shape]], int]:
    return lambda arguments: steps


def _per_element(arguments: Sequence[Shape]) -> int:
    """Return steps for each element of the first argument."""
    return 5 + 2 * arguments[0].count


def _per_character(arguments: Sequence[Shape]) -> int:
    return 5 + sum(shape.length for shape in arguments if "text" in shape.kinds) // 100


def _joined_cost(arguments: Sequence[Shape]) -> int:
    """Return steps of joining a list: its elements and the text they make."""
    whole, mark = arguments[0], arguments[1]
    most = process_limits().expression_text_characters
    characters = whole.count * (min(whole.element_shape.length, most) + mark.length)
    return 5 + 2 * whole.count + min(characters, most) // 100


def _joined_shape(arguments: Sequence[Shape]) -> Shape:
    whole, mark = arguments[0], arguments[1]
    # a number in front of each element, as numbered() writes it, has at most 6 characters
    length = whole.count * (_printed_length(whole.element_shape) + mark.length + 6)
    return shapes.text(min(length, process_limits().expression_text_characters), empty=True)


def _printed_length(shape: Shape) -> int:
    return max(shape.length if "text" in shape.kinds else 0, 25)


def _element(arguments: Sequence[Shape]) -> Shape:
    return shapes.optional(arguments[0].element_shape)


def _total(arguments: Sequence[Shape]) -> Shape:
    # the total of nothing is a whole 0, also where decimals are added up
    return Shape(arguments[0].element_shape.kinds & shapes.NUMBERS | {"int"})


def _different(arguments: Sequence[Shape]) -> Shape:
    element = arguments[0].element_shape
    return shapes.list_of(replace(element, kinds=element.kinds - {"null"}), arguments[0].count)


def _day_or_none(arguments: Sequence[Shape]) -> Shape:
    return shapes.optional(DAY)


def _same_text(arguments: Sequence[Shape]) -> Shape:
    return shapes.text(arguments[0].length, empty=True)


def _long_text(arguments: Sequence[Shape]) -> Shape:
    return shapes.text(process_limits().long_text_characters, empty=True)


def _period_cost(arguments: Sequence[Shape]) -> int:
    # days are counted one by one
    return process_limits().period_days


def _made_shape(arguments: Sequence[Shape]) -> Shape:
    part = shapes.text(process_limits().text_characters)
    reference = shapes.map_of({"number": part, "title": part, "date": DAY, "act_id": part})
    return shapes.list_of(reference, process_limits().made_documents)


def _made_rows_shape(arguments: Sequence[Shape]) -> Shape:
    return shapes.list_of(Shape(frozenset({"map"})), process_limits().made_rows)


def _words_cost(arguments: Sequence[Shape]) -> int:
    return 5 + arguments[1].count * (1 + arguments[0].length // 200)


_OPTIONAL_NAME = shapes.text(200, empty=True)
_NO_LOOKUP = _costs(200)
_DAY_SAMPLE = "2026-09-18"
# a document is looked up in the store, once in an evaluation
_DOCUMENT = _costs(500)
_REFERENCE_SAMPLE = {"number": "FAKE〔2026〕1号", "title": "通知", "date": _DAY_SAMPLE, "act_id": ""}

_OWN = {
    "today": Signature((), _gives(DAY), _costs(5), [()]),
    "workdays_after": Signature((DATE, shapes.NUMBERS), _day_or_none, _period_cost, [(_DAY_SAMPLE, 3)]),
    "workdays_between": Signature(
        (DATE, DATE), _gives(shapes.optional(INT)), _period_cost, [(_DAY_SAMPLE, "2026-09-22")]
    ),
    "days_after": Signature((DATE, shapes.NUMBERS), _day_or_none, _costs(10), [(_DAY_SAMPLE, -3)]),
    "rolled": Signature((DATE,), _day_or_none, _costs(100), [(_DAY_SAMPLE,)]),
    "months_after": Signature((DATE, shapes.NUMBERS), _day_or_none, _costs(10), [("2026-08-31", 6)]),
    "date_of": Signature((DATE,), _day_or_none, _costs(5), [("2026-09-18T09:05",)]),
    "year_of": Signature((DATE,), _gives(shapes.optional(INT)), _costs(5), [(_DAY_SAMPLE,), ("2026-11",)]),
    "first_day_of": Signature((TEXT,), _day_or_none, _costs(5), [("2026-11",), (_DAY_SAMPLE,)]),
    "last_day_of": Signature((TEXT,), _day_or_none, _costs(5), [("2026",), (_DAY_SAMPLE,)]),
    "is_working_day": Signature((DATE,), _gives(shapes.optional(BOOL)), _costs(10), [("2026-10-01",)]),
    "text_length": Signature((TEXT,), _gives(INT), _costs(5), [("消防",), (None,)]),
    "is_empty": Signature((shapes.ANY_KINDS,), _gives(BOOL), _costs(5), [("",), (None,), ([],)]),
    "first_of": Signature((LIST,), _element, _per_element, [(["", "甲"],), ([],)]),
    "min_of": Signature((LIST,), _element, _per_element, [(["2026-10-30", None],), ([1, 2.5],)]),
    "max_of": Signature((LIST,), _element, _per_element, [(["2026-10-30", None],), ([1, 2.5],)]),
    "sum_of": Signature(
        (LIST,), _total, _per_element, [([500000, None, 3],), ([1, 2.5],), ([],)], elements=shapes.NUMBERS
    ),
    "count_of": Signature((LIST,), _gives(INT), _per_element, [(["甲", None, ""],), ([],)]),
    "distinct": Signature((LIST,), _different, _per_element, [(["甲", "乙", "甲"],)], elements=SCALAR),
    "row_of": Signature(
        (LIST, TEXT, SCALAR),
        _element,
        _per_element,
        [([{"no": 1}, {"no": 2}], "no", 2), ([], "no", 2)],
        elements=frozenset({"map"}),
        column=1,
    ),
    "joined": Signature((LIST, TEXT), _joined_shape, _joined_cost, [(["甲", 2, None], "、"), ([], "、")]),
    "numbered": Signature((LIST, TEXT), _joined_shape, _joined_cost, [(["甲", "乙"], "；")]),
    "clause": Signature((TEXT,), _same_text, _per_character, [("甲；",), ("",)]),
    "capital_amount": Signature(
        (shapes.NUMBERS,), _gives(shapes.text(60, empty=True)), _costs(50), [(500000,)]
    ),
    "chinese_date": Signature((DATE,), _gives(shapes.text(20, empty=True)), _costs(20), [(_DAY_SAMPLE,)]),
    "long_date": Signature((DATE,), _gives(shapes.text(20, empty=True)), _costs(20), [(_DAY_SAMPLE,)]),
    "lookup": Signature((TEXT, TEXT, TEXT), _gives(ANY), _costs(10), [("violations", "V04", "law")]),
    "setting": Signature((TEXT,), _gives(ANY), _costs(50), [("recheck_workdays",)]),
    "referred": Signature((REFERENCE, TEXT), _gives(ANY), _DOCUMENT, [(None, "what")]),
    "answers_of": Signature((REFERENCE, TEXT), _gives(ANY), _DOCUMENT, [(_REFERENCE_SAMPLE, "what")]),
    "served_on": Signature((REFERENCE,), _day_or_none, _DOCUMENT, [(_REFERENCE_SAMPLE,)]),
    "state_of": Signature((REFERENCE,), _gives(_OPTIONAL_NAME), _DOCUMENT, [(_REFERENCE_SAMPLE,)]),
    "is_outside": Signature((REFERENCE,), _gives(shapes.optional(BOOL)), _DOCUMENT, [(_REFERENCE_SAMPLE,)]),
    "made_from": Signature(
        (REFERENCE, TEXT),
        _made_shape,
        _costs(2000),
        [(_REFERENCE_SAMPLE, "NOTICE")],
    ),
    "made_rows": Signature(
        (REFERENCE, TEXT, TEXT),
        _made_rows_shape,
        _costs(50),
        [(_REFERENCE_SAMPLE, "NOTICE", "items")],
    ),
    "count_documents": Signature(
        (TEXT, TEXT, frozenset({"int"}), TEXT),
        _gives(shapes.optional(INT)),
        _costs(2000),
        [("NOTICE", "某商店（虚构）", 2026), ("NOTICE", "某商店（虚构）", 2026, "某大队")],
        least=3,
    ),
    "authority_sentence": Signature(
        (TEXT, TEXT, REFERENCE, TEXT), _long_text, _NO_LOOKUP, [("M0", "某镇", None, None)]
    ),
    "remedy_text": Signature((TEXT, TEXT, TEXT), _long_text, _NO_LOOKUP, [("R3", "甲", "乙")]),
    "review_organ_of": Signature((TEXT,), _gives(_OPTIONAL_NAME), _NO_LOOKUP, [("某镇",)]),
    "authority_part": Signature((TEXT, TEXT), _gives(_OPTIONAL_NAME), _NO_LOOKUP, [("某镇", "head")]),
    "last_answer": Signature((TEXT, TEXT), _gives(_OPTIONAL_NAME), _costs(2000), [("某镇", "approver")]),
    "court_of": Signature((TEXT,), _gives(_OPTIONAL_NAME), _NO_LOOKUP, [("某镇",)]),
    "certificate_fault": Signature(
        (TEXT, TEXT), _gives(_OPTIONAL_NAME), _costs(500), [("护照", "E12345678"), (None, None)]
    ),
    "joined_provisions": Signature(
        (LIST,),
        _long_text,
        lambda arguments: 20 + 50 * arguments[0].count,
        [(["《中华人民共和国消防法》第二十八条", None],), ([],)],
    ),
    "contains_any": Signature(
        (TEXT | LIST, LIST), _gives(BOOL), _words_cost, [("临时查封", ["查封"]), (None, None)]
    ),
}

_STANDARD = {
    "size": Signature((TEXT | LIST | {"map"},), _gives(INT), _costs(5), [("a",), ([],)], standard=True),
    "contains": Signature((TEXT | LIST, SCALAR), _gives(BOOL), _per_character, [("ab", "a")], standard=True),
    "startsWith": Signature((TEXT, TEXT), _gives(BOOL), _costs(5), [("ab", "a")], standard=True),
    "endsWith": Signature((TEXT, TEXT), _gives(BOOL), _costs(5), [("ab", "b")], standard=True),
    "matches": Signature((TEXT, TEXT), _gives(BOOL), _per_character, [("ab", "a.")], standard=True),
    "int": Signature((TEXT | shapes.NUMBERS,), _gives(INT), _costs(5), [("5",), (5.9,)], standard=True),
    "double": Signature((TEXT | shapes.NUMBERS,), _gives(DOUBLE), _costs(5), [("5",), (5,)], standard=True),
    "string": Signature(
        (TEXT | shapes.NUMBERS,),
        lambda arguments: shapes.text(max(arguments[0].length, 330)),
        _costs(5),
        [(5,), (1e-7,), ("a",)],
        standard=True,
    ),
}

SIGNATURES: Mapping[str, Signature] = MappingProxyType({**_OWN, **_STANDARD})
OWN_FUNCTIONS = frozenset(_OWN)
