"""What a message for people must be: a Chinese sentence, without the words of a library."""

from __future__ import annotations

import re

# what people wrote is shown between these, in whatever language it was
_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|《[^》]*》")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# the law that a sentence rests on follows it in brackets
_END = re.compile(r"[。？！](?:（依据：.*）)?$")
_LIBRARY = re.compile(
    r"Traceback|\b\w*(?:Error|Exception)\b|[Ii]nput should|isoformat|\bobject at 0x|NoneType|"
    r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}"
)
_EXPRESSION = re.compile(r"\^\[|\]\*\$|\]\+\$|\(\?[:=!P]|\{\d+,\d*\}")


def library_words(text: str) -> list[str]:
    """Return what in a text a person did not write: names of exceptions, English messages."""
    match = _LIBRARY.search(_QUOTED.sub("“”", text))
    return [f"words of a library ({match.group()}): {text!r}"] if match else []


def sentence_faults(text: str) -> list[str]:
    """Return what keeps a text from being a sentence that a clerk can act on."""
    own = _QUOTED.sub("“”", text)
    found = []
    if not _CHINESE.search(own):
        found.append(f"no Chinese sentence: {text!r}")
    if not _END.search(text.strip()):
        found.append(f"no full stop at the end: {text!r}")
    found += library_words(text)
    if match := _EXPRESSION.search(own):
        found.append(f"a regular expression ({match.group()}): {text!r}")
    return found
