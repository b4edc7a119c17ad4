"""Characters set over one another: EQ fields and two lines in one.

Word writes 带圈字符 and 合并字符 as EQ fields, which it draws itself and keeps no result of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from formsvc.docxpdf.opc.xml import number
from formsvc.docxpdf.text.inline_items import InlineItem, RubyItem, TextItem
from formsvc.docxpdf.wordml.styles import RunFormat

_SWITCH = re.compile(r"\\([a-z]+) *(-?\d+)?")
_BRACKETS = {"round": ("(", ")"), "square": ("[", "]"), "angle": ("<", ">"), "curly": ("{", "}")}
# size of each of the two lines, and their baselines above that of the line, in sizes of the run
_LINE_SIZE, _UPPER, _LOWER = 0.5, 0.42, -0.08
# arguments within arguments
_DEEPEST = 16
_BOX = "0.5pt solid #000000"


class EquationReader:
    """Reader of the code of an EQ field, each character in its run's format.

    ``is_exact`` becomes False if a part is set on one line that Word sets in two.
    """

    def __init__(self, parts: Iterable[tuple[str, RunFormat]]) -> None:
        self._characters = [(char, form) for text, form in parts for char in text]
        self._text = "".join(char for char, _ in self._characters)
        self._at = self._depth = 0
        self.is_exact = True

    def read(self) -> list[InlineItem]:
        match = re.match(r"\s*eq\b", self._text, re.IGNORECASE)
        self._at = match.end() if match else 0
        items: list[InlineItem] = []
        while self._at < len(self._text):
            items += self._sequence()
            self._at += 1
        return items

    def _sequence(self) -> list[InlineItem]:
        """Read up to the end of an argument."""
        items: list[InlineItem] = []
        while self._at < len(self._text) and self._text[self._at] not in ",;)":
            char, form = self._characters[self._at]
            if char == "\\":
                items += self._switches()
            else:
                if not char.isspace():
                    items.append(TextItem(char, form))
                self._at += 1
        return items

    def _switches(self) -> list[InlineItem]:
        start, names, shift = self._at, [], 0.0
        while match := _SWITCH.match(self._text, self._at):
            names.append(match[1].lower())
            if match[1].lower() in ("up", "do"):
                shift = number(match[2]) * (1 if match[1].lower() == "up" else -1)
            self._at = match.end()
            while self._at < len(self._text) and self._text[self._at] == " ":
                self._at += 1
        if self._at == start:
            # a backslash before a character that would have a meaning
            self._at += 2
            return [TextItem(*self._characters[self._at - 1])] if self._at <= len(self._characters) else []
        # deeper ones are read as text
        if self._depth >= _DEEPEST:
            self.is_exact = False
            return []
        self._depth += 1
        arguments = self._arguments()
        self._depth -= 1
        return self._compose(names[0] if names else "", shift, arguments)

    def _arguments(self) -> list[list[InlineItem]]:
        if self._at >= len(self._text) or self._text[self._at] != "(":
            return []
        arguments: list[list[InlineItem]] = []
        while self._at < len(self._text):
            self._at += 1
            arguments.append(self._sequence())
            if self._at >= len(self._text) or self._text[self._at] == ")":
                self._at += 1
                break
        return arguments

    def _compose(self, name: str, shift: float, arguments: list[list[InlineItem]]) -> list[InlineItem]:
        if name == "o" and len(arguments) == 2 and all(map(_is_text, arguments)):
            under, over = (tuple(i for i in a if isinstance(i, TextItem)) for a in arguments)
            return [RubyItem(under, over, "center", 0.0)] if under and over else [*under, *over]
        content = [item for argument in arguments for item in argument]
        if name == "s":
            return [_raised(item, shift) for item in content]
        if name == "x":
            return [
                replace(i, format=replace(i.format, border=_BOX)) if isinstance(i, TextItem) else i
                for i in content
            ]
        self.is_exact = False
        form = next((item.format for item in content if isinstance(item, TextItem)), None)
        if form is None:
            return content
        if name == "f" and len(arguments) == 2:
            return [*arguments[0], TextItem("/", form), *arguments[1]]
        return [TextItem("√", form), *arguments[-1]] if name == "r" else content


def _is_text(items: Sequence[InlineItem]) -> bool:
    return all(isinstance(item, TextItem) for item in items)


def _raised(item: InlineItem, shift: float) -> InlineItem:
    return (
        replace(item, format=replace(item.format, rise=item.format.rise + shift))
        if isinstance(item, TextItem)
        else item
    )


def combine_lines(items: Sequence[InlineItem]) -> list[InlineItem]:
    """Set the texts of each combination (``w:combine``) as two lines in one."""
    combined: list[InlineItem] = []
    at = 0
    while at < len(items):
        item = items[at]
        end = at
        if isinstance(item, TextItem) and item.format.combination:
            while end < len(items) and _combination(items[end]) == item.format.combination:
                end += 1
            combined += _two_lines([i for i in items[at:end] if isinstance(i, TextItem)])
            at = end
        else:
            combined.append(item)
            at += 1
    return combined


def _combination(item: InlineItem) -> str:
    return item.format.combination if isinstance(item, TextItem) else ""


def _two_lines(texts: Sequence[TextItem]) -> list[InlineItem]:
    characters = [TextItem(char, item.format) for item in texts for char in item.text]
    half = (len(characters) + 1) // 2
    form = replace(texts[0].format, combination="")
    upper, lower = (tuple(map(_small, part)) for part in (characters[:half], characters[half:]))
    lowered = tuple(
        replace(i, format=replace(i.format, rise=i.format.rise + _LOWER * form.nominal_size)) for i in lower
    )
    lines: list[InlineItem] = (
        [RubyItem(lowered, upper, "left", _UPPER * form.nominal_size)] if lower else list(upper)
    )
    opening, closing = _BRACKETS.get(texts[0].format.combination.partition(" ")[2], ("", ""))
    return [
        *([TextItem(opening, form)] if opening else []),
        *lines,
        *([TextItem(closing, form)] if closing else []),
    ]


def _small(item: TextItem) -> TextItem:
    form = item.format
    return TextItem(
        item.text,
        replace(
            form, combination="", size=form.size * _LINE_SIZE, nominal_size=form.nominal_size * _LINE_SIZE
        ),
    )
