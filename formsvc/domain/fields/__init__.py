"""Everything a kind of field is, in one place each: parse, check, display, example, schema.

``FIELD_TYPES`` maps the word a definition writes under ``kind`` to its entry. The web has one widget
and one macro for each of these and nothing else.
"""

from __future__ import annotations

from formsvc.domain.fields.base import FieldKind
from formsvc.domain.fields.choice import Choice, Choices, YesNo
from formsvc.domain.fields.compound import Files, Reference, Rows
from formsvc.domain.fields.dates import DateKind, DateTimeKind
from formsvc.domain.fields.field import Field, Option
from formsvc.domain.fields.identifiers import CreditCode, DocumentNumber, Phone, ResidentId, Url
from formsvc.domain.fields.numbers import DecimalKind, Integer, Money
from formsvc.domain.fields.text import Authority, LongText, Person, Region, Text

_KINDS: tuple[FieldKind, ...] = (
    Text(),
    LongText(),
    Integer(),
    DecimalKind(),
    Money(),
    YesNo(),
    Choice(),
    Choices(),
    DateKind(),
    DateTimeKind(),
    Person(),
    Authority(),
    Region(),
    ResidentId(),
    CreditCode(),
    Phone(),
    Url(),
    DocumentNumber(),
    Reference(),
    Files(),
)

FIELD_TYPES: dict[str, FieldKind] = {kind.name: kind for kind in _KINDS}
FIELD_TYPES["rows"] = Rows(FIELD_TYPES)

__all__ = ["FIELD_TYPES", "Field", "FieldKind", "Option"]
