"""Text as searches compare it: width, case, pinyin, parts of numbers.

What is searched is stored as one text of folded pieces; a query is some words that must all occur in it, in any
order. Names can also be found by the pinyin of their characters and by its first letters.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from math import prod

# Between the pieces of a search text: no folded text contains it.
_SEPARATOR = "|"
_LARGEST_NAME = 40  # characters of a name that is also spelt in pinyin
_MOST_SPELLINGS = 12
_MOST_READINGS = 4  # of one character; rarer ones follow in the table

_YEAR = re.compile(r"[\[(（［〔【﹝「]\s*(\d{4})\s*[\])）］〕】﹞」]")
_BRACKETED_YEAR = re.compile(rf"{_YEAR.pattern}\s*第?\s*0*(\d{{1,9}})(?!\d)\s*号?")
_ORDINAL = re.compile(r"第\s*0*(\d{1,9})\s*号")
# The number after 字: 消限字7, 消限字 0007号. Four digits that may be a year are left alone.
_AFTER_GENRE = re.compile(r"字\s*(?!(?:19|20)\d\d(?!\d))0*(\d{1,9})(?!\d)\s*号?")
_YEAR_AND_ORDINAL = re.compile(r"\d{4}(第\d+号)")
_BETWEEN_WORDS = re.compile(r"[\s,，、;；]+")


def fold_text(text: str) -> str:
    """Return the letters and digits of a text, without width and case.

    Blanks, dots of names, brackets and signs are left out: people type them in many ways.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in plain.replace("ü", "v") if c.isalnum())


def build_search_text(texts: Iterable[str], names: Iterable[str] = ()) -> str:
    """Return what is stored of texts and names, each piece once.

    ``names`` are also found by pinyin and its initials.
    """
    names = [name for name in names if name]
    pieces = [piece for text in (*texts, *names) for piece in _pieces(text)]
    pieces += [spelling for name in names for spelling in spellings(name)]
    return _SEPARATOR.join(dict.fromkeys(piece for piece in pieces if piece))


def query_words(query: str) -> tuple[str, ...]:
    """Return the folded words of a query, which must all occur."""
    words = (fold_text(word) for word in _BETWEEN_WORDS.split(_with_plain_numbers(query)))
    return tuple(dict.fromkeys(word for word in words if word))


def contains_words(search_text: str, words: Iterable[str]) -> bool:
    """Return whether all words of a query occur in a search text."""
    return all(word in search_text for word in words)


def matched_ranges(shown: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return the parts of a shown text that words of a query match.

    They are in order and do not overlap.
    """
    folded, places = _folded_with_places(shown)
    marked: set[int] = set()
    for word in words:
        start = folded.find(word)
        if start >= 0:
            marked.update(range(places[start], places[start + len(word) - 1] + 1))
        elif word.isascii() and word.isalpha():
            marked.update(_spelt_places(shown, word))
    return list(_ranges(sorted(marked)))


def spellings(name: str) -> list[str]:
    """Return a name in pinyin without tones, and the initials of it.

    A character that is read in several ways gives several; none for names without Chinese characters and for
    long ones.
    """
    characters = [c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum()]
    readings = [_readings(c) or (c,) for c in characters[:_LARGEST_NAME]]
    if len(characters) > _LARGEST_NAME or not any(map(_readings, characters)):
        return []
    whole = _combined(readings)
    initials = _combined([tuple(dict.fromkeys(each[0] for each in all_of)) for all_of in readings])
    return list(dict.fromkeys([*whole, *initials]))


def _combined(readings: list[tuple[str, ...]]) -> list[str]:
    if prod(map(len, readings)) <= _MOST_SPELLINGS:
        return ["".join(each) for each in product(*readings)]
    # too many: one unusual reading at a time
    usual = [each[0] for each in readings]
    unusual = [
        "".join([*usual[:n], other, *usual[n + 1 :]]) for n, each in enumerate(readings) for other in each[1:]
    ]
    return ["".join(usual), *unusual][:_MOST_SPELLINGS]


def _pieces(text: str) -> Iterator[str]:
    """Yield a text folded, and a number in it without zeros and year."""
    yield fold_text(text)
    if _YEAR.search(text):
        plain = _with_plain_numbers(text)
        yield fold_text(plain)
        yield fold_text(_YEAR_AND_ORDINAL.sub(r"\1", plain))
        yield fold_text(_YEAR.sub("", text))


def _with_plain_numbers(text: str) -> str:
    """Return a text with its document numbers in one form: 消限字2026第7号."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _BRACKETED_YEAR.sub(r"\1第\2号", plain)
    plain = _ORDINAL.sub(r"第\1号", plain)
    return _AFTER_GENRE.sub(r"字第\1号", plain)


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    """Return the readings of a character, the usual one first."""
    if character < "\u3007":
        return ()
    # The table of phrases takes 44 MB and 0.2 s in each process; without it all readings are found, too.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin import Style, pinyin  # noqa: PLC0415 - 0.1 s that only searches need

    (found,) = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore") or [[]]
    plain = dict.fromkeys(reading for reading in found if reading.isascii() and reading.isalpha())
    return tuple(plain)[:_MOST_READINGS]


def _folded_with_places(shown: str) -> tuple[str, list[int]]:
    """Return a folded text, and where each of its characters comes from."""
    pieces = [(fold_text(character), place) for place, character in enumerate(shown)]
    return "".join(piece for piece, _ in pieces), [place for piece, place in pieces for _ in piece]


def _spelt_places(shown: str, word: str) -> range:
    """Return the places of the characters whose pinyin or initials are a word."""
    return next(
        (range(start, end) for start in range(len(shown)) if (end := _spelt_until(shown, start, word))),
        range(0),
    )


def _spelt_until(shown: str, start: int, word: str) -> int:
    """Return where a word ends that is spelt from a place on; 0 if it is not."""
    ends = {(start, 0)}
    while ends:
        place, used = ends.pop()
        if used == len(word):
            return place
        if place == len(shown):
            continue
        for reading in _readings(shown[place]):
            for part in {reading, reading[0], reading[: len(word) - used]}:
                if part and word.startswith(part, used):
                    ends.add((place + 1, used + len(part)))
    return 0


def _ranges(places: list[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for n, place in enumerate(places):
        if n + 1 == len(places) or places[n + 1] != place + 1:
            yield places[start], place + 1
            start = n + 1
