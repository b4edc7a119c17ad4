"""Field kinds for identity numbers, telephones and document numbers."""

from __future__ import annotations

from formsvc.domain import identifiers
from formsvc.domain.fields.base import text_of
from formsvc.domain.fields.field import Field
from formsvc.domain.fields.text import TextKind, clean_text
from formsvc.domain.identifiers import credit_codes
from formsvc.domain.json_types import JSON
from formsvc.domain.numbering.document_number import normalise_number
from formsvc.i18n.messages import msg

_ALSO = frozenset({"also"})


def _digits_text(raw: JSON, exact: int) -> str:
    # A spreadsheet keeps 15 significant digits: the last ones of an identity number are lost.
    if isinstance(raw, int | float) and abs(raw) > 10**exact:
        raise ValueError(msg("被电子表格当作数字保存，末几位可能已经失真，请把单元格设为文本后重新填写。"))
    return clean_text(text_of(raw))


class ResidentIdKind(TextKind):
    """Resident identity number (GB 11643)."""

    name = "resident_id"
    title = msg("身份证号")
    properties = _ALSO

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return identifiers.check_resident_id(_digits_text(raw, 15))

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "11010519491231002X"

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "pattern": r"^\d{17}[\dX]$"}


class CertificateNumberKind(TextKind):
    """Number of any certificate of identity, in half width without blanks.

    What a number must look like hangs on the kind of certificate: see the function ``certificate_fault``.
    """

    name = "certificate_number"
    title = msg("证件号码")
    properties = _ALSO
    ceiling = 40

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        number = identifiers.compact(_digits_text(raw, 15))
        if len(number) > self.ceiling:
            raise ValueError(msg("证件号码超过 {limit} 字。", limit=self.ceiling))
        return number or None

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "11010519491231002X"


class CreditCodeKind(TextKind):
    """Unified social credit code (GB 32100)."""

    name = "credit_code"
    title = msg("统一社会信用代码")
    properties = _ALSO

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return identifiers.check_credit_code(_digits_text(raw, 15))

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        """Return the code alone: a reason is for the reviewer."""
        return {"": credit_codes.code_without_reason(value) if isinstance(value, str) else ""}

    def retained(self, field: Field, value: JSON) -> JSON:
        # a reason is free text: it may name a person
        return self.to_expression(field, value)

    def to_expression(self, field: Field, value: JSON) -> JSON:
        # what is computed from it is printed
        return credit_codes.code_without_reason(value) if isinstance(value, str) else value

    def notice(self, field: Field, value: JSON) -> str:
        return credit_codes.code_notice(value) if isinstance(value, str) else ""

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "91350100M000100Y43"

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "minLength": 1, "maxLength": 100}


class PhoneKind(TextKind):
    """Telephone numbers, several of them joined by 、."""

    name = "phone"
    title = msg("电话")
    properties = _ALSO
    ceiling = 100

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        numbers = identifiers.check_phone(_digits_text(raw, 15))
        if len(numbers) > self.ceiling:
            raise ValueError(msg("电话超过 {limit} 字，请只写常用的几个。", limit=self.ceiling))
        return numbers

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "0455-8990001"

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "maxLength": self.ceiling}


class UrlKind(TextKind):
    """Web address."""

    name = "url"
    title = msg("网址")
    properties = _ALSO

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return identifiers.check_url(clean_text(raw))

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "https://example.invalid/gs"

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "format": "uri", "maxLength": 500}


class EmailKind(TextKind):
    """E-mail address."""

    name = "email"
    title = msg("电子邮箱")
    properties = _ALSO
    ceiling = 254

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return identifiers.check_email(clean_text(raw))

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "sifasuo@example.cn"

    def trials(self, field: Field) -> list[JSON]:
        return [None, str(self.example(field)), f"{'a' * 64}@{'b' * 60}.example.cn", *(field.also or ())]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "string", "format": "email", "maxLength": self.ceiling}


class DocumentNumberKind(TextKind):
    """Document number, ours or another office's, with 〔〕 corrected."""

    name = "document_number"
    title = msg("文号")
    properties = _ALSO
    ceiling = 100

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return tidy_number(clean_text(raw))

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "北消安办〔2026〕1号"


def tidy_number(text: str) -> str:
    """Return a document number in its printed form, any other text unchanged."""
    if len(text) > DocumentNumberKind.ceiling:
        raise ValueError(msg("文号超过 {limit} 字。", limit=DocumentNumberKind.ceiling))
    try:
        return normalise_number(text)
    except ValueError:
        return text
