"""The public address behind a reverse proxy: host, scheme and path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication

LOOPBACK = ("127.0.0.1", "localhost", "::1")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?", re.IGNORECASE)


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets.

    Empty if it is not well formed.
    """
    match = _HOST.fullmatch(host)
    return match[1].strip("[]").lower() if match else ""


def public_prefix(public_url: str) -> str:
    """Return the path of the public address, such as /xf; mostly ""."""
    return urlsplit(public_url).path.rstrip("/")


class PublicAddress:
    """WSGI application that gives proxied requests the public address.

    Proxies often pass on another Host, without the port, or the path as it came: links and
    the check of the Referer would then fail.
    """

    def __init__(self, application: WSGIApplication, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._application = application
        self._scheme, self._host = parts.scheme, parts.netloc.rpartition("@")[2]
        self._name, self._prefix = parts.hostname or "", public_prefix(public_url)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self._set_prefix(environ)
        name = host_name(environ.get("HTTP_HOST", ""))
        is_proxied = name == self._name or any(header in environ for header in FORWARDED)
        # a foreign name stays as it is, to be refused
        if is_proxied and name in (self._name, *LOOPBACK):
            environ["HTTP_HOST"] = self._host
            if "HTTP_X_FORWARDED_PROTO" not in environ:
                environ["wsgi.url_scheme"] = self._scheme
        return self._application(environ, start_response)

    def _set_prefix(self, environ: dict[str, Any]) -> None:
        # a header that the proxy does not set may come from anybody: what is configured goes first
        forwarded = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
        prefix = self._prefix or (forwarded if _PREFIX.fullmatch(forwarded) else "")
        if not prefix:
            return
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        environ["SCRIPT_NAME"] = prefix
