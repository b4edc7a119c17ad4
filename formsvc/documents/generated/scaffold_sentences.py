"""A skeleton's sentence as template text: fields become tags, clauses of empty fields leave nothing behind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

_SLOT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_CLAUSE_ENDS = re.compile(r"([，；。　])")
_ORDINAL = re.compile(r"^([一二三四五六七八九十]+、)([^，；。：{]*[。：])?")
_SUB_ORDINAL = re.compile(r"^(（[一二三四五六七八九十]+）)([^，；。：{]*[。：])?")
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


class FieldLike(Protocol):
    """What the drafting of a template asks of a field of a definition."""

    @property
    def key(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def required(self) -> object:
        """True, False, or an expression."""

    @property
    def lookup(self) -> str | None: ...

    @property
    def columns(self) -> Sequence[FieldLike] | None: ...


@dataclass(frozen=True)
class Sentence:
    """A paragraph of a template: lead-in and text with tags, and when it is printed at all."""

    text: str
    lead_in: str = ""
    lead_style: str = ""
    condition: str = ""


def sentence(skeleton: str, fields: Mapping[str, FieldLike]) -> Sentence:
    """The template text of one paragraph of a skeleton."""
    keys = _SLOT.findall(skeleton)
    optional = [key for key in keys if key in fields and fields[key].required is not True]
    whole = bool(keys) and len(optional) == len(keys)
    lead, style, rest = _lead_in(skeleton)
    text = _printed(rest, fields) if whole else "".join(_clauses(rest, fields))
    return Sentence(text, lead, style, " or ".join(dict.fromkeys(optional)) if whole else "")


def _lead_in(skeleton: str) -> tuple[str, str, str]:
    for pattern, style in ((_ORDINAL, "LeadIn"), (_SUB_ORDINAL, "SubLeadIn")):
        found = pattern.match(skeleton)
        if found and not _SLOT.search(found.group()):
            return found.group(), style, skeleton[found.end() :]
    return "", "", skeleton


def _clauses(text: str, fields: Mapping[str, FieldLike]) -> list[str]:
    """The clauses one by one, those with nothing but optional fields inside a condition with their mark."""
    pieces = _CLAUSE_ENDS.split(text)
    done: list[str] = []
    mark = ""
    for body, end in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        keys = [key for key in _SLOT.findall(body) if key in fields]
        optional = bool(keys) and all(fields[key].required is not True for key in keys)
        if optional:
            done.append(
                f"{{% if {' or '.join(dict.fromkeys(keys))} %}}{mark}{_printed(body, fields)}{{% endif %}}"
            )
        else:
            done.append(mark + _printed(body, fields))
        mark = end
    return [*done, mark]


def _printed(text: str, fields: Mapping[str, FieldLike]) -> str:
    return _SLOT.sub(lambda found: tag(found.group(1), fields.get(found.group(1))), text)


def tag(key: str, field: FieldLike | None) -> str:
    """How a field is printed within a sentence."""
    kind = field.kind if field else "text"
    if kind in ("choices", "files"):
        return f"{{{{ {key}|joined }}}}"
    if kind == "choice" and field is not None and field.lookup:
        return f"{{{{ {key}_name }}}}"
    if kind == "rows" and field is not None:
        return rows_sentence(key, [column.key for column in field.columns or ()])
    return f"{{{{ {key} }}}}"


def rows_sentence(key: str, columns: Sequence[str], row: str = "r") -> str:
    """Rows within a sentence: 1.…；2.…"""
    pattern, separator = _row_pattern(columns)
    text = pattern.replace("{no}", "{{ loop.index }}")
    text = re.sub(r"\{r\.(\w+)\}", rf"{{{{ {row}.\1 }}}}", text).replace("{% if r.", f"{{% if {row}.")
    return f"{{% for {row} in {key} %}}{text}{{% if not loop.last %}}{separator}{{% endif %}}{{% endfor %}}"


def _row_pattern(columns: Sequence[str]) -> tuple[str, str]:
    for known, wording in _ROW_WORDINGS.items():
        if all(column in columns for column in known):
            return wording
    first, *others = columns or ("no",)
    rest = "，".join(f"{{r.{column}}}" for column in others)
    return f"{{no}}.{{r.{first}}}" + (f"（{rest}）" if rest else ""), "；"
