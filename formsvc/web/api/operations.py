"""The table of operations: each entry is a route, its models and its page of the description at once.

Nothing else knows an address of the API. The routes (door.py) and the OpenAPI document (description.py) are both made
from this table, so that they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pydantic

from formsvc.domain.accounts.api_token import Scope
from formsvc.i18n.messages import Message, msg

JSON_TYPE = "application/json"
PDF_TYPE = "application/pdf"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UPLOAD_TYPES = ("image/jpeg", "image/png", "image/webp", PDF_TYPE)

ACT_ID = r"[0-9a-f]{16}"
PATH_PATTERNS = {"act_id": ACT_ID, "form": r"[A-Za-z0-9_-]{1,20}", "sha256": r"[0-9a-f]{64}"}
PATH_WORDS: Mapping[str, Message] = {
    "act_id": msg("文书的编号（id）"),
    "form": msg("文书种类，如 T22"),
    "sha256": msg("附件的校验值"),
}


@dataclass(frozen=True)
class Call:
    """One request as an operation receives it; ``version`` is what If-Match named, None for any."""

    query: Any = None
    body: Any = None
    upload: bytes = b""
    version: int | None = None
    new_id: str = ""
    """The id an act gets that is made by this request; empty where it is free."""


@dataclass(frozen=True)
class Answer:
    """What an operation answers: a model, or bytes."""

    content: pydantic.BaseModel | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    mime: str = JSON_TYPE


@dataclass(frozen=True)
class Operation:
    """One thing a program can ask for."""

    name: str
    method: str
    path: str
    part: Message
    summary: Message
    does: Callable[..., Answer]
    scope: Scope | None
    query: type[pydantic.BaseModel] | None = None
    body: type[pydantic.BaseModel] | None = None
    answer: type[pydantic.BaseModel] | None = None
    mime: str = JSON_TYPE
    status: int = 200
    uploads: bool = False
    repeatable: bool = False
    """Takes an Idempotency-Key."""
    resumable: bool = False
    """May be carried out anew under its key after it broke off, since it does nothing twice."""
    matches: bool = False
    """Takes If-Match and answers 428 without it."""
    may_match: bool = False
    """Takes If-Match where it is sent."""
    tagged: bool = False
    """Answers an ETag and 304 to If-None-Match."""
    refusals: tuple[int, ...] = ()
    """Statuses beside those every operation can answer."""

    @property
    def variables(self) -> list[str]:
        """The names in its path."""
        return [piece[1:-1] for piece in self.path.split("/") if piece.startswith("{")]

    @property
    def rule(self) -> str:
        """The path as the router writes it."""
        return self.path.replace("{", "<").replace("}", ">")


OPERATIONS: list[Operation] = []
Does = Callable[..., Answer]


def operation(
    method: str, path: str, part: Message, summary: Message, scope: Scope | None, **rest: Any
) -> Callable[[Does], Does]:
    """Put a function into the table."""

    def enter(does: Does) -> Does:
        OPERATIONS.append(Operation(does.__name__, method, path, part, summary, does, scope, **rest))
        return does

    return enter
