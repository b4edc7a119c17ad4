"""Password policy: length, guessable passwords, the person's own names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from formsvc.domain.accounts.password_strength import (
    AS_LETTERS,
    DATE_PATTERN,
    common_passwords,
    frequent_passwords,
    guess_bits,
    is_run,
)
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

LONGEST = 128
FEWEST_DIFFERENT = 4
# Three words taken by chance have 42; a frequent password with a date, or two of them, have less than 36
FEWEST_BITS = 36
_GOOD_BITS = 48
_VERY_GOOD_BITS = 62
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_DATE = re.compile(DATE_PATTERN)


@dataclass(frozen=True)
class Strength:
    """Strength of a new password.

    ``level`` is 0 to 4; a password is accepted from 2.
    """

    level: int
    problem: Problem | None = None


def password_problems(
    password: str, shortest: int, *, own: Iterable[str] = (), field: str = "new"
) -> list[Problem]:
    """Return why a password is refused.

    ``own`` are the person's sign-in name, name and office, which it must not contain.
    """
    text = _normal(password)
    if len(text) < shortest:
        return [
            Problem(
                field,
                msg("密码至少要 {n} 个字符。", n=shortest),
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
    if len(set(lowered)) < FEWEST_DIFFERENT or _is_common(lowered) or guess_bits(text) < FEWEST_BITS:
        return [
            Problem(
                field, msg("这个密码太常见，容易被猜到。"), msg("请换一个密码，例如几个不相干的词连在一起。")
            )
        ]
    return []


def password_strength(password: str, shortest: int, *, own: Iterable[str] = ()) -> Strength:
    """Return how strong a password is, by the rules that accept it."""
    problems = password_problems(password, shortest, own=own)
    if problems:
        return Strength(1 if len(_normal(password)) >= shortest else 0, problems[0])
    bits = guess_bits(_normal(password))
    return Strength(2 + (bits >= _GOOD_BITS) + (bits >= _VERY_GOOD_BITS))


def _normal(password: str) -> str:
    # several spaces count as one (ASVS 2.1.1)
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", password))


def _is_common(text: str) -> bool:
    plain = re.sub(r"[\s._\-+*#@!]", "", text)
    stem = _EDGES.sub("", text)
    tries = {text, plain, stem, plain.translate(AS_LETTERS), _EDGES.sub("", text.translate(AS_LETTERS))}
    known = common_passwords() | frequent_passwords()
    return bool(tries & known) or _DATE.fullmatch(plain) is not None or is_run(plain) or _is_repeated(plain)


def _is_repeated(text: str) -> bool:
    return any(
        len(text) % size == 0
        and text == text[:size] * (len(text) // size)
        and (size < 3 or text[:size].isdigit())
        for size in range(1, len(text) // 2 + 1)
    )
