"""Field kinds: parsing, checks, display, example and schema of each.

``FIELD_TYPES`` maps the word a definition writes under ``kind`` to its object. The web has one widget and one macro
for each of them.
"""

from __future__ import annotations

from formsvc.domain.fields.base import FieldKind
from formsvc.domain.fields.choice import ChoiceKind, ChoicesKind, YesNoKind
from formsvc.domain.fields.compound import ReferenceKind, RowsKind
from formsvc.domain.fields.dates import DateKind, DateTimeKind, PartialDateKind, TimeKind
from formsvc.domain.fields.field import Field, Option
from formsvc.domain.fields.files import FilesKind, PhotographsKind, SignatureKind
from formsvc.domain.fields.identifiers import (
    CertificateNumberKind,
    CreditCodeKind,
    DocumentNumberKind,
    EmailKind,
    PhoneKind,
    ResidentIdKind,
    UrlKind,
)
from formsvc.domain.fields.numbers import DecimalKind, IntegerKind, MoneyKind
from formsvc.domain.fields.text import (
    AddressKind,
    AuthorityNameKind,
    LongTextKind,
    NoteKind,
    PersonKind,
    RegionKind,
    TextKind,
)

_KINDS: tuple[FieldKind, ...] = (
    TextKind(),
    LongTextKind(),
    IntegerKind(),
    DecimalKind(),
    MoneyKind(),
    YesNoKind(),
    ChoiceKind(),
    ChoicesKind(),
    DateKind(),
    DateTimeKind(),
    TimeKind(),
    PartialDateKind(),
    PersonKind(),
    AuthorityNameKind(),
    RegionKind(),
    AddressKind(),
    ResidentIdKind(),
    CertificateNumberKind(),
    CreditCodeKind(),
    PhoneKind(),
    UrlKind(),
    EmailKind(),
    DocumentNumberKind(),
    ReferenceKind(),
    FilesKind(),
    NoteKind(),
    PhotographsKind(),
    SignatureKind(),
)

FIELD_TYPES: dict[str, FieldKind] = {kind.name: kind for kind in _KINDS}
# A table parses its columns by the kinds in this very mapping.
FIELD_TYPES["rows"] = RowsKind(FIELD_TYPES)

__all__ = ["FIELD_TYPES", "Field", "FieldKind", "Option"]
