"""Second factor of a sign-in: RFC 6238 codes and recovery codes.

Nothing is fetched: phone and server count the same 30 seconds and share a key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
RECOVERY_CODES = 10
_KEY_BYTES = 20


@dataclass(frozen=True)
class SecondFactor:
    """Key in base 32, the last step used, and hashes of unused recovery codes."""

    key: str
    used_step: int = 0
    recovery: tuple[str, ...] = ()

    def after(self, code: str, now: float) -> SecondFactor | None:
        """Return the factor with this code used up, None if it does not fit.

        A code fits once, also within its 30 seconds.
        """
        step = matching_step(self.key, code, now)
        if step is not None:
            return replace(self, used_step=step) if step > self.used_step else None
        hashed = _code_hash(code)
        if hashed not in self.recovery:
            return None
        return replace(self, recovery=tuple(other for other in self.recovery if other != hashed))


def new_key() -> str:
    return base64.b32encode(secrets.token_bytes(_KEY_BYTES)).decode()


def matching_step(key: str, code: str, now: float) -> int | None:
    """Return the step of a code, the one before and after now too, or None."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdecimal() and len(typed) == DIGITS):
        return None
    # RFC 6238 and the authenticators of phones use SHA-1: its weakness against collisions is none here
    totp = TOTP(base64.b32decode(key), DIGITS, SHA1(), STEP_SECONDS)
    present = int(now) // STEP_SECONDS
    steps = (present - 1, present, present + 1)
    return next(
        (s for s in steps if hmac.compare_digest(totp.generate(s * STEP_SECONDS), typed.encode())), None
    )


def new_recovery_codes() -> tuple[list[str], tuple[str, ...]]:
    """Return codes to print, and their hashes to store."""
    codes = ["-".join(secrets.token_hex(2) for _ in range(4)) for _ in range(RECOVERY_CODES)]
    return codes, tuple(map(_code_hash, codes))


def _code_hash(code: str) -> str:
    # 64 random bits and few attempts: neither salt nor a slow hash
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
