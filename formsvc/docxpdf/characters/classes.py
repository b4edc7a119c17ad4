"""What Chinese line breaking needs to know of a character."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

DOUBLED = frozenset("—…⋯―")
"""KinsokuMarks written twice that stay together: —— and ……."""
WORD_JOINER = "\u2060"
"""Word joiner: no line may end on either side of it. Names are kept whole with it; it has no width."""
OPENING = frozenset("（《〈「『【〔〖［｛")
CLOSING = frozenset("）》〉」』】〕〗］｝，。、；：．！？")
_GLUE = frozenset("\u00a0\u202f\u2007\u2011")
_BLANKS = frozenset(" \u3000")
_EAST_PUNCTUATION = frozenset("“”‘’…—·")
_AMBIGUOUS = (
    frozenset("×÷±°§¤¨‰′″※")
    | frozenset(map(chr, range(0x2200, 0x2300)))
    | frozenset(map(chr, range(0x391, 0x3CA)))
)
_DROPPED = frozenset("\u00ad\u200c\u200d\ufeff")
_EAST_RANGES = (
    (0x1100, 0x1200), (0x2100, 0x2200), (0x2460, 0x27C0), (0x2E80, 0xA4D0), (0xAC00, 0xD7A4),
    (0xE000, 0xFB00), (0xFE30, 0xFE70), (0xFF00, 0xFFF0), (0x20000, 0x40000),
)  # fmt: skip
_WEAK_RANGE = (0x2000, 0x2C00)


@dataclass(frozen=True)
class KinsokuMarks:
    """避头尾: what may not begin a line, what may not end one, and what may hang into the margin."""

    no_start: frozenset[str]
    no_end: frozenset[str]
    hanging: frozenset[str]


_WORD_HANGING = frozenset("，。、．")
# The sets Word shows under “版式 → 首尾字符设置 → 标准” for each language, as published for all four in
# Wikipedia's “Line breaking rules in East Asian languages”, with the marks of double angle Word's own list adds.
WORD_KINSOKU = {
    "zh-CN": KinsokuMarks(
        frozenset(
            "!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｝～￠"
        ),
        frozenset("$([{£¥·‘“〈《「『【〔〖〝﹗﹙﹛﹝＄（．［｛￡￥"),
        _WORD_HANGING,
    ),
    "zh-TW": KinsokuMarks(
        frozenset(
            "!),.:;?]}¢·–—’”•‥…‧′╴、。〉》」』】〕〞︰︱︳︴︶︸︺︼︾﹀﹂﹄﹏﹐﹑﹒﹔﹕﹖﹗﹚﹜﹞！），．：；？｜｝､"
        ),
        frozenset("([{£¥‘“‵〈《「『【〔〝︵︷︹︻︽︿﹁﹃﹙﹛﹝（｛"),
        _WORD_HANGING,
    ),
    "ja-JP": KinsokuMarks(
        frozenset("!%),.:;?]}¢°’”‰′″℃、。々〉》」』】〕゛゜ゝゞ・ヽヾ！％），．：；？］｝｡｣､･ﾞﾟ￠"),
        frozenset("$([\\{£¥‘“〈《「『【〔＄（［｛｢￡￥"),
        _WORD_HANGING,
    ),
    "ko-KR": KinsokuMarks(
        frozenset("!%),.:;?]}¢°’”′″℃〉》」』】〕！％），．：；？］｝￠"),
        frozenset("$([\\{£¥‘“〈《「『【〔＄（［｛￡￥￦"),
        _WORD_HANGING,
    ),
}
# LibreOffice's own for simplified Chinese: its locale data (i18npool/source/localedata/data/zh_CN.xml)
LIBREOFFICE_KINSOKU = KinsokuMarks(
    frozenset(
        ":!),.:;?]}¢'\"、。〉》」』】〕〗〞︰︱︳﹐､﹒﹔﹕﹖﹗﹚﹜﹞！），．：；？｜｝︴︶︸︺︼︾﹀﹂﹄﹏～￠々‖•·ˇˉ―--′’”"
    ),
    frozenset("([{£¥'\"‵〈《「『【〔〖（［｛￡￥〝︵︷︹︻︽︿﹁﹃﹙﹛﹝“‘"),
    frozenset("!,.:;?、。！，．：；？"),
)


def kinsoku_marks(language: str) -> KinsokuMarks:
    """Word's sets for an East Asian language; those of simplified Chinese for any other."""
    known = WORD_KINSOKU.get(language)
    if known is not None:
        return known
    near = {"ja": "ja-JP", "ko": "ko-KR"}.get(language[:2], "zh-CN")
    return WORD_KINSOKU["zh-TW" if language in ("zh-HK", "zh-MO") else near]


@lru_cache(maxsize=8192)
def is_east_asian(char: str, hinted: bool = False) -> bool:
    """Whether a character takes the East Asian font."""
    code = ord(char)
    if code < 0x80:
        return False
    if char in _EAST_PUNCTUATION:
        return True
    if char in _AMBIGUOUS:
        return hinted
    return any(low <= code < high for low, high in _EAST_RANGES)


def is_shared_punctuation(char: str) -> bool:
    """Whether Western and Chinese text share a character, so that the text around it says which it is."""
    return char in _EAST_PUNCTUATION


def is_neutral(char: str) -> bool:
    """Whether LibreOffice lets a character take the script of the text before it."""
    return char in " \u00a0" or _WEAK_RANGE[0] <= ord(char) < _WEAK_RANGE[1]


def is_ignored(char: str) -> bool:
    """Whether a character takes no part in the line: soft hyphens, joiners, marks of byte order."""
    return char in _DROPPED or (char < " " and char not in "\t\n")


def is_blank(char: str) -> bool:
    """A blank, half or full width."""
    return char in _BLANKS


def forbids_break(char: str) -> bool:
    """Whether no line may end before or after a character: joiners, blanks and hyphens that do not break."""
    return char == WORD_JOINER or char in _GLUE


def needs_autospace(east: str, latin: str) -> bool:
    """Whether a gap stands between an ideograph and a Latin letter or digit; marks and units take none."""
    return ord(east) >= 0x2E80 and east.isalnum() and latin.isalnum() and ord(latin) < 0x2E80


def has_blank_between(before: str, after: str) -> bool:
    """Whether a blank half stands between two full-width marks: ）（ ）， 》《 （《 and the like."""
    if before in CLOSING:
        return after in OPENING or after in CLOSING
    return before in OPENING and after in OPENING
