"""Suggestions for misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from formsvc.i18n.messages import msg


def did_you_mean(word: str, known_words: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return "，是否想写“…”" with the most similar known word, or ""."""
    similar = difflib.get_close_matches(word, list(known_words), n=1, cutoff=cutoff)
    return msg("，是否想写“{word}”", word=similar[0]) if similar else ""
