"""Masked forms of personal information (个人信息)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from formsvc.domain.json_types import JSON

HIDDEN = "*"
# between several telephone numbers of one answer
PHONE_JOINT = "、"
# Only a receipt signed for a unit may show its place: what anybody else received may have been served at a home.
OF_THE_UNIT = ("法定代表人", "主要负责人", "负责收件人")
_PLACE = re.compile(
    r"(?:[^省市县区镇乡]{2,6}(?:省|自治区))?"
    r"(?:[^省市县区镇乡]{2,6}(?:市|自治州|地区|盟))?"
    r"(?:[^省市县区镇乡]{1,6}(?:(?<!小)(?<!园)区|县|旗|市))?"  # not 小区 or 园区: those are no divisions
    r"(?:[^省市县区镇乡]{1,8}(?:镇|乡|街道))?"
)
_RESIDENT_ID = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}")
_MOBILE_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")


def mask_number(text: str) -> str:
    """Return an identity number with its first four and last two characters."""
    return text[:4] + HIDDEN * max(len(text) - 6, 4) + text[-2:] if len(text) > 8 else HIDDEN * 8


def mask_phone(text: str) -> str:
    """Return a telephone number with its first three and last two digits."""
    return text[:3] + HIDDEN * max(len(text) - 5, 3) + text[-2:] if len(text) > 6 else HIDDEN * 6


def personal_phones(value: str) -> list[str]:
    """Return those of persons: mobile numbers, and those of abroad."""
    return [part for part in value.split(PHONE_JOINT) if _MOBILE.fullmatch(part) or part.startswith("+")]


def mask_phones(value: str, *, mobiles_only: bool = False) -> str:
    """Return numbers with each masked, or mobiles alone."""
    personal = personal_phones(value) if mobiles_only else value.split(PHONE_JOINT)
    parts = value.split(PHONE_JOINT)
    return PHONE_JOINT.join(mask_phone(part) if part in personal else part for part in parts)


def mask_address(text: str) -> str:
    """Return an address down to its town or street office."""
    place = _PLACE.match(text)
    return (place.group() if place else "") + HIDDEN * 4


def mask_in_text(text: str) -> str:
    """Return a free text with identity and mobile numbers masked."""
    text = _RESIDENT_ID.sub(lambda match: mask_number(match.group()), text)
    return _MOBILE_IN_TEXT.sub(lambda match: mask_phone(match.group()), text)


MASKS: Mapping[str, Callable[[str], str]] = {
    "number": mask_number,
    "phone": mask_phones,
    "address": mask_address,
}


def masked_service(service: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return a service record with its place masked, unless served on a unit."""
    place = service.get("place") or ""
    if not place or service.get("relation") in OF_THE_UNIT:
        return dict(service)
    return {**service, "place": mask_address(str(place))}
