"""Sentences of a template, with a tag for each field.

The clause of an empty field prints nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formsvc.documents.generated.scaffold_outline import is_optional, plain_label
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.tables.totals import TOTAL_SUFFIX, total_unit, totalled_columns

_SLOT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_CLAUSE_ENDS = re.compile(r"([，；。　])")
_ORDINAL = re.compile(r"^([一二三四五六七八九十]+、)([^，；。：{]*[。：])?")
_SUB_ORDINAL = re.compile(r"^(（[一二三四五六七八九十]+）)([^，；。：{]*[。：])?")
_LISTS = ("choices", "files")
# rows that the project's own documents word in a fixed way, by the columns they need
_ROW_WORDINGS: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("name", "cert_no"): ("{r.name}（证号{r.cert_no}）", "、"),
    ("name", "title", "area"): ("{no}.{r.name}（{r.title}），分管{r.area}", "；"),
    ("code", "name", "law", "penalty"): ("{no}.{r.name}（{r.law}）", "；"),
    ("group", "code", "result"): ("{r.code_name}：{r.result}", "；"),
    ("desc", "location", "law", "measure", "deadline"): (
        "{no}.{r.desc}（{r.location}），违反{r.law}，应当{r.measure}{% if r.deadline %}，期限：{r.deadline}前（含当日）{% endif %}",
        "；",
    ),
    ("desc", "location", "law"): ("{no}.{r.desc}（{r.location}，违反{r.law}）", "；"),
}


@dataclass(frozen=True)
class Sentence:
    """Paragraph of a template.

    ``condition`` is a Jinja expression, empty if the paragraph is always printed.
    """

    text: str
    lead_in: str = ""
    lead_style: str = ""
    condition: str = ""


def make_sentence(wording: str, fields: Mapping[str, Field]) -> Sentence:
    """Return the template text of one paragraph with ``{key}`` for fields."""
    keys = _SLOT.findall(wording)
    optional = [key for key in keys if key in fields and is_optional(fields[key])]
    may_vanish = bool(keys) and len(optional) == len(keys)
    lead, style, rest = _lead_in(wording)
    text = _fill_slots(rest, fields) if may_vanish else "".join(_clauses(rest, fields))
    return Sentence(text, lead, style, " or ".join(dict.fromkeys(optional)) if may_vanish else "")


def _lead_in(wording: str) -> tuple[str, str, str]:
    for pattern, style in ((_ORDINAL, "LeadIn"), (_SUB_ORDINAL, "SubLeadIn")):
        found = pattern.match(wording)
        if found and not _SLOT.search(found.group()):
            return found.group(), style, wording[found.end() :]
    return "", "", wording


def _clauses(text: str, fields: Mapping[str, Field]) -> list[str]:
    """Return the clauses; one with optional fields alone is conditional."""
    pieces = _CLAUSE_ENDS.split(text)
    clauses: list[str] = []
    mark = ""
    for body, end in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        keys = [key for key in _SLOT.findall(body) if key in fields]
        clause = mark + _fill_slots(body, fields)
        if keys and all(is_optional(fields[key]) for key in keys):
            clause = f"{{% if {' or '.join(dict.fromkeys(keys))} %}}{clause}{{% endif %}}"
        clauses.append(clause)
        mark = end
    return [*clauses, mark]


def _fill_slots(text: str, fields: Mapping[str, Field]) -> str:
    return _SLOT.sub(lambda slot: _tag(slot.group(1), fields.get(slot.group(1))), text)


def _tag(key: str, field: Field | None) -> str:
    if field is not None and field.kind == "rows":
        return rows_loop(field)
    return value_tag(key, field)


def value_tag(key: str, field: Field | None, row: str = "") -> str:
    """Return the tag of a field, or of a column of the row variable ``row``."""
    path = f"{row}.{key}" if row else key
    if field is not None and field.columns:
        return _inner_loop(field, path)
    if field is not None and field.kind == "photographs":
        return f"{{% for p in {path} %}}{{{{ p.picture }}}}{{{{ p.caption }}}}{{% endfor %}}"
    if field is not None and field.kind in _LISTS:
        return f"{{{{ {path}|joined }}}}"
    if field is not None and field.kind == "choice" and field.lookup:
        # the value is a code; its name stands in the lookup
        path += "_name"
    return f"{{{{ {path} }}}}"


def rows_loop(field: Field) -> str:
    """Return the tags that print rows within a sentence, as 1.…；2.… ."""
    columns = list(field.columns or ())
    pattern, separator = _known_wording({column.key for column in columns}) or (_row_wording(columns), "；")
    text = pattern.replace("{no}", "{{ loop.index }}")
    text = re.sub(r"\{r\.(\w+)\}", r"{{ r.\1 }}", text)
    loop = f"{{% for r in {field.key} %}}{text}{{% if not loop.last %}}{separator}{{% endif %}}{{% endfor %}}"
    sums = [
        f"{plain_label(column)}{total_tag(field, column)}{total_unit(column)}"
        for column in totalled_columns(field)
    ]
    return f"{loop}；合计：{'，'.join(sums)}" if sums else loop


def total_tag(field: Field, column: Field) -> str:
    """Return the tag of a column's total."""
    return f"{{{{ {field.key}{TOTAL_SUFFIX}.{column.key} }}}}"


def _inner_loop(field: Field, path: str) -> str:
    """Return the tags that print the rows within a row: 1.…、2.… ."""
    cells = "，".join(value_tag(column.key, column, "s") for column in field.columns or ())
    return f"{{% for s in {path} %}}{{{{ loop.index }}}}.{cells}{{% if not loop.last %}}、{{% endif %}}{{% endfor %}}"


def _known_wording(columns: set[str]) -> tuple[str, str] | None:
    return next((wording for needed, wording in _ROW_WORDINGS.items() if columns.issuperset(needed)), None)


def _row_wording(columns: Sequence[Field]) -> str:
    """Return the wording of rows of any other kind.

    It gives the first column, then the others with their labels.
    """
    first, *others = [c for c in columns if c.key != "no" and not FIELD_TYPES[c.kind].holds_files] or columns
    texts = [f"，{plain_label(column)}：{value_tag(column.key, column, 'r')}" for column in others]
    return f"{{no}}.{value_tag(first.key, first, 'r')}" + "".join(
        f"{{% if r.{column.key} %}}{text}{{% endif %}}" if is_optional(column) else text
        for column, text in zip(others, texts, strict=True)
    )
