"""What Chinese line breaking needs to know of a character."""

from __future__ import annotations

NO_START = frozenset(
    "!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｜｝～￠"
)
NO_END = frozenset("$([{£¥‘“〈《「『【〔〖〝﹗﹙﹛﹝＄（．［｛￡￥") - frozenset("．")
OPENING = frozenset("（《〈「『【〔〖［｛")
CLOSING = frozenset("）》〉」』】〕〗］｝，。、；：．")
HANGING = frozenset("，。、．")
PAIRED = frozenset("—…")
_EAST_PUNCTUATION = frozenset("“”‘’…—·")
_AMBIGUOUS = (
    frozenset("×÷±°§¤¨‰′″※")
    | frozenset(map(chr, range(0x2200, 0x2300)))
    | frozenset(map(chr, range(0x391, 0x3CA)))
)
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\ufeff")
_EAST_RANGES = (
    (0x1100, 0x1200), (0x2100, 0x2200), (0x2460, 0x27C0), (0x2E80, 0xA4D0), (0xAC00, 0xD7A4),
    (0xE000, 0xFB00), (0xFE30, 0xFE70), (0xFF00, 0xFFF0), (0x20000, 0x40000),
)  # fmt: skip


def is_east(char: str, hinted: bool = False) -> bool:
    """Whether a character takes the East Asian font."""
    code = ord(char)
    if code < 0x80:
        return False
    if char in _EAST_PUNCTUATION:
        return True
    if char in _AMBIGUOUS:
        return hinted
    return any(low <= code < high for low, high in _EAST_RANGES)


def is_dropped(char: str) -> bool:
    """Whether a character takes no part in the line: soft hyphens, joiners, marks of byte order."""
    return char in _DROPPED or (char < " " and char not in "\t\n")


def takes_autospace(east: str, latin: str) -> bool:
    """Whether a gap stands between an East Asian and a Latin character."""
    code = ord(east)
    ideographic = (
        code >= 0x2E80
        and east not in NO_START
        and east not in NO_END
        and east not in PAIRED
        and code != 0x3000
    )
    return ideographic and latin.isalnum() and ord(latin) < 0x2E80


def blank_between(before: str, after: str) -> bool:
    """Whether a blank half stands between two full-width marks: ）（ ）， 》《 （《 and the like."""
    if before in CLOSING:
        return after in OPENING or after in CLOSING
    return before in OPENING and after in OPENING
