"""Instructions of fields (ECMA-376 part 1, 17.16), joined from their runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from formsvc.docxpdf.opc.xml import Element, W, attribute

_CODE_PARTS = tuple(W + name for name in ("fldSimple", "fldChar", "instrText", "delInstrText", "t"))
_NAME = re.compile(r"\s*(=|[^\s\"\\=]+)")
# a switch is one letter behind a backslash; two backslashes begin a network path
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"?|(\\[A-Za-z*@#!])(?=\s|"|$)|(\S+)')
_SWITCHES_WITH_WORD = frozenset({"\\l", "\\o", "\\t"})


@dataclass
class FieldCode:
    """One field: its instruction and the element that begins it.

    ``nests`` if another field stands within the instruction, ``named_by_field`` if one stands before its name, so that
    the name is what the other prints.
    """

    element: Element
    code: str = ""
    nests: bool = False
    named_by_field: bool = False
    has_result: bool = False
    # its own elements, without its result
    marks: list[Element] = field(default_factory=list)

    @property
    def name(self) -> str:
        found = _NAME.match(self.code)
        return found[1].upper() if found else ""

    def first_word(self) -> str:
        """Return the first argument that is no switch, without quotes."""
        found = _NAME.match(self.code)
        skip = False
        for quoted, switch, plain in _TOKEN.findall(self.code[found.end() :] if found else ""):
            if switch:
                skip = switch.lower() in _SWITCHES_WITH_WORD
            elif skip:
                skip = False
            else:
                return re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        return ""


def field_codes(root: Element) -> Iterator[FieldCode]:
    """Yield the fields of a part, nested ones on their own."""
    if next(root.iter(*_CODE_PARTS[:-1]), None) is None:
        return
    open_fields: list[FieldCode] = []
    for element in root.iter(*_CODE_PARTS):
        if element.tag == f"{W}fldSimple":
            yield FieldCode(element, attribute(element, "instr"), marks=[element])
        elif element.tag == f"{W}fldChar":
            yield from _mark(element, open_fields)
        elif open_fields and not (open_fields[-1].has_result and element.tag == f"{W}t"):
            open_fields[-1].code += element.text or ""
            open_fields[-1].marks.append(element)
        elif element.tag != f"{W}t":
            yield FieldCode(element, element.text or "", marks=[element])
    yield from open_fields


def _mark(element: Element, open_fields: list[FieldCode]) -> Iterator[FieldCode]:
    kind = attribute(element, "fldCharType")
    if kind == "begin":
        if open_fields and not open_fields[-1].has_result:
            open_fields[-1].nests = True
            open_fields[-1].named_by_field |= not open_fields[-1].code.strip()
        open_fields.append(FieldCode(element, marks=[element]))
    elif kind == "separate" and open_fields:
        open_fields[-1].has_result = True
        open_fields[-1].marks.append(element)
    elif kind == "end" and open_fields:
        open_fields[-1].marks.append(element)
        yield open_fields.pop()
