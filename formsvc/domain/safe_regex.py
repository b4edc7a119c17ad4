"""Regular expressions that run in linear time."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from formsvc.i18n.messages import msg
from formsvc.limits import process_limits


def _compile_matcher() -> Any:
    """Return the program that matches ``text`` with ``pattern``.

    Rust's regex engine behind CEL: Python's re could be made to run for hours by a pattern of a definition.
    """
    # the package imports its command line (rich, prompt_toolkit: 380 modules, 0.25 s at the start of every
    # process), which nothing here calls
    sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
    import cel

    return cel.compile("text.matches(pattern)")


_WHOLE = _compile_matcher()


def pattern_error(pattern: str) -> str:
    """Return why a pattern cannot be used, or ""."""
    most = process_limits().pattern_characters
    if len(pattern) > most:
        return msg("正则表达式超过 {limit} 个字符，请写短一些。", limit=most)
    try:
        fullmatch(pattern, "")
    except (RuntimeError, ValueError, TypeError):
        return msg("正则表达式“{given}”不能使用（不支持环视和反向引用）。", given=pattern)
    return ""


def fullmatch(pattern: str, text: str) -> bool:
    return bool(_WHOLE.execute({"text": text, "pattern": f"^(?:{pattern})$"}))


def search(pattern: str, text: str) -> bool:
    """Return whether a pattern that can be used matches anywhere in a text."""
    return bool(_WHOLE.execute({"text": text, "pattern": pattern}))
