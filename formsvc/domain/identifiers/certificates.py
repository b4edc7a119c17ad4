"""Checks of identity numbers, certificates and web addresses.

Each returns the normal form or raises ValueError with the Chinese reason.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from urllib.parse import urlsplit

from formsvc.domain.safe_regex import fullmatch
from formsvc.i18n.messages import msg

# GB 11643—1999, check digit by ISO 7064 MOD 11-2: weights are 2^(18-i) mod 11.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"

# GB/T 2260: the first two digits of the code of a place
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
# cards of residents from Taiwan; foreigners' cards begin with 9 and the code of the place
_ID_PLACES = PROVINCES | {"83"}
_CERTIFICATE = re.compile(r"[0-9A-Z-]{6,20}", re.ASCII)
_HOST = re.compile(
    r"(?=.{1,253}$)[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*"
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def check_resident_id(s: str, today: date | None = None) -> str:
    """Return a resident identity number (GB 11643—1999), X in upper case.

    ``today`` limits the date of birth; by default it is the machine's date.
    """
    # Of the place only the province is looked up: withdrawn codes stay valid on the cards that carry them.
    number = compact(s)
    _require_length(number, msg("身份证号"))
    for place, character in enumerate(number, 1):
        if not (_is_digit(character) or (place == 18 and character == "X")):
            allowed = msg("最后一位只能是数字或X") if place == 18 else msg("前17位只能是数字")
            raise ValueError(
                msg(
                    "身份证号第{place}位“{character}”不是允许的字符（{allowed}），请对照证件更正。",
                    place=place,
                    character=character,
                    allowed=allowed,
                )
            )
    place_code = number[1:3] if number[0] == "9" else number[:2]
    if place_code not in _ID_PLACES:
        raise ValueError(
            msg("身份证号开头的“{digits}”不是省级行政区划的代码，请对照证件更正。", digits=number[:2])
        )
    _check_birth(number[6:14], today or date.today())
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    if number[17] != _ID_CHECKS[total % 11]:
        raise ValueError(msg("身份证号校验位（第18位）与前17位不符，至少有一位填错，请对照证件逐位核对。"))
    return number


def _check_birth(digits: str, today: date) -> None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise ValueError(
            msg("身份证号第7至14位“{digits}”不是真实存在的日期，请对照证件更正。", digits=digits)
        ) from None
    if born.year < 1900:
        raise ValueError(msg("身份证号第7至14位“{digits}”早于1900年，请对照证件更正。", digits=digits))
    if born > today:
        raise ValueError(msg("身份证号第7至14位“{digits}”晚于今天，请对照证件更正。", digits=digits))


# the part before @ as mail services give it out, and a domain with at least one dot
_MAILBOX = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*", re.ASCII)
_MAIL_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}", re.ASCII)
_LONGEST_EMAIL = 254


def check_url(s: str) -> str:
    """Return a web address that begins with http:// or https://."""
    url = s.strip().translate(_FULL_WIDTH)
    if re.search(r"[\s<>\"\\\x00-\x20\x7f]", url) or len(url) > 2000:
        raise ValueError(msg("网址中不能有空格、引号或尖括号，且不超过2000个字符，请核对。"))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(msg("“{url}”不是完整的网址，请从浏览器地址栏复制。", url=url)) from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(msg("网址应以 http:// 或 https:// 开头，请从浏览器地址栏复制。"))
    if not _HOST.fullmatch(host) or port == 0:
        raise ValueError(msg("“{url}”不是完整的网址，请从浏览器地址栏复制。", url=url))
    if parts.username is not None:
        raise ValueError(msg("网址中不能带用户名和密码，请删去“@”之前的部分。"))
    return url


def check_email(s: str) -> str:
    """Return an e-mail address in half width, its domain in lower case."""
    address = unicodedata.normalize("NFKC", s).strip().replace("。", ".")
    name, at, domain = address.rpartition("@")
    if not at:
        raise ValueError(
            msg("“{given}”不是电子邮箱，中间应有“@”，如 sifasuo@example.cn。", given=address[:30])
        )
    if not _MAILBOX.fullmatch(name) or len(address) > _LONGEST_EMAIL:
        raise ValueError(
            msg("电子邮箱“@”前面的“{name}”写得不对，只能有字母、数字和 . _ - +，请核对。", name=name[:30])
        )
    if not _MAIL_DOMAIN.fullmatch(domain):
        raise ValueError(
            msg("电子邮箱“@”后面的“{domain}”不是网站名称，应如 example.cn，请核对。", domain=domain[:30])
        )
    return f"{name}@{domain.lower()}"


def check_certificate_no(s: str) -> str:
    """Return the number of an enforcement certificate (执法证) in upper case."""
    number = re.sub("[‐–—−]", "-", compact(s))
    if not _CERTIFICATE.fullmatch(number):
        raise ValueError(msg("执法证号应为6至20位的数字、字母或短横线，请对照执法证件填写。"))
    return number


def check_certificate(kind: str, number: str, pattern: str, wanted: str, *, is_resident: bool) -> str:
    """Return the number of a certificate of identity (证件) in normal form.

    ``is_resident``: it is a number by GB 11643, with a check digit. ``pattern`` is the whole number's, "" for any;
    ``wanted`` says in words what it looks like.
    """
    if is_resident:
        return check_resident_id(number)
    compacted = compact(number)
    if pattern and not fullmatch(pattern, compacted):
        raise ValueError(
            msg(
                "{kind}的号码“{number}”不对（应为{wanted}），请对照证件更正。",
                kind=kind,
                number=number,
                wanted=wanted,
            )
        )
    return compacted


def compact(s: str) -> str:
    """Return the text in upper case and half width, without blanks."""
    text = unicodedata.normalize("NFKC", s)
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf").upper()


def _require_length(number: str, name: str) -> None:
    if len(number) == 18:
        return
    if len(number) == 15:
        raise ValueError(msg("15位的旧身份证号已停止使用，请填写现在的18位身份证号。"))
    fault = msg("请检查是否漏填") if len(number) < 18 else msg("请检查是否多填")
    raise ValueError(
        msg("{name}应为18位，现在是{count}位，{fault}。", name=name, count=len(number), fault=fault)
    )


def _is_digit(character: str) -> bool:
    return character in "0123456789"
