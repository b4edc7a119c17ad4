"""Checks of numbers of people and firms, telephones and addresses.

Each returns the normal form or raises ValueError with the Chinese reason.
"""

from formsvc.domain.identifiers.certificates import (
    check_certificate,
    check_certificate_no,
    check_email,
    check_resident_id,
    check_url,
    compact,
)
from formsvc.domain.identifiers.credit_codes import check_credit_code
from formsvc.domain.identifiers.phones import check_phone

__all__ = [
    "check_certificate",
    "check_certificate_no",
    "check_credit_code",
    "check_email",
    "check_phone",
    "check_resident_id",
    "check_url",
    "compact",
]
