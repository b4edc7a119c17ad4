"""Form for recording a service (送达): fields, hints, parsing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from flask_babel import gettext as _

from formsvc.domain.acts.act import Act, ServiceRecord
from formsvc.domain.acts.service_checks import METHODS, RELATIONS
from formsvc.domain.authorization.officer_certificates import officer_rows
from formsvc.domain.chinese import parse_datetime
from formsvc.domain.definitions.form_definition import FormDefinition

FIELDS = ("method", "served_at", "place", "receiver", "relation", "servers", "note")
_SEPARATORS = re.compile(r"[、，,；;\s]+")


def method_choices() -> list[tuple[str, str, str]]:
    """Return each method of service as stored, as shown, and what it requires."""
    names = {
        "直接送达": _("直接送达"),
        "留置送达": _("留置送达"),
        "委托送达": _("委托送达"),
        "邮寄送达": _("邮寄送达"),
        "电子送达": _("电子送达"),
        "公告送达": _("公告送达"),
        "转交送达": _("转交送达"),
    }
    hints = {
        "直接送达": _("当面交给受送达人本人、法定代表人、负责收件的人或者同住成年家属，填签收人和签收时间。"),
        "留置送达": _("拒收时留在住所，在备注中写明拒收事由和见证人，或者写明已拍照、录像。"),
        "委托送达": _("委托其他机关代送，以受送达人在回证上签收的日期为准。"),
        "邮寄送达": _("以回执上注明的收件日期为准，在备注中写邮件号。"),
        "电子送达": _("须有送达地址（电子送达）确认书，以到达对方系统的时间为准，在备注中写地址。"),
        "公告送达": _("填发出公告的时间，在备注中写公告位置或者网址；自发出之日起满三十日视为送达。"),
        "转交送达": _("由受送达人所在部队、监所等单位转交，以本人签收的日期为准。"),
    }
    return [(method, names[method], hints[method]) for method in METHODS]


def relation_choices() -> list[tuple[str, str]]:
    """Return each relation of a receiver to the party as stored and as shown."""
    names = {
        "本人": _("本人"),
        "经营者": _("经营者"),
        "法定代表人": _("法定代表人"),
        "主要负责人": _("主要负责人"),
        "负责收件人": _("负责收件人"),
        "同住成年家属": _("同住成年家属"),
        "委托代理人": _("委托代理人"),
        "代收人": _("代收人"),
        "监所（政治机关）": _("监所（政治机关）"),
    }
    return [(relation, names[relation]) for relation in RELATIONS]


def initial_values(act: Act, definition: FormDefinition, now: datetime) -> dict[str, str]:
    """Return now, the party's address and the act's officers."""
    # Usually the officers who made the act also serve it
    names = [row.text("name") for row in officer_rows(definition, act.answers)]
    typed = dict.fromkeys(FIELDS, "")
    return typed | {
        "served_at": now.strftime("%Y-%m-%dT%H:%M"),
        "place": definition.roles.text(act.answers, "party_address"),
        "servers": "、".join(name for name in names if name),
    }


def recorded_values(act: Act) -> dict[str, str]:
    """Return the recorded service as it would be typed."""
    recorded = {name: str(act.service.get(name) or "") for name in FIELDS}
    return {**recorded, "servers": "、".join(act.service.get("servers") or ())}


def form_values(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form.get(name, "").strip() for name in FIELDS}


def parse_service(typed: Mapping[str, str], today: date) -> ServiceRecord:
    """Return a record; the use case refuses a time left unparsed here."""
    try:
        served_at = parse_datetime(typed["served_at"], today).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        served_at = typed["served_at"]
    return ServiceRecord(
        method=typed["method"],
        served_at=served_at,
        receiver=typed["receiver"],
        relation=typed["relation"],
        place=typed["place"],
        servers=tuple(name for name in _SEPARATORS.split(typed["servers"]) if name),
        note=typed["note"],
    )
