"""Accounts: roles, rights, and passwords."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from formsvc.errors import FormsvcError, RightMissing
from formsvc.i18n.messages import msg

EVERY_AUTHORITY = "*"


class Role(StrEnum):
    """The five roles of an office."""

    STAFF = "staff"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    OFFICER = "officer"
    ADMIN = "admin"


ROLE_NAMES = {
    Role.STAFF: msg("承办人"),
    Role.REVIEWER: msg("法制审核"),
    Role.APPROVER: msg("签发人"),
    Role.OFFICER: msg("执法打印"),
    Role.ADMIN: msg("管理员"),
}


class Right(StrEnum):
    """Permission for acts of an authority."""

    VIEW = "view"
    DRAFT = "draft"
    WITHDRAW = "withdraw"
    REVIEW = "review"
    APPROVE = "approve"
    ISSUE = "issue"
    PRINT = "print"
    SERVE = "serve"
    VOID = "void"
    ADMINISTER = "administer"


RIGHT_NAMES = {
    Right.VIEW: msg("查看文书"),
    Right.DRAFT: msg("起草和提交"),
    Right.WITHDRAW: msg("撤回"),
    Right.REVIEW: msg("法制审核"),
    Right.APPROVE: msg("签发"),
    Right.ISSUE: msg("编号制发"),
    Right.PRINT: msg("打印"),
    Right.SERVE: msg("登记送达"),
    Right.VOID: msg("作废"),
    Right.ADMINISTER: msg("系统管理"),
}

# role × right; every right is held for one or more authorities (design decision 7)
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.STAFF: frozenset({Right.VIEW, Right.DRAFT, Right.WITHDRAW, Right.PRINT, Right.SERVE}),
    Role.REVIEWER: frozenset({Right.VIEW, Right.REVIEW}),
    Role.APPROVER: frozenset({Right.VIEW, Right.REVIEW, Right.APPROVE, Right.ISSUE, Right.PRINT, Right.VOID}),
    Role.OFFICER: frozenset({Right.VIEW, Right.ISSUE, Right.PRINT, Right.SERVE}),
    Role.ADMIN: frozenset({Right.ADMINISTER}),
}


@dataclass(frozen=True)
class Account:
    """Person who signs in; ``roles`` maps authority ids (or ``*``) to roles.

    ``password_until`` is the end of a password that another person chose; "" for one's own.
    """

    id: str
    display_name: str
    office: str
    roles: dict[str, list[str]] = field(default_factory=dict)
    password: str = ""
    active: bool = True
    must_change_password: bool = False
    session_generation: int = 1
    preferences: dict[str, Any] = field(default_factory=dict)
    password_until: str = ""
    # a SecondFactor as stored; empty for a person without one
    second_factor: dict[str, Any] = field(default_factory=dict)
    # the last change of password or second factor: its time and a message
    credentials_change: dict[str, Any] = field(default_factory=dict)

    def roles_for(self, authority: str) -> set[Role]:
        """Return the roles held for one authority, those for all included."""
        names = [*self.roles.get(EVERY_AUTHORITY, ()), *self.roles.get(authority, ())]
        return {Role(name) for name in names}

    def may(self, right: Right, authority: str) -> bool:
        """Return whether the right is held; without an authority, for any."""
        if not self.active:
            return False
        if not authority:
            return any(self._holds(right, place) for place in self.roles)
        return self._holds(right, authority)

    def _holds(self, right: Right, authority: str) -> bool:
        return any(right in RIGHTS[role] for role in self.roles_for(authority))

    def require(self, right: Right, authority: str, authority_name: str = "") -> None:
        """Raise RightMissing unless the right is held."""
        if not self.may(right, authority):
            raise RightMissing(RIGHT_NAMES[right], authority_name)

    def role_names(self) -> list[str]:
        """Return the names of all roles held anywhere, in working order."""
        held = {Role(name) for names in self.roles.values() for name in names}
        return [ROLE_NAMES[role] for role in Role if role in held]

    @property
    def is_admin(self) -> bool:
        return self.may(Right.ADMINISTER, "")

    @property
    def is_admin_or_approver(self) -> bool:
        """Return whether sign-in is guarded more closely, for any authority."""
        return self.is_admin or self.may(Right.APPROVE, "")

    def to_record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Account:
        return cls(**record)


MINIMUM_PASSWORD_LENGTH = 8


class ScryptCost(NamedTuple):
    """Cost of a hash (RFC 7914): it takes 128·n·r bytes, and p times as long."""

    n: int
    r: int
    p: int


# Of the settings that OWASP takes for equal (2026), on this project's machine: n=2^17, p=1 takes 128 MB and 0.53 s;
# 2^16, p=2 64 MB and 0.47 s; 2^15, p=3 32 MB and 0.33 s. Several people sign in at once on a small computer.
USUAL_COST = ScryptCost(2**15, 8, 3)
COST = USUAL_COST
# of hashes stored as ``scrypt$salt$hash``, before the cost was stored with them
FORMER_COST = ScryptCost(2**14, 8, 1)


def hash_password(password: str, *, minimum: int = MINIMUM_PASSWORD_LENGTH) -> str:
    """Return a salted scrypt hash. Raise FormsvcError if it is too short."""
    if len(password) < minimum:
        raise FormsvcError(
            msg("密码至少要 {minimum} 个字符。", minimum=minimum), msg("请换一个长一些的密码。")
        )
    salt = secrets.token_bytes(16)
    cost = ":".join(str(part) for part in COST)
    return f"scrypt:{cost}${salt.hex()}${_scrypt(password, salt, COST).hex()}"


def password_matches(stored: str, password: str) -> bool:
    """Return whether the password has this hash.

    An account without a hash takes the same time, so that timing does not show which names exist.
    """
    scheme, _, rest = stored.partition("$")
    salt, _, expected = rest.partition("$")
    actual = _scrypt(password, bytes.fromhex(salt or "00"), _cost_of(scheme) or COST)
    return _cost_of(scheme) is not None and hmac.compare_digest(actual.hex(), expected)


def needs_new_hash(stored: str) -> bool:
    """Return whether a hash was made at another cost than new ones are."""
    return _cost_of(stored.partition("$")[0]) != COST


def _cost_of(scheme: str) -> ScryptCost | None:
    """Return the cost that a stored hash names, None for no hash of ours."""
    name, _, cost = scheme.partition(":")
    if name != "scrypt":
        return None
    return ScryptCost(*map(int, cost.split(":"))) if cost else FORMER_COST


def _scrypt(password: str, salt: bytes, cost: ScryptCost) -> bytes:
    room = 2 * 128 * cost.n * cost.r
    return hashlib.scrypt(password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p, dklen=32, maxmem=room)
