"""API tokens: scopes, lifetime and request limit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from formsvc.i18n.messages import Message, msg


class Scope(StrEnum):
    """Part of the API that a token opens, within its account's rights."""

    READ = "read"
    DRAFT = "draft"
    DECIDE = "decide"
    ISSUE = "issue"
    SERVE = "serve"
    PERSONAL = "personal"


SCOPE_NAMES: dict[Scope, Message] = {
    Scope.READ: msg("查看：文书目录、文书、号簿、正式文件"),
    Scope.DRAFT: msg("起草：新建、修改、提交、撤回、删除草稿，上传附件"),
    Scope.DECIDE: msg("审核和签发：通过、签发、退回"),
    Scope.ISSUE: msg("编号制发、登记打印、作废"),
    Scope.SERVE: msg("登记送达"),
    Scope.PERSONAL: msg("查看个人信息原文（没有这一项的，证件号码、手机号、住址只显示一部分）"),
}
EVERY_SCOPE = tuple(scope.value for scope in Scope)
USUAL_DAYS = 365
# of a token made on a page, and of its renewal
PAGE_DAYS = 90
LONGEST_DAYS = 3 * 365
USUAL_LIMIT = 600
HIGHEST_LIMIT = 60_000


class Awaits(StrEnum):
    """State of a token that waits for its person."""

    NOTHING = ""
    # made on a page by another person: until then it opens nothing
    CONFIRMATION = "confirmation"
    # made on the server: it works, and its person gets a notice
    NOTICE = "notice"


@dataclass(frozen=True)
class ApiToken:
    """Token as stored: by its hash; ``limit`` is in requests a minute.

    ``awaits`` is a value of ``Awaits``; tokens stored before it existed await nothing.
    """

    id: str
    name: str
    account: str
    made_at: str
    made_by: str = ""
    scopes: tuple[str, ...] = EVERY_SCOPE
    expires_at: str = ""
    limit: int = USUAL_LIMIT
    revoked_at: str = ""
    last_used_at: str = ""
    awaits: str = ""

    def expires(self) -> datetime:
        """Return the end of its life, by default a year after its creation."""
        if self.expires_at:
            return datetime.fromisoformat(self.expires_at)
        return datetime.fromisoformat(self.made_at) + timedelta(days=USUAL_DAYS)

    @property
    def awaits_confirmation(self) -> bool:
        return self.awaits == Awaits.CONFIRMATION

    def is_open(self, now: datetime) -> bool:
        """Return whether it works, or would once it is confirmed."""
        return not self.revoked_at and now < self.expires()

    def is_live(self, now: datetime) -> bool:
        return self.is_open(now) and not self.awaits_confirmation

    def to_record(self) -> dict[str, Any]:
        return {**asdict(self), "scopes": list(self.scopes)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ApiToken:
        # Tokens stored before scopes existed may do everything.
        return cls(**{**record, "scopes": tuple(record.get("scopes", EVERY_SCOPE))})
