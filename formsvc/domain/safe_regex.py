"""Regular expressions that cannot run away: the linear-time engine behind the expression language."""

from __future__ import annotations

from typing import Any

import cel

from formsvc.i18n.messages import msg

PATTERN_LENGTH_LIMIT = 200
_WHOLE: Any = cel.compile("text.matches(pattern)")


def pattern_error(pattern: str) -> str:
    """Why a pattern cannot be used, as a sentence; empty when it can."""
    if len(pattern) > PATTERN_LENGTH_LIMIT:
        return msg("正则表达式超过 {limit} 个字符。", limit=PATTERN_LENGTH_LIMIT)
    try:
        fullmatch(pattern, "")
    except (RuntimeError, ValueError, TypeError):
        return msg("正则表达式“{given}”不能使用（不支持环视和反向引用）。", given=pattern)
    return ""


def fullmatch(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern."""
    return bool(_WHOLE.execute({"text": text, "pattern": f"^(?:{pattern})$"}))
