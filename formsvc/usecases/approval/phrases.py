"""Usual phrases (常用语) of comments: the office's list, and one's own last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from formsvc.domain.json_types import JSON
from formsvc.errors import InputRefused, Problem
from formsvc.i18n.messages import msg
from formsvc.usecases.administration import office_settings
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.ports import Condition

SETTING = "comment_phrases"
DEFAULTS: tuple[str, ...] = (
    msg("同意。"),
    msg("事实清楚，依据准确，同意。"),
    msg("请补充写明具体部位。"),
    msg("请核对日期和期限。"),
    msg("引用的条款不准确，请核对。"),
)
MOST_PHRASES, MOST_CHARACTERS = 20, 60
# comments of one's own: of these days, and as many
OWN_DAYS, MOST_OWN = 30, 5
_DECISIONS = ["Reviewed", "Approved", "Returned"]


@dataclass(frozen=True)
class UsualPhrases:
    """Phrases that a comment may be made of."""

    office: tuple[str, ...]
    own: tuple[str, ...]


def usual_phrases(ports: Ports, actor: Actor) -> UsualPhrases:
    office = office_phrases(ports)
    return UsualPhrases(office, tuple(text for text in _own_comments(ports, actor) if text not in office))


def office_phrases(ports: Ports) -> tuple[str, ...]:
    """Return the office's list; that of the program until there is one."""
    kept: JSON = office_settings.get_settings(ports).get(SETTING)
    return tuple(map(str, kept)) if isinstance(kept, list) else DEFAULTS


def save_office_phrases(ports: Ports, actor: Actor, lines: str) -> tuple[str, ...]:
    """Save the office's list, one phrase a line. Raise InputRefused."""
    phrases = list(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))
    long = next((phrase for phrase in phrases if len(phrase) > MOST_CHARACTERS), "")
    if len(phrases) > MOST_PHRASES:
        text = msg("常用语最多 {most} 条，现在有 {count} 条。", most=MOST_PHRASES, count=len(phrases))
        raise InputRefused([Problem("phrases", text, msg("请删去不常用的。"))])
    if long:
        text = msg("“{phrase}…”超过 {most} 个字。", phrase=long[:12], most=MOST_CHARACTERS)
        raise InputRefused([Problem("phrases", text, msg("请写短一些。"))])
    office_settings.save_settings(ports, actor, {SETTING: phrases})
    return tuple(phrases)


def _own_comments(ports: Ports, actor: Actor) -> list[str]:
    since = (ports.clock.today() - timedelta(days=OWN_DAYS)).isoformat()
    own = (
        Condition("at", ">=", since),
        Condition("kind", "in", _DECISIONS),
        Condition("by", "==", actor.account.id),
        Condition("note", "!=", ""),
    )
    with ports.store.read() as tx:
        records = tx.events.find(*own, order="at", descending=True, limit=4 * MOST_OWN)
    short = (str(record["note"]) for record in records if len(record["note"]) <= MOST_CHARACTERS)
    return list(dict.fromkeys(short))[:MOST_OWN]
