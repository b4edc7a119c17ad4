"""Texts of a row's cells, for searches, workbooks and pages."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON, is_empty
from formsvc.i18n.messages import DefinitionText, format_list, join_messages, msg


def text_of_cell(column: Field | None, value: JSON) -> str:
    """Return a value in words: the names of choices, 是 and 否."""
    if column is None or is_empty(value):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    shown = FIELD_TYPES[column.kind].display(column, value)
    for suffix in ("_name", "_date", ""):
        if isinstance(shown.get(suffix), str) and shown[suffix]:
            return str(shown[suffix])
    if isinstance(value, list):
        return "、".join(_item_text(column, item) for item in value)
    return str(value)


def _item_text(column: Field, item: JSON) -> str:
    if isinstance(item, Mapping):
        cells = (text_of_cell(inner, item.get(inner.key)) for inner in column.columns or ())
        return " ".join(cell for cell in cells if cell)
    names = {option.code: option.name for option in column.options}
    return names.get(str(item), str(item))


def translatable_cell(definition: str, column: Field | None, value: JSON) -> str:
    """Return the text of ``text_of_cell`` as pages translate it.

    ``definition`` is the id of the register or form that the column belongs to.
    """
    if column is None or is_empty(value):
        return ""
    if isinstance(value, bool):
        return msg("是") if value else msg("否")
    if isinstance(value, list):
        return format_list(_translatable_item(definition, column, item) for item in value)
    # a document writes the choices of its form into columns of text, too
    return DefinitionText(definition, text_of_cell(column, value))


def _translatable_item(definition: str, column: Field, item: JSON) -> str:
    if not isinstance(item, Mapping):
        return DefinitionText(definition, _item_text(column, item))
    inner = (translatable_cell(definition, c, item.get(c.key)) for c in column.columns or ())
    return join_messages(*inner, separator=" ")
