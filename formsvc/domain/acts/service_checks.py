"""Checks of a service (送达) as it is recorded (民事诉讼法 87–95)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from formsvc.domain import laws
from formsvc.domain.acts.act import ServiceRecord
from formsvc.domain.acts.service_day import PUBLISHED
from formsvc.errors import Problem
from formsvc.i18n.messages import msg

METHODS = ("直接送达", "留置送达", "委托送达", "邮寄送达", "电子送达", "公告送达", "转交送达")
RELATIONS = (
    *("本人", "经营者", "法定代表人", "主要负责人", "负责收件人", "同住成年家属", "委托代理人", "代收人"),
    "监所（政治机关）",
)
_LEFT = "留置送达"
_WORDS = {
    str(word): word
    for word in (
        *(msg("直接送达"), msg("留置送达"), msg("委托送达"), msg("邮寄送达"), msg("电子送达")),
        *(msg("公告送达"), msg("转交送达"), msg("本人"), msg("经营者"), msg("法定代表人"), msg("主要负责人")),
        *(msg("负责收件人"), msg("同住成年家属"), msg("委托代理人"), msg("代收人"), msg("监所（政治机关）")),
    )
}


def service_word(stored: str) -> str:
    """Return a stored method or relation as a word that pages translate."""
    return _WORDS.get(stored, stored)


def service_problems(record: ServiceRecord, dated: str, now: datetime) -> list[Problem]:
    """Return what is missing or wrong; ``dated`` is the document's day."""
    problems = []
    if record.method not in METHODS:
        problems.append(Problem("method", msg("请选择送达方式。")))
    if not record.receiver.strip() and record.method not in (_LEFT, PUBLISHED):
        problems.append(Problem("receiver", msg("请填写签收人姓名。")))
    if record.method == _LEFT and not record.note.strip():
        problems.append(
            Problem(
                "note",
                msg("留置送达应当写明拒收事由和见证人（或者照片录像）。"),
                law=laws.LEFT_SERVICE_ARTICLE,
            )
        )
    if not any(name.strip() for name in record.servers):
        problems.append(Problem("servers", msg("请填写送达人。")))
    return problems + _time_problems(record.served_at, dated, now)


def receiver_problems(record: ServiceRecord, party: str, allowed: Collection[str]) -> list[Problem]:
    """Return problems with the receiver.

    ``allowed`` are the relations to a party of this kind that may receive in this manner; all if empty.
    """
    problems = []
    if record.receiver.strip() and record.receiver.strip() in {name.strip() for name in record.servers}:
        problems.append(
            Problem(
                "receiver",
                msg("签收人不能是送达人本人。"),
                msg("请核对签收人和送达人。"),
                laws.RECEIVERS_ARTICLE,
            )
        )
    if record.relation and allowed and record.relation not in allowed:
        problems.append(
            Problem(
                "relation",
                msg(
                    "受送达人是{party}，{method}不能由“{relation}”签收，可以签收的是：{allowed}。",
                    party=party,
                    method=record.method,
                    relation=record.relation,
                    allowed="、".join(allowed),
                ),
                msg("请核对签收人；没有送达的，不要登记送达。"),
                laws.RECEIVERS_ARTICLE,
            )
        )
    return problems


def _time_problems(served_at: str, dated: str, now: datetime) -> list[Problem]:
    try:
        moment = datetime.fromisoformat(served_at)
    except ValueError:
        return [Problem("served_at", msg("请填写送达时间，例如 2026-11-23 09:30。"))]
    if moment > now:
        return [Problem("served_at", msg("送达时间晚于现在。"), msg("请填写实际送达的时间。"))]
    if served_at[:10] < dated:
        return [
            Problem(
                "served_at",
                msg("送达时间早于文书的成文日期 {dated}。", dated=dated),
                msg("请核对送达时间。"),
            )
        ]
    return []
