"""Namespaces of "Strict Open XML" (ISO/IEC 29500-1) replaced.

Word's save dialog offers the strict form: the same markup in other namespaces. Mapped to those of ECMA-376 before anything looks at a
part, one set of rules holds for both forms.
"""

from __future__ import annotations

import re

STRICT_MAIN = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMESPACE = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_RENAMED = {
    b"extendedProperties": b"extended-properties",
    b"customProperties": b"custom-properties",
}
_LAST_STEP = re.compile(
    rb"(http://schemas\.openxmlformats\.org/officeDocument/2006/(?:relationships/)?)"
    rb"(extendedProperties|customProperties)\b"
)
_CONFORMANCE = re.compile(rb"\s\w+:conformance=([\"'])strict\1")


def to_transitional(part: bytes) -> bytes:
    """Return an XML part with strict namespaces replaced."""
    if _STRICT not in part:
        return part
    mapped = _NAMESPACE.sub(rb"http://schemas.openxmlformats.org/\1/2006/", part)
    mapped = _LAST_STEP.sub(lambda found: found[1] + _RENAMED[found[2]], mapped)
    return _CONFORMANCE.sub(b"", mapped)
