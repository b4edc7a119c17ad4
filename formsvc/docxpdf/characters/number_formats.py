"""Number formats of lists and pages (ECMA-376 part 1, 17.18.59).

Examples: 一、二 · 壹、贰 · ①② · i, ii. After the last member of a set (circles, stems) Word continues in plain
figures: the ①②③ of Chinese lists end with ⑩.
"""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "零一二三四五六七八九"
_UNITS = "千百十"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_CHICAGO = "*†‡§"
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_IRREGULAR = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}  # fmt: skip


def chinese_number(n: int) -> str:
    """Return 一 for 1, 十二 for 12, 一百二十 for 120, 一万零五百 for 10500."""
    text = _with_places(n, _DIGITS, _UNITS, "万")
    return text.removeprefix("一") if text.startswith("一十") else text


def _with_places(n: int, digits: str, units: str, myriad: str) -> str:
    """Return a number with its places named, one zero for each gap."""
    if not 0 < n < 10**8:
        return digits[0] if n == 0 else str(n)
    if n >= 10**4:
        rest = n % 10**4
        gap = digits[0] if 0 < rest < 1000 else ""
        head = _with_places(n // 10**4, digits, units, myriad) + myriad
        return head + gap + (_with_places(rest, digits, units, myriad) if rest else "")
    text, pending = "", False
    for place, unit in zip((1000, 100, 10, 1), (*units, ""), strict=True):
        digit = n // place % 10
        if digit:
            text += (digits[0] if pending and text else "") + digits[digit] + unit
        pending = not digit
    return text


def _digit_by_digit(zero: str, digits: str = _DIGITS) -> Callable[[int], str]:
    return lambda n: "".join((zero + digits[1:])[int(c)] if c.isdigit() else c for c in str(n))


def _tens_to_99(n: int) -> str:
    # chineseCounting names the tens up to ninety-nine and goes on digit by digit
    return chinese_number(n) if n < 100 else _digit_by_digit("○")(n)


def _japanese(n: int) -> str:
    # neither zeros nor a one before ten, hundred and thousand: 百二
    if not 0 < n < 10**4:
        return "〇" if n == 0 else str(n)
    text = ""
    for place, unit in zip((1000, 100, 10, 1), (*_UNITS, ""), strict=True):
        digit = n // place % 10
        if digit:
            text += ("" if digit == 1 and unit else _DIGITS[digit]) + unit
    return text


def _formal(digits: str, units: str, myriad: str) -> Callable[[int], str]:
    return lambda n: _with_places(n, digits, units, myriad)


def _roman(n: int) -> str:
    if not 0 < n < 32768:
        return str(n)
    text = ""
    for amount, mark in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += mark * (n // amount)
        n %= amount
    return text


def _letters(first: str) -> Callable[[int], str]:
    # a … z, aa, bb …; Word repeats a letter thirty times at most
    return lambda n: chr(ord(first) + (n - 1) % 26) * ((n - 1) // 26 + 1) if 0 < n <= 780 else str(n)


def _member_of(members: str, beyond: Callable[[int], str] = str) -> Callable[[int], str]:
    return lambda n: members[n - 1] if 1 <= n <= len(members) else beyond(n)


def _range(first: int, count: int) -> str:
    return "".join(map(chr, range(first, first + count)))


def _sexagenary(n: int) -> str:
    # 甲子 … 癸亥: stems and branches advance together
    return _STEMS[(n - 1) % 10] + _BRANCHES[(n - 1) % 12] if 1 <= n <= 60 else str(n)


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _english(n: int) -> str:
    if n < 20:
        return _ONES[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_ONES[n % 10]}" if n % 10 else "")
    if n < 1000:
        return f"{_ONES[n // 100]} hundred" + (f" {_english(n % 100)}" if n % 100 else "")
    return f"{_english(n // 1000)} thousand" + (f" {_english(n % 1000)}" if n % 1000 else "")


def _cardinal(n: int) -> str:
    return _english(n).capitalize() if 0 <= n < 10**6 else str(n)


def _ordinal_words(n: int) -> str:
    if not 0 <= n < 10**6:
        return str(n)
    text = _english(n)
    start = max(text.rfind(" "), text.rfind("-")) + 1
    last = text[start:]
    regular = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return (text[:start] + _IRREGULAR.get(last, regular)).capitalize()


_full_width = _digit_by_digit("０", "０１２３４５６７８９")
_thousand = chinese_number
_SIMPLIFIED = _formal("零壹贰叁肆伍陆柒捌玖", "仟佰拾", "万")

FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalHalfWidth": str,
    "decimalEnclosedCircle": _member_of(_range(0x2460, 20)),
    "decimalEnclosedCircleChinese": _member_of(_range(0x2460, 10)),
    "decimalEnclosedParen": _member_of(_range(0x2474, 20)),
    "decimalEnclosedFullstop": _member_of(_range(0x2488, 20)),
    "numberInDash": lambda n: f"- {n} -",
    "hex": lambda n: f"{n:X}",
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "ordinalText": _ordinal_words,
    "chicago": lambda n: _CHICAGO[(n - 1) % 4] * ((n - 1) // 4 + 1) if n > 0 else str(n),
    "upperLetter": _letters("A"),
    "lowerLetter": _letters("a"),
    "upperRoman": _roman,
    "lowerRoman": lambda n: _roman(n).lower(),
    "chineseCounting": _tens_to_99,
    "chineseCountingThousand": _thousand,
    "chineseLegalSimplified": _SIMPLIFIED,
    "taiwaneseCounting": _tens_to_99,
    "taiwaneseCountingThousand": lambda n: _thousand(n).replace("万", "萬"),
    "taiwaneseDigital": _digit_by_digit("○"),
    "ideographLegalTraditional": _formal("零壹貳參肆伍陸柒捌玖", "仟佰拾", "萬"),
    "ideographDigital": _digit_by_digit("〇"),
    "ideographEnclosedCircle": _member_of(_range(0x3280, 10)),
    "ideographTraditional": _member_of(_STEMS),
    "ideographZodiac": _member_of(_BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
    "japaneseCounting": _japanese,
    "japaneseDigitalTenThousand": _digit_by_digit("〇"),
    "japaneseLegal": _formal("零壱弐参四伍六七八九", "阡百拾", "萬"),
    "ganada": _member_of("가나다라마바사아자차카타파하"),
    "chosung": _member_of("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"),
    "aiueo": _member_of(_range(0xFF71, 44) + "ｦﾝ"),
    "aiueoFullWidth": _member_of("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"),
    "irohaFullWidth": _member_of("イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"),
    "none": lambda _: "",
}  # fmt: skip


def format_number(n: int, number_format: str, pattern: str = "") -> str:
    """Return a number in a format of ``ST_NumberFormat``.

    An unsupported format gives plain figures. ``pattern`` is that of a ``custom`` format, such as
    ``001, 002, 003``.
    """
    if number_format == "custom":
        first = pattern.partition(",")[0].strip()
        return f"{n:0{len(first)}d}" if first.isdigit() and set(first[:-1]) <= {"0"} else str(n)
    return FORMATS.get(number_format, str)(n)


def is_supported(number_format: str, pattern: str = "") -> bool:
    if number_format == "custom":
        first = pattern.partition(",")[0].strip()
        return first.isdigit() and set(first[:-1]) <= {"0"}
    return number_format in FORMATS
