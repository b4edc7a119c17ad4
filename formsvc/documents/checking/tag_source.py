"""Jinja source of a part's tags, a line a tag, without broken ones.

A broken tag must not hide the faults of the others, so each is parsed by itself first, and what is left is put together
with every block closed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from jinja2 import TemplateSyntaxError, nodes

from formsvc.documents.filling.sandbox import WordSandbox
from formsvc.documents.filling.template_errors import syntax_sentence
from formsvc.documents.templates.tags import TemplateTag
from formsvc.i18n.messages import msg

_END_OF = {
    "if": "{% endif %}",
    "for": "{% endfor %}",
    "macro": "{% endmacro %}",
    "call": "{% endcall %}",
    "set": "{% endset %}",
    "filter": "{% endfilter %}",
}
_START_OF = {
    "endif": "{% if 1 %}",
    "endfor": "{% for x in () %}",
    "endmacro": "{% macro m() %}",
    "endcall": "{% call m() %}",
    "endset": "{% set x %}",
    "endfilter": "{% filter upper %}",
    "elif": "{% if 1 %}",
    "else": "{% if 1 %}",
}
# docxtpl's own statements: an expression, or nothing behind the word
_EXPRESSION_WORDS, _BARE_WORDS = ("colspan", "cellbg"), ("hm", "vm")
_LOOP_NAMES = re.compile(r"for\s+(\w+(?:\s*,\s*\w+)*)")
_MOST_FAULTS = 200


@dataclass
class ParsedTags:
    """Template of the sound tags, and the others with their sentence."""

    root: nodes.Template
    faults: list[tuple[TemplateTag, str]] = field(default_factory=list)


def first_word(tag: TemplateTag) -> str:
    return tag.inner.partition(" ")[0]


def parse_tags(
    tags: Sequence[TemplateTag], known_faulty: Sequence[TemplateTag], env: WordSandbox
) -> ParsedTags:
    """Parse the tags of one part; ``known_faulty`` are left out in silence.

    Line n of the result is tag n, counted from 1.
    """
    faulty = {index for index, tag in enumerate(tags) if any(tag is one for one in known_faulty)}
    faults: list[tuple[TemplateTag, str]] = []
    for index, tag in enumerate(tags):
        if index not in faulty and (sentence := _own_fault(tag, env)):
            faulty.add(index)
            faults.append((tag, sentence))
    # what is wrong only together, such as a second else
    for _ in range(_MOST_FAULTS):
        try:
            return ParsedTags(env.parse(_joined(tags, faulty)), faults)
        except TemplateSyntaxError as error:
            index = min(max(error.lineno, 1), len(tags)) - 1
            if index in faulty:
                break
            faulty.add(index)
            faults.append((tags[index], _sentence(error)))
    return ParsedTags(env.parse(""), faults)


def _own_fault(tag: TemplateTag, env: WordSandbox) -> str:
    try:
        env.parse(_alone(tag))
    except TemplateSyntaxError as error:
        return _sentence(error)
    return ""


def _sentence(error: TemplateSyntaxError) -> str:
    return msg("{reason}。请改正。", reason=syntax_sentence(error))


def _alone(tag: TemplateTag) -> str:
    """Return a source in which the tag stands in the context it needs."""
    word, text = first_word(tag), _written(tag)
    if tag.kind != "%" or word in _EXPRESSION_WORDS:
        return text
    if word in ("elif", "else"):
        return _START_OF[word] + text + _END_OF["if"]
    if word in _START_OF:
        return _START_OF[word] + text
    if word in _END_OF and not _is_assignment(tag):
        return text + _END_OF[word]
    return text


def _written(tag: TemplateTag) -> str:
    word = first_word(tag)
    if tag.kind == "#" or tag.kind == "%" and tag.inner in _BARE_WORDS:
        return ""
    if tag.kind == "{":
        return f"{{{{ {tag.inner} }}}}"
    if word in _EXPRESSION_WORDS:
        return f"{{{{ {tag.inner.removeprefix(word)} }}}}"
    return f"{{% {tag.inner} %}}"


def _is_assignment(tag: TemplateTag) -> bool:
    return tag.inner.startswith("set ") and "=" in tag.inner


def _joined(tags: Sequence[TemplateTag], faulty: set[int]) -> str:
    """Return the source of all tags, with every block closed."""
    lines: list[str] = []
    open_words: list[str] = []
    for index, tag in enumerate(tags):
        word, text = first_word(tag), "" if index in faulty else _written(tag)
        if tag.kind != "%":
            lines.append(text)
        elif word in _END_OF and not _is_assignment(tag):
            lines.append(text or _neutral_opening(tag, word))
            open_words.append(word)
        elif word in ("elif", "else"):
            fits = open_words and (open_words[-1] == "if" or (word == "else" and open_words[-1] == "for"))
            lines.append(text if fits else "")
        elif word in _START_OF:
            lines.append(_closing(word.removeprefix("end"), open_words))
        else:
            lines.append(text)
    return "\n".join([*lines, "".join(_END_OF[word] for word in reversed(open_words))])


def _closing(opener: str, open_words: list[str]) -> str:
    """Return the ends of all blocks up to the opener; none if it is not open."""
    if opener not in open_words:
        return ""
    ends = ""
    while True:
        word = open_words.pop()
        ends += _END_OF[word]
        if word == opener:
            return ends


def _neutral_opening(tag: TemplateTag, word: str) -> str:
    if word == "for":
        names = _LOOP_NAMES.match(tag.inner)
        # over nothing known: the names it binds may be used as anything
        return f"{{% for {names[1] if names else 'x'} in () %}}"
    return {"macro": "{% macro m() %}", "set": "{% set x %}", "filter": "{% filter upper %}"}.get(
        word, "{% call m() %}" if word == "call" else "{% if 1 %}"
    )
