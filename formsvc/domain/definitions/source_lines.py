"""Lines of a JSON text: on which line each value stands."""

from __future__ import annotations

import json
import re

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def line_numbers(text: str) -> dict[str, int]:
    """Return the line of each value of a valid JSON text, by JSON pointer.

    Empty for a text that is no JSON. The line of a member is that of its key.
    """
    try:
        json.loads(text)
        reader = _Reader(text)
        reader.read_value("", _SPACE.match(text, 0).end())  # type: ignore[union-attr]  # matches an empty text, too
    except (ValueError, RecursionError):
        return {}
    return reader.lines


class _Reader:
    """Reads a text that json accepted; its methods return the place behind."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_starts = [match.end() for match in re.finditer("\n", text)]
        self._line = 0
        self.lines: dict[str, int] = {}

    def _note(self, pointer: str, place: int) -> None:
        # places only grow: the line goes on from where it was
        while self._line < len(self._line_starts) and self._line_starts[self._line] <= place:
            self._line += 1
        # the later of two equal keys is the one that counts
        self.lines[pointer] = self._line + 1

    def _skip(self, place: int) -> int:
        match = _SPACE.match(self._text, place)
        return match.end() if match else place

    def read_value(self, pointer: str, place: int, key_place: int | None = None) -> int:
        self._note(pointer, place if key_place is None else key_place)
        match self._text[place]:
            case "{":
                return self._read_members(pointer, place + 1)
            case "[":
                return self._read_items(pointer, place + 1)
        return _DECODER.raw_decode(self._text, place)[1]

    def _read_members(self, pointer: str, place: int) -> int:
        place = self._skip(place)
        while self._text[place] != "}":
            start = place
            key, place = _DECODER.raw_decode(self._text, place)
            place = self._skip(self._skip(place) + 1)
            place = self._after_comma(self.read_value(f"{pointer}/{key}", place, start))
        return place + 1

    def _read_items(self, pointer: str, place: int) -> int:
        place, index = self._skip(place), 0
        while self._text[place] != "]":
            place = self._after_comma(self.read_value(f"{pointer}/{index}", place))
            index += 1
        return place + 1

    def _after_comma(self, place: int) -> int:
        place = self._skip(place)
        return self._skip(place + 1) if self._text[place] == "," else place
