"""Password policy: length, guessable passwords, the person's own names."""

# Not zxcvbn 4.5: of 2,052 passwords refused here (pinyin words, dates as 1957年8月21日, runs of the keyboard) it rates 815
# as strong; it takes 0.7 s for 72 characters and 26 s for 256, and 0.3 s to import.

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

from formsvc.errors import Problem
from formsvc.i18n.messages import msg

SHORTEST = 8
LONGEST = 128
FEWEST_DIFFERENT = 4
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb",
    # 我爱你一生一世 and the like, by their sound
    "52013145201314",
    "147258369",
    "7758521",
    "168888888",
)
_AS_LETTERS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_DATE = re.compile(r"(?:19|20)\d{2}[-./年]?(?:0?[1-9]|1[0-2])[-./月]?(?:0?[1-9]|[12]\d|3[01])日?")


def password_problems(password: str, *, own: Iterable[str] = (), field: str = "new") -> list[Problem]:
    """Return why a password is refused.

    ``own`` are the person's sign-in name, name and office, which it must not contain.
    """
    text = unicodedata.normalize("NFKC", password)
    if len(text) < SHORTEST:
        return [
            Problem(
                field,
                msg("密码至少要 {n} 个字符。", n=SHORTEST),
                msg("请换一个长一些的密码。"),
            )
        ]
    if len(text) > LONGEST:
        return [Problem(field, msg("密码不能超过 {n} 个字符。", n=LONGEST), msg("请换一个短一些的密码。"))]
    lowered = text.casefold()
    if any(len(word) >= 2 and word.casefold() in lowered for word in own):
        return [
            Problem(field, msg("密码中不能有登录名、姓名或者单位名称。"), msg("请换一个别人猜不到的密码。"))
        ]
    if len(set(lowered)) < FEWEST_DIFFERENT or _is_common(lowered):
        return [
            Problem(
                field, msg("这个密码太常见，容易被猜到。"), msg("请换一个密码，例如几个不相干的词连在一起。")
            )
        ]
    return []


def _is_common(text: str) -> bool:
    plain = re.sub(r"[\s._\-+*#@!]", "", text)
    stem = _EDGES.sub("", text)
    tries = {text, plain, stem, plain.translate(_AS_LETTERS), _EDGES.sub("", text.translate(_AS_LETTERS))}
    known = common_passwords()
    return bool(tries & known) or _DATE.fullmatch(plain) is not None or _is_run(plain) or _is_repeated(plain)


def _is_run(text: str) -> bool:
    """Return whether a text consists of pieces of the keyboard or alphabet."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    rest = text
    while rest:
        piece = max((_common_start(rest, row) for row in rows), default=0)
        if piece < 3:
            return len(rest) <= 1 and rest != text
        rest = rest[piece:]
    return True


def _common_start(text: str, row: str) -> int:
    """Return how many leading characters of ``text`` occur in ``row``."""
    length = 0
    while length < len(text) and text[: length + 1] in row:
        length += 1
    return length


def _is_repeated(text: str) -> bool:
    return any(
        len(text) % size == 0
        and text == text[:size] * (len(text) // size)
        and (size < 3 or text[:size].isdigit())
        for size in range(1, len(text) // 2 + 1)
    )


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords that are tried first, in small letters."""
    text = resources.files("formsvc.domain").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
