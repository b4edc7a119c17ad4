"""Boxes of fixed size in templates, measured with the longest values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from formsvc.documents.checking.contract import CIRCUMSTANCES, example_values
from formsvc.documents.filling.fill import fill
from formsvc.documents.templates.docx_file import WordFile, parse_part
from formsvc.docxpdf.opc.xml import W
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import document_context
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.text import TextKind
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault, FormsvcError
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import DocumentMetadata

_EXACT_ROW = f"{W}trPr/{W}trHeight[@{W}hRule='exact']"
_EXACT_FRAME = f"{W}pPr/{W}framePr[@{W}hRule='exact']"


class FixedBoxes:
    """Measures what the boxes of fixed size of a template have room for."""

    def __init__(self, fonts: Path, cache: Path) -> None:
        self._fonts, self._cache = fonts, cache

    def faults(self, template: bytes, definition: FormDefinition, name: str) -> Iterator[Fault]:
        """Yield a notice for each box that has no room for the longest values."""
        if not _has_fixed_boxes(WordFile.from_bytes(template)):
            return
        # loads the whole layout engine, which few templates need here
        from formsvc.docxpdf import FontCatalog, lay_out_document

        context = widest_context(definition)
        tags = DocumentMetadata(definition.title, "", "", "")
        try:
            word = fill(template, context, tags, printed_answers(definition, context))
            cut = lay_out_document(word, FontCatalog(self._fonts, self._cache)).cut
        except FormsvcError:
            # why it cannot be filled or laid out is a fault of its own
            return
        for place in cut:
            sentence = msg(
                "各项填到最长时，{place}编号时会拒绝。请把固定的高度改成“最小值”，或者在定义里限制字数（max）。",
                place=place,
            )
            yield Fault(name, msg("模板"), sentence, "notice")


def _has_fixed_boxes(word: WordFile) -> bool:
    """Return whether values are printed in a box of fixed size."""
    for part, _label in word.text_parts():
        root = parse_part(word.parts[part])
        rows = (row for row in root.iter(f"{W}tr") if row.find(_EXACT_ROW) is not None)
        frames = (p for p in root.iter(f"{W}p") if p.find(_EXACT_FRAME) is not None)
        for box in (*rows, *frames, *root.iter(f"{W}txbxContent")):
            if "{{" in "".join(str(text) for text in box.itertext(f"{W}t")):
                return True
    return False


def widest_context(definition: FormDefinition) -> Mapping[str, JSON]:
    """Return the template values with each text as long as it may be."""
    values = dict(example_values(definition))
    for field in definition.fields:
        values[field.key] = _longest(field, values.get(field.key))
    return document_context(definition, values, "", CIRCUMSTANCES)


def _longest(field: Field, value: JSON) -> JSON:
    kind = FIELD_TYPES[field.kind]
    if field.kind == "rows" and isinstance(value, list):
        columns = field.columns or ()
        return [
            {**row, **{c.key: _longest(c, row.get(c.key)) for c in columns}}
            for row in value
            if isinstance(row, dict)
        ]
    # a text with a pattern has the length of its example
    if not isinstance(kind, TextKind) or field.pattern or not isinstance(value, str | None) or field.computed:
        return value
    most = int(min(field.max or kind.ceiling, kind.ceiling))
    return (str(value or "") + "长" * most)[:most] if kind.name in ("text", "long_text") else value
