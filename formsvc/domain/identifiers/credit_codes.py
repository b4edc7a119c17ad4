"""Unified social credit codes (GB 32100—2015), also those that break it.

Some registered codes have a check character that does not fit: those of Xiamen with M0001 in the place of an
organisation code are printed on the licences so. Such a code is kept with the reason: ``91350203M0001QKT19（营业执照载明）``.
Documents print the code alone.
"""

from __future__ import annotations

import re

from formsvc.domain.identifiers.certificates import PROVINCES, check_resident_id, compact
from formsvc.i18n.messages import join_messages, msg

# I, O, S, V and Z, easily misread, are left out; MOD 31 with weights 3^i.
_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Registering authority → kinds of bodies it registers (5.2, with the later entries of the registering authorities).
_KINDS = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19",
    "9": "1239", "A": "19", "N": "1239", "Y": "1",
}  # fmt: skip
# of the State itself; of the Production and Construction Corps
_DIVISIONS = PROVINCES | {"10", "66"}
_WITH_REASON = re.compile(r"(?P<code>[^（()）]+)[（(](?P<reason>.*)[）)]", re.DOTALL)
_REASON_CHARACTERS = range(4, 61)
LENGTH = 18


def check_credit_code(s: str) -> str:
    """Return a credit code in upper case, with its reason if it has one.

    Raise ValueError with the Chinese reason.
    """
    parts = _WITH_REASON.fullmatch(s.strip())
    code = compact(parts["code"] if parts else s)
    _check_characters(code)
    fault = _rule_fault(code)
    if parts is None:
        if fault:
            raise ValueError(join_messages(fault, _way_out(code)))
        return code
    reason = " ".join(parts["reason"].split())
    if not fault:
        raise ValueError(
            msg("统一社会信用代码“{code}”没有不符，不用写明依据，请删去括号里的文字。", code=code)
        )
    if len(reason) not in _REASON_CHARACTERS:
        raise ValueError(
            msg(
                "统一社会信用代码后面括号里的依据应为{least}至{most}个字，如“{code}（营业执照载明）”。",
                least=_REASON_CHARACTERS.start,
                most=_REASON_CHARACTERS.stop - 1,
                code=code,
            )
        )
    return f"{code}（{reason}）"


def code_without_reason(value: str) -> str:
    """Return the code of a stored value, as documents print it."""
    return value.partition("（")[0]


def code_notice(value: str) -> str:
    """Return what the reviewer must look at, "" for a code that fits."""
    code, _mark, reason = value.partition("（")
    if not reason:
        return ""
    return msg(
        "统一社会信用代码“{code}”与编码规则不符，填写人写明的依据是“{reason}”，请对照证照核对。",
        code=code,
        reason=reason.removesuffix("）"),
    )


def _way_out(code: str) -> str:
    return msg("证照上确实如此的，在后面用括号写明依据，如“{code}（营业执照载明）”。", code=code)


def _check_characters(code: str) -> None:
    if len(code) != LENGTH:
        fault = msg("请检查是否漏填") if len(code) < LENGTH else msg("请检查是否多填")
        raise ValueError(
            msg(
                "{name}应为18位，现在是{count}位，{fault}。",
                name=msg("统一社会信用代码"),
                count=len(code),
                fault=fault,
            )
        )
    for place, character in enumerate(code, 1):
        if character not in _CHARACTERS:
            hint = msg("只用数字和大写字母，不用字母I、O、S、V、Z")
            raise ValueError(
                msg(
                    "统一社会信用代码第{place}位“{character}”不是允许的字符（{hint}），请对照营业执照或登记证书更正。",
                    place=place,
                    character=character,
                    hint=hint,
                )
            )
        if 3 <= place <= 8 and character not in "0123456789":
            raise ValueError(
                msg(
                    "统一社会信用代码第{place}位“{character}”应为数字（第3至8位是行政区划码），请对照营业执照或登记证书更正。",
                    place=place,
                    character=character,
                )
            )
    if len(set(code)) == 1:
        raise ValueError(
            msg(
                "统一社会信用代码不能18位都是“{character}”，请对照营业执照或登记证书填写。", character=code[0]
            )
        )
    if _is_resident_id(code):
        raise ValueError(
            msg("“{code}”是身份证号，不是统一社会信用代码，请对照营业执照或登记证书填写。", code=code)
        )


def _is_resident_id(code: str) -> bool:
    try:
        return bool(check_resident_id(code))
    except ValueError:
        return False


def _rule_fault(code: str) -> str:
    """Return which rule a code of the right characters breaks, or ""."""
    kinds = _KINDS.get(code[0], "")
    if not kinds:
        return msg("统一社会信用代码第1位“{character}”不是登记管理部门的代码。", character=code[0])
    if code[1] not in kinds:
        return msg(
            "统一社会信用代码第1、2位“{characters}”不是登记管理部门登记的机构类别。", characters=code[:2]
        )
    if code[2:4] not in _DIVISIONS:
        return msg("统一社会信用代码第3、4位“{characters}”不是省级行政区划的代码。", characters=code[2:4])
    total = sum(_CHARACTERS.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    if code[17] != _CHARACTERS[-total % 31]:
        return msg(
            "统一社会信用代码校验位（第18位）与前17位不符，至少有一位填错，请对照营业执照或登记证书逐位核对。"
        )
    return ""
