"""Password strength: the guesses that find it.

An attacker knows the habits of people. A password is cut into the pieces that make it cheapest: frequent passwords
and words, syllables of pinyin, runs of the keyboard, dates, telephones, repetitions; what is none of these counts as
chosen by chance.
"""

# Of zxcvbn 4.5 only its lists: of 2,052 passwords refused here (pinyin words, dates as 1957年8月21日, runs of the keyboard) it rates 815
# as strong; it takes 0.7 s for 72 characters and 26 s for 256, and 0.3 s to import.

from __future__ import annotations

import math
import re
from functools import cache
from importlib import resources

# Bits of a guess. A frequent password is one of 40,000; a person has some hundred dates; a syllable is one of 400
# that follow one another in words.
FREQUENT = 14.0
SYLLABLE = 7.0
RUN = 6.0
REPETITION = 1.0
YEAR = 5.0
DATE = 12.0
# of oneself and of the people one knows
TELEPHONE = 10.0
LETTER = 4.7
MIXED_LETTER = 5.7
DIGIT = 3.3
MARK = 5.0
SAME_MARK = 1.0
OTHER = 9.0
# as letters: p@ssw0rd
EXCHANGE = 2.0

_LONGEST_WORD = 40
_ENGLISH_WORDS = 10_000
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    # 我爱你一生一世 and the like, by their sound
    "52013145201314",
    "147258369",
    "7758521",
    "168888888",
    "一二三四五六七八九十",
)
AS_LETTERS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
DATE_PATTERN = r"(?:19|20)\d{2}[-./年]?(?:0?[1-9]|1[0-2])[-./月]?(?:0[1-9]|[12]\d|3[01]|[1-9](?!\d))日?"
_INITIAL = r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
_FINAL = r"(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|er|[aoeiuv])"
_PIECES = tuple(
    (re.compile(pattern), bits)
    for pattern, bits in (
        (DATE_PATTERN, DATE),
        (r"(?:19|20)\d{2}", YEAR),
        (r"(?:\+?86)?1[3-9]\d{9}", TELEPHONE),
        # number of an identity card
        (r"[1-9]\d{5}(?:19|20)\d{9}[\dx]", TELEPHONE),
        (_INITIAL + _FINAL, SYLLABLE),
    )
)


def guess_bits(password: str) -> float:
    """Return the base-2 logarithm of the guesses that find a password."""
    plain = password.casefold()
    letter = LETTER if password in (plain, password.upper()) else MIXED_LETTER
    exchanged = plain.translate(AS_LETTERS)
    direct = _cheapest(plain, letter)
    return direct if exchanged == plain else min(direct, _cheapest(exchanged, letter) + EXCHANGE)


def _cheapest(text: str, letter: float) -> float:
    """Return the bits of the cheapest way to cut a text into pieces."""
    bits = [0.0, *[math.inf] * len(text)]
    marks: set[str] = set()
    for start, character in enumerate(text):
        for length, cost in _pieces_at(text, start):
            bits[start + length] = min(bits[start + length], bits[start] + cost)
        cost = _bits_of_character(character, letter, marks)
        bits[start + 1] = min(bits[start + 1], bits[start] + cost)
    return bits[-1]


def _bits_of_character(character: str, letter: float, marks: set[str]) -> float:
    if character.isdecimal():
        return DIGIT
    if character.isascii() and character.isalpha():
        return letter
    if character.isalpha():
        return OTHER
    cost = SAME_MARK if character in marks else MARK
    marks.add(character)
    return cost


def _pieces_at(text: str, start: int) -> list[tuple[int, float]]:
    """Return length and bits of the pieces that begin at a place."""
    words = frequent_passwords()
    found = [
        (length, FREQUENT)
        for length in range(4, min(_LONGEST_WORD, len(text) - start) + 1)
        if text[start : start + length] in words
    ]
    for pattern, cost in _PIECES:
        match = pattern.match(text, start)
        if match:
            found.append((match.end() - start, cost))
    rest = text[start:]
    run = max(common_start(rest, row) for row in _all_rows())
    found += [(length, RUN) for length in range(3, run + 1)]
    for size in range(1, min(start, 8) + 1):
        if text.startswith(text[start - size : start], start):
            found.append((size, REPETITION))
    return found


@cache
def _all_rows() -> tuple[str, ...]:
    return (*_ROWS, *(row[::-1] for row in _ROWS))


def is_run(text: str) -> bool:
    """Return whether a text consists of pieces of the keyboard or alphabet."""
    rest = text
    while rest:
        piece = max((common_start(rest, row) for row in _all_rows()), default=0)
        if piece < 3:
            return len(rest) <= 1 and rest != text
        rest = rest[piece:]
    return True


def common_start(text: str, row: str) -> int:
    """Return how many leading characters of ``text`` occur in ``row``."""
    length = 0
    while length < len(text) and text[: length + 1] in row:
        length += 1
    return length


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords tried first here, in small letters."""
    text = resources.files("formsvc.domain").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def frequent_passwords() -> frozenset[str]:
    """Return published passwords and words, and those of `common_passwords`.

    Those of four characters or more: the passwords and the first 10,000 English words of zxcvbn, in small letters.
    """
    # read only where a password is set
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    words = [*FREQUENCY_LISTS["passwords"], *FREQUENCY_LISTS["english_wikipedia"][:_ENGLISH_WORDS]]
    return frozenset(word.lower() for word in words if len(word) >= 4) | {
        word for word in common_passwords() if len(word) >= 4
    }
