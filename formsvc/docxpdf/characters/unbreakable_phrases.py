"""Phrases that stay on one line, such as dates, amounts and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

_CAPITALS = "零壹贰叁肆伍陆柒捌玖拾佰仟万亿"
_UNITS = (
    "个工作日|个自然日|个月|平方米|立方米|平方公里|公里|千米|厘米|毫米|毫安|千克|公斤|小时|分钟|周岁|万元|亿元|千瓦|"
    "年|月|日|号|时|分|秒|元|角|天|周|岁|米|吨|克|升|份|件|人|名|户|个|家|处|项|条|款|次|层|楼|栋|间|室|页|台|具|只|套|"
    "倍|度|村|组|幢|座|张|种|类|批|届|期|亩"
)
_NUMBER = r"[0-9０-９]+(?:[,，][0-9]{3})*(?:\.[0-9]+)?"
_PATTERNS = tuple(
    map(
        re.compile,
        (
            r"[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日(?:[0-9]{1,2}时(?:[0-9]{1,2}分)?)?)?",
            r"(?<![0-9])[0-9]{1,2}月[0-9]{1,2}日",
            r"(?<![0-9])[0-9]{1,2}时[0-9]{1,2}分",
            r"[\u4e00-\u9fff]{0,6}[〔\[][0-9]{4}[〕\]]第?[0-9]+号",
            r"[〔\[][0-9]{4}[〕\]]第?[0-9]+号",
            rf"人民币[{_CAPITALS}]+[元圆](?:[{_CAPITALS}角分]*[角分])?[整正]?",
            rf"[{_CAPITALS}]+[元圆](?:[{_CAPITALS}角分]*[角分])?[整正]?",
            rf"人民币{_NUMBER}[多余]?[万亿]?元",
            rf"[¥￥第]?{_NUMBER}[多余]?[万亿]?(?:{_UNITS}|[%％‰℃])",
            # where a line has too little to space for 第0010号, 第 may stay behind: the number keeps its unit
            rf"(?<=第){_NUMBER}(?:{_UNITS})",
            # a box and the words it stands before
            r"[☐☑☒□■][\u4e00-\u9fff]{1,12}",
        ),
    )
)
# number of an item: it stands before the item's first character or phrase
_ITEM_NUMBER = re.compile(r"(?<![0-9.．])[0-9]{1,2}[.．](?![0-9])")
_NAME = re.compile(r"[㐀-鿿𠀀-\U000323af]{2,4}|[㐀-鿿𠀀-\U000323af]+(?:[·•][㐀-鿿𠀀-\U000323af]+)+")
_BETWEEN = re.compile(r"[、；;\s（）()]+")
# longer answers are prose, in which two to four ideographs between marks are no name
_LONGEST_ANSWER = 200


def collect_names(values: Iterable[Any]) -> frozenset[str]:
    """Return the names among the answers of a form, at any depth.

    A name is two to four ideographs, or longer parts joined by ·; one answer may hold several. An answer with
    anything else in it is prose and gives none.
    """
    names: set[str] = set()
    pending = list(values)
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            words = [w for w in _BETWEEN.split(value) if w] if len(value) <= _LONGEST_ANSWER else []
            if all(_NAME.fullmatch(w) for w in words):
                names.update(words)
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list | tuple):
            pending += value
    return frozenset(names)


class PhraseFinder:
    """Finder of unbreakable phrases, with the names of one document."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        # an alternation takes its first match: the short name must not win over the long one that contains it
        longest_first = sorted(names, key=lambda n: (-len(n), n))
        self._names = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def find_spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return start and end of each phrase, also of phrases within others."""
        patterns = (*_PATTERNS, self._names) if self._names else _PATTERNS
        spans = {match.span() for pattern in patterns for match in pattern.finditer(text)}
        ends: dict[int, int] = {}
        for start, end in spans:
            ends[start] = max(end, ends.get(start, 0))
        for number in _ITEM_NUMBER.finditer(text):
            first = number.end()
            spans.add((number.start(), min(ends.get(first, first + 1), len(text))))
        return list(spans)
