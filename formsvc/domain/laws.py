"""Titles and articles of laws as messages print them."""

from __future__ import annotations

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
LEFT_SERVICE_ARTICLE = f"{_CIVIL_PROCEDURE_LAW}第八十九条"
PUBLISHED_SERVICE_ARTICLE = f"{_CIVIL_PROCEDURE_LAW}第九十五条"
INSPECTION_RULES = "《消防监督检查规定》"
# The duty of townships and street offices to urge, without a power to order or to punish.
OWN_DUTY_ARTICLE = "《消防安全责任制实施办法》（国办发〔2017〕87号）第九条"
# Excludes coordinating bodies, and persons without a certificate, from inspecting enterprises.
INSPECTION_OPINION = "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）"
