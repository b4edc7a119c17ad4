"""Character classes for Chinese line breaking and the choice of font."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

# marks written twice that are not separated: —— and ……
DOUBLED = frozenset("—…⋯―")
WORD_JOINER = "\u2060"
OPENING = frozenset("（《〈「『【〔〖［｛")
CLOSING = frozenset("）》〉」』】〕〗］｝，。、；：．！？")
_GLUE = frozenset("\u00a0\u202f\u2007\u2011")
_BLANKS = frozenset(" \u3000")
# punctuation that Western and Chinese text share; the East Asian font draws it full width
_SHARED_PUNCTUATION = frozenset("“”‘’…—·")
# Western unless the run has w:hint="eastAsia": East Asian width class A of UAX #11
_AMBIGUOUS = (
    frozenset("×÷±°§¤¨‰′″※")
    | frozenset(map(chr, range(0x2200, 0x2300)))
    | frozenset(map(chr, range(0x391, 0x3CA)))
)
_IGNORED = frozenset("\u00ad\u200c\u200d\ufeff")
_EAST_RANGES = (
    (0x1100, 0x1200), (0x2100, 0x2200), (0x2460, 0x27C0), (0x2E80, 0xA4D0), (0xAC00, 0xD7A4),
    (0xE000, 0xFB00), (0xFE30, 0xFE70), (0xFF00, 0xFFF0), (0x20000, 0x40000),
)  # fmt: skip
# LibreOffice's weak characters: general punctuation to miscellaneous symbols
_NEUTRAL_RANGE = (0x2000, 0x2C00)


@dataclass(frozen=True)
class KinsokuMarks:
    """Kinsoku sets (避头尾): not at line start, not at line end, hanging."""

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
    """Return Word's sets for a language tag such as ``ja-JP``.

    Languages other than East Asian ones get the sets of simplified Chinese.
    """
    marks = WORD_KINSOKU.get(language)
    if marks is not None:
        return marks
    near = {"ja": "ja-JP", "ko": "ko-KR"}.get(language[:2], "zh-CN")
    return WORD_KINSOKU["zh-TW" if language in ("zh-HK", "zh-MO") else near]


@lru_cache(maxsize=8192)
def is_east_asian(char: str, hinted: bool = False) -> bool:
    """Return whether a character takes the East Asian font.

    ``hinted`` is the run's ``w:hint="eastAsia"``.
    """
    code = ord(char)
    # ASCII is the common case and needs no look-up
    if code < 0x80:
        return False
    if char in _SHARED_PUNCTUATION:
        return True
    if char in _AMBIGUOUS:
        return hinted
    return any(low <= code < high for low, high in _EAST_RANGES)


def is_shared_punctuation(char: str) -> bool:
    return char in _SHARED_PUNCTUATION


def is_neutral(char: str) -> bool:
    # LibreOffice only: such a character takes the script of the text before it
    return char in " \u00a0" or _NEUTRAL_RANGE[0] <= ord(char) < _NEUTRAL_RANGE[1]


def is_ignored(char: str) -> bool:
    return char in _IGNORED or (char < " " and char not in "\t\n")


def is_blank(char: str) -> bool:
    return char in _BLANKS


def forbids_break(char: str) -> bool:
    """Return whether no line may end on either side of a character."""
    return char == WORD_JOINER or char in _GLUE


def needs_autospace(east: str, latin: str) -> bool:
    """Return whether Word spaces an ideograph from a Latin letter or digit."""
    return ord(east) >= 0x2E80 and east.isalnum() and latin.isalnum() and ord(latin) < 0x2E80


def has_blank_between(before: str, after: str) -> bool:
    """Return whether a blank half separates two marks, as in ）（ ）， 》《."""
    if before in CLOSING:
        return after in OPENING or after in CLOSING
    return before in OPENING and after in OPENING
