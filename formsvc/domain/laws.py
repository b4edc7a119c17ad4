"""Titles and articles of laws as messages print them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from formsvc.domain.chinese import NUMERAL, parse_chinese_number

PENALTY_LAW = "《中华人民共和国行政处罚法》"
# Detention and other limits of personal freedom belong to the police alone.
PUBLIC_SECURITY_ARTICLE = f"{PENALTY_LAW}第十八条第三款"
ENTRUSTMENT_ARTICLE = f"{PENALTY_LAW}第二十条"
ENTRUSTMENT_PUBLICATION = f"{ENTRUSTMENT_ARTICLE}第二款"
# An agent acts within what was entrusted to it.
ENTRUSTMENT_SCOPE = f"{ENTRUSTMENT_ARTICLE}第四款"
AGENT_ARTICLE = f"{PENALTY_LAW}第二十一条"
EMPOWERMENT_ARTICLE = f"{PENALTY_LAW}第二十四条"
OFFICERS_ARTICLE = f"{PENALTY_LAW}第四十二条"
FIRE_LAW = "《中华人民共和国消防法》"
# The brigade's own power to inspect; orders and penalties rest on its penalty clauses.
OWN_POWER_ARTICLE = f"{FIRE_LAW}第五十三条"
COERCION_ARTICLE = "《中华人民共和国行政强制法》第十七条"
REVIEW_PERIOD_ARTICLE = "《中华人民共和国行政复议法》第二十条"
LITIGATION_PERIOD_ARTICLE = "《中华人民共和国行政诉讼法》第四十六条"
_CIVIL_PROCEDURE_LAW = "《中华人民共和国民事诉讼法》"
ROLLING_ARTICLE = f"{_CIVIL_PROCEDURE_LAW}第八十五条"
RECEIVERS_ARTICLE = f"{_CIVIL_PROCEDURE_LAW}第八十八条"
LEFT_SERVICE_ARTICLE = f"{_CIVIL_PROCEDURE_LAW}第八十九条"
PUBLISHED_SERVICE_ARTICLE = f"{_CIVIL_PROCEDURE_LAW}第九十五条"
INSPECTION_RULES = "《消防监督检查规定》"
# The duty of townships and street offices to urge, without a power to order or to punish.
OWN_DUTY_ARTICLE = "《消防安全责任制实施办法》（国办发〔2017〕87号）第九条"
# Excludes coordinating bodies, and persons without a certificate, from inspecting enterprises.
INSPECTION_OPINION = "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）"

_PROVISION = re.compile(
    rf"(《[^《》]+》(?:（[^（）]*）)?)第({NUMERAL})条(?:第({NUMERAL})款)?(?:第({NUMERAL})项)?"
)


def join_provisions(citations: Iterable[str]) -> str:
    """Return citations as one text, each law and article named once.

    《…法》第六十条第一款第三项 and 《…法》第六十条第一款第五项 give 《…法》第六十条第一款第三项、第五项. Articles of a law
    stand in their order, laws in that of their first citation; a text that is no citation stands as it is.
    """
    by_law: dict[str, set[tuple[str, ...]]] = {}
    for citation in citations:
        found = _PROVISION.fullmatch(citation)
        law, *parts = found.groups() if found else (citation,)
        by_law.setdefault(law, set()).update([tuple(part or "" for part in parts)] if parts else [])
    return "、".join(law + _join_articles(provisions) for law, provisions in by_law.items())


def _join_articles(provisions: set[tuple[str, ...]]) -> str:
    """Return 第…条第…款第…项 of each, without what the one before names already."""
    texts = []
    before: tuple[str, ...] = ("", "", "")
    for provision in sorted(provisions, key=lambda p: [parse_chinese_number(n) if n else 0 for n in p]):
        article, paragraph, item = provision
        text = "" if article == before[0] else f"第{article}条"
        text += f"第{paragraph}款" if paragraph and (text or paragraph != before[1]) else ""
        texts.append(text + (f"第{item}项" if item else ""))
        before = provision
    return "、".join(texts)
