"""Strict JSON of definitions and answers, with the place of each fault."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping

from formsvc.domain.json_types import JSON
from formsvc.errors import Fault
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits


def max_json_bytes() -> int:
    return process_limits().definition_megabytes * 2**20


# messages of the json module by their beginning; it has no codes
_JSON_FAULTS = {
    "Expecting property name": msg("这里应是带英文双引号的字段名，请检查前面是否多了逗号"),
    "Illegal trailing comma": msg("这里多了一个逗号"),
    "Expecting ',' delimiter": msg("这里缺少英文逗号，或者括号、引号没有成对"),
    "Expecting ':' delimiter": msg("字段名后面缺少英文冒号"),
    "Expecting value": msg("这里缺少内容，请检查逗号、引号是否是英文的"),
    "Unterminated string": msg("引号没有成对"),
    "Invalid control character": msg("文字里有换行或者制表符，换行请写成 \\n"),
    "Invalid \\escape": msg("文字里的反斜杠应写成两个"),
    "Extra data": msg("后面还有多余的内容"),
}


def _json_reason(message: str) -> str:
    return next(
        (reason for start, reason in _JSON_FAULTS.items() if message.startswith(start)),
        msg("请检查逗号、引号和括号"),
    )


def _reject_constant(word: str) -> float:
    raise ValueError(word)


def _finite_float(text: str) -> float:
    # 1e400 is a number in JSON and infinity in Python
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def parse_files(folder: str, files: Mapping[str, bytes]) -> tuple[dict[str, JSON], list[Fault]]:
    """Return the content of the files without faults by name, and all faults."""
    contents: dict[str, JSON] = {}
    faults: list[Fault] = []
    for name, text in files.items():
        content, own_faults = parse_json(text, f"{folder}/{name}.json")
        faults += own_faults
        if not own_faults:
            contents[name] = content
    return contents, faults


def parse_json(content: bytes, shown_as: str) -> tuple[JSON, list[Fault]]:
    """Return the content of a JSON text, or the fault with line and column."""
    # json keeps the last of two equal keys in silence
    doubled: list[str] = []

    def unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        keys: dict[str, JSON] = {}
        for key, value in pairs:
            if key in keys:
                doubled.append(key)
            keys[key] = value
        return keys

    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=unique,
            parse_constant=_reject_constant,
            parse_float=_finite_float,
        )
    except UnicodeDecodeError:
        return None, [Fault(shown_as, "", msg("文件不是 UTF-8 编码。请另存为 UTF-8。"))]
    except json.JSONDecodeError as wrong:
        place = msg("第 {line} 行第 {column} 列", line=wrong.lineno, column=wrong.colno)
        return None, [
            Fault(shown_as, place, msg("不是正确的 JSON，{reason}。", reason=_json_reason(wrong.msg)))
        ]
    except RecursionError:
        return None, [Fault(shown_as, "", msg("JSON 嵌套太深，不能使用。"))]
    except ValueError:
        return None, [Fault(shown_as, "", msg("有不能使用的数字（位数过多，或者 NaN、Infinity）。请改正。"))]
    faults = [
        Fault(shown_as, "", msg("键“{key}”写了两次。请去掉一个。", key=key)) for key in sorted(set(doubled))
    ]
    faults += [
        Fault(shown_as, pointer, msg("含有不能保存的字符（{code}）。请删去。", code=code))
        for pointer, code in _unstorable_characters(value, "")
    ]
    return value, faults


def _unstorable_characters(value: JSON, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield JSON pointer and code of U+0000 and of half a surrogate pair."""
    # a stack of its own: the reader allows deeper nesting than a recursion would
    waiting: list[tuple[str, JSON]] = [(pointer, value)]
    while waiting:
        place, item = waiting.pop()
        if isinstance(item, str):
            # JSON may write both as escapes; neither is text
            bad = next((c for c in item if c == "\0" or "\ud800" <= c <= "\udfff"), None)
            if bad is not None:
                yield place, f"U+{ord(bad):04X}"
        elif isinstance(item, dict):
            waiting += [(f"{place}/{key}", inner) for key, inner in reversed(item.items())]
            waiting += [(place, key) for key in item]
        elif isinstance(item, list):
            waiting += [(f"{place}/{index}", inner) for index, inner in enumerate(item)]
