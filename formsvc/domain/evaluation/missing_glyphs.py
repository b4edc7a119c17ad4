"""Characters that no font can draw, reported before anything is printed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import Field
from formsvc.errors import Problem
from formsvc.i18n.messages import msg, quote_characters

MissingGlyphs = Callable[[str], Sequence[str]]


def missing_glyph_problems(
    definition: FormDefinition,
    values: Mapping[str, Any],
    computed: Collection[str],
    missing_glyphs: MissingGlyphs,
) -> list[Problem]:
    """Return a problem for each field with a character that no font has."""
    problems = []
    for path, entry, text in _texts(definition, values):
        # Computed fields repeat what was typed elsewhere; one problem is enough.
        missing = missing_glyphs(text) if path not in computed else ()
        if missing:
            problems.append(
                Problem(
                    path,
                    msg(
                        "“{label}”里的{characters}没有字体能显示，印不出来。",
                        label=entry.label,
                        characters=quote_characters(missing),
                    ),
                    msg(
                        "请核对是否输入有误；确是这个字的，请管理员把有这个字的字体放入字体文件夹的 own 目录。"
                    ),
                )
            )
    return problems


def _texts(definition: FormDefinition, values: Mapping[str, Any]) -> Iterator[tuple[str, Field, str]]:
    """Yield each field and cell with all its text."""
    for entry in definition.fields:
        value = values.get(entry.key)
        if entry.columns and isinstance(value, list):
            for index, row in enumerate(value):
                for column in entry.columns:
                    yield f"{entry.key}.{index}.{column.key}", column, _flatten(row.get(column.key))
        else:
            yield entry.key, entry, _flatten(value)


def _flatten(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "".join(_flatten(inner) for inner in value.values())
    return "".join(_flatten(inner) for inner in value) if isinstance(value, list | tuple) else ""
