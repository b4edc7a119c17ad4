"""Text that people typed, as the XML of Word and Excel can hold it."""

from __future__ import annotations

import re

_LINE_BREAKS = dict.fromkeys(map(ord, "\x0b\x0c\x85\u2028\u2029"), "\n")
# outside the characters of XML 1.0
_IMPOSSIBLE = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    r"""Return the text with line breaks as ``\n``, without what XML has not."""
    return _IMPOSSIBLE.sub("", text.translate(_LINE_BREAKS))
