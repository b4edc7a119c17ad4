"""Key under which a person's browser keeps text that could not be saved."""

from __future__ import annotations

import base64
import hashlib
import hmac

from flask import current_app


def unsaved_text_key(account: str) -> str:
    """Return the AES-256 key of an account, in base64.

    Only the pages of that account have it: what another person finds in the browser stays unread.
    """
    secret = str(current_app.secret_key).encode()
    key = hmac.digest(secret, f"formsvc unsaved text|{account}".encode(), hashlib.sha256)
    return base64.b64encode(key).decode()
