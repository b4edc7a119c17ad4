"""Placeholders of other programs, and brackets that lay people write.

A template that came from poi-tl, easypoi, docxtemplater, Velocity or a mail merge would print their marks on the paper.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from formsvc.documents.templates.tags import TAG_MARK, TemplateTag
from formsvc.i18n.messages import msg

_NAME = r"[A-Za-z_\u4e00-\u9fff][\w.\u4e00-\u9fff]*"
# each pattern's first group is the name within
_MARKED = tuple(
    re.compile(pattern)
    for pattern in (
        r"[$#]!?\{([^{}\n]{1,60})\}",
        r"[<＜]{2}\s*([^<>＜＞\n]{1,60}?)\s*[>＞]{2}",
        r"«\s*([^«»\n]{1,60}?)\s*»",
        r"<%=?\s*([^\n]{1,60}?)\s*%>",
        r"\+\+\+\s*([^+\n]{1,60}?)\s*\+\+\+",
        r"</?#([a-z]+[^<>\n]{0,60})>",
        r"(#(?:foreach|if|elseif|set)\s*\([^()\n]{0,60}\)|#end\b)",
        rf"(?<!\{{)\{{([#/^@%>~!?*+&]?\s*{_NAME}[\w.:\[\]()|,= \u4e00-\u9fff]{{0,40}}?)\s*\}}(?!\}})",
        r"(?<![\w$])\$([A-Za-z_][\w.]*)",
    )
)
_BRACKETED = re.compile(r"\[([^\[\]\n]{1,30})\]|［([^［］\n]{1,30})］|【([^【】\n]{1,30})】")
_CROSSES = re.compile(r"[×╳]{2,}|[Xx]{3,}|X{2}(?=[\u4e00-\u9fff])")
# a box to tick, a note's number, a year
_NO_PLACEHOLDER = re.compile(r"\s*|[xX√✓vV]|[\d\s,，、.\-–—〇零一二三四五六七八九十]+")
# what a form asks for; the last word of a label
_NOUN = re.compile(
    r"(?:文号|编号|字号|甲方|乙方|丙方|当事人|姓名|名称|全称|单位|机关|公司|住所|地址|地点|电话|号码|手机"
    r"|证号|代码|日期|时间|年月日|金额|大写|数量|面积|事由|原因|内容|事项|依据|条款|期限|负责人|代表人"
    r"|联系人|经办人|承办人|职务|标题)$"
)
_LOOP_WORDS = re.compile(
    r"\s*(?:[#/^?]|[!$]?(?:v_)?fe:|in\s|(?:foreach|for|each|list|range|end|endif|endfor|if|else|with)\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’")
_IDENTIFIER = re.compile(r"[A-Za-z]\w*(?:[._]\w+)+", re.ASCII)
_SIMPLE_NAME = re.compile(r"@?[A-Za-z][A-Za-z0-9]{2,}", re.ASCII)
_AUTHORS_BRACES = re.compile(r"\{_[{%]|[}%]_\}")
# inside {{ }}: marks and words with which no expression of ours begins
_FOREIGN_INNER = re.compile(
    r"[#@/?*>^&!~$+{.]|[!$#]?\w*:|in\s+\w+$|(?:else|end|endif|endfor|if|for|each|range|with|foreach)\b(?!\s*[|=.])"
)
_FOREIGN_FILTER = re.compile(r"\|\s*(\w+)\s*:")
_SIMILAR = 0.6


@dataclass(frozen=True)
class FieldNames:
    """Keys of a form's fields by key and by label, to suggest what was meant."""

    keys: Mapping[str, str] = field(default_factory=dict)

    def exact(self, word: str) -> str:
        """Return the key of a field's key or label, or an empty string."""
        return self.keys.get(_plain(word), "")

    def nearest(self, word: str) -> str:
        """Return the key that may be meant, or an empty string."""
        names = [_plain(word), *(_plain(part) for part in re.split(r"[.:\s()\[\]]", word) if part)]
        for name in names:
            if found := self.keys.get(name):
                return found
        close = difflib.get_close_matches(names[0], self.keys, n=1, cutoff=_SIMILAR)
        return self.keys[close[0]] if close else ""

    def written(self, word: str) -> str:
        """Return the tag to write instead of a foreign placeholder."""
        return "{{ " + (self.nearest(word) or msg("字段名")) + " }}"

    @classmethod
    def of_labels(cls, labels: Mapping[str, str]) -> FieldNames:
        """Return the names of fields given as key → label."""
        by_label = {_plain(label): key for key, label in labels.items()}
        short = {_plain(re.sub(r"（.*?）", "", label)): key for key, label in labels.items()}
        return cls({**short, **by_label, **{key: key for key in labels}})


@dataclass(frozen=True)
class Placeholder:
    """A placeholder that would be printed; ``is_certain`` or a guess."""

    source: str
    sentence: str
    is_certain: bool


def find_placeholders(plain: str, names: FieldNames) -> Iterator[Placeholder]:
    """Yield the placeholders in a text whose tags are replaced by marks."""
    text = _AUTHORS_BRACES.sub("", plain)
    for pattern in _MARKED:
        for found in pattern.finditer(text):
            yield Placeholder(found[0], foreign_sentence(found[0], found[1], names), True)
        text = pattern.sub(TAG_MARK, text)
    yield from _bracketed(text, names)
    for found in _CROSSES.finditer(text):
        sentence = msg("“{source}”会照样印出。如果是待填的空，请写成“{{{{ 字段名 }}}}”。", source=found[0])
        yield Placeholder(found[0], sentence, False)


def foreign_sentence(source: str, name: str, names: FieldNames, *, is_tag: bool = False) -> str:
    """Return what to write instead of a placeholder or tag of another program."""
    shown = source.replace(TAG_MARK, "…")
    if _LOOP_WORDS.match(name):
        return msg(
            "“{source}”是别的软件的写法，本系统不认识。重复的行请写成“{{%tr for row in 明细表 %}}……{{%tr endfor %}}”，整段的取舍写成“{{%p if 字段名 %}}……{{%p endif %}}”。",
            source=shown,
        )
    written = names.written(name)
    if is_tag:
        return msg(
            "“{source}”是别的软件的写法，本系统不认识。请写成“{written}”。", source=shown, written=written
        )
    return msg(
        "“{source}”是别的软件的占位符，本系统会照样印出。请写成“{written}”。", source=shown, written=written
    )


def foreign_tag_sentence(tag: TemplateTag, names: FieldNames) -> str:
    """Return what to write instead of another program's tag, or nothing."""
    inner = tag.raw.strip()
    if tag.kind != "{" or names.exact(inner):
        return ""
    if found := _FOREIGN_FILTER.search(_QUOTED.sub("", inner)):
        return msg(
            "“{source}”是别的软件的写法。过滤器的参数请写在括号里，如“|{name}('…')”。",
            source=tag.source,
            name=found[1],
        )
    if not _FOREIGN_INNER.match(inner):
        return ""
    return foreign_sentence(tag.source, inner.lstrip("{"), names, is_tag=True)


def foreign_opening_sentence(opening: str, names: FieldNames) -> str:
    """Return what to write instead of a foreign tag that reaches over cells."""
    inner = opening.removeprefix("{{").strip()
    if opening.startswith("{{") and _FOREIGN_INNER.match(inner):
        return foreign_sentence(opening, inner, names, is_tag=True)
    return ""


def _bracketed(text: str, names: FieldNames) -> Iterator[Placeholder]:
    for found in _BRACKETED.finditer(text):
        word = (found[1] or found[2] or found[3]).strip()
        if _NO_PLACEHOLDER.fullmatch(word) or TAG_MARK in word:
            continue
        certain = bool(names.exact(word)) or bool(_IDENTIFIER.fullmatch(word))
        if not certain and (_NOUN.search(word) or _SIMPLE_NAME.fullmatch(word)):
            certain = _stands_for_value(text[: found.start()], text[found.end() :])
        if certain:
            sentence = msg(
                "“{source}”像是待填的空，系统会照样印出。请写成“{written}”。",
                source=found[0],
                written=names.written(word),
            )
        else:
            sentence = msg(
                "“{source}”会照样印出。如果是待填的空，请写成“{{{{ 字段名 }}}}”。", source=found[0]
            )
        yield Placeholder(found[0], sentence, certain)


def _stands_for_value(before: str, after: str) -> bool:
    """Return whether a bracket is no heading: 甲方：【甲方】, or alone."""
    if before.strip():
        return not before.rstrip().endswith(("。", "；", "！", "？"))
    return not after.strip(" \t　:：,，。、；;")


def _plain(word: str) -> str:
    return re.sub(r"[\s{}$《》“”\"':：]", "", word).lower()
