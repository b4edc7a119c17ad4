"""Characters that HTML forbids, replaced in pages."""

from __future__ import annotations

import re

from flask import Flask, Response

# controls and noncharacters (HTML, 13.2.3.5), in UTF-8: what was typed is shown, and may hold any of them
_FORBIDDEN = re.compile(
    rb"[\x00-\x08\x0b\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xef\xb7[\x90-\xaf]|\xef\xbf[\xbe\xbf]"
    rb"|[\xf0-\xf4][\x8f\x9f\xaf\xbf]\xbf[\xbe\xbf]"
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()


def register(app: Flask) -> None:
    app.after_request(_replace_forbidden)


def _replace_forbidden(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.is_streamed and not response.direct_passthrough:
        content = response.get_data()
        if _FORBIDDEN.search(content):
            response.set_data(_FORBIDDEN.sub(_REPLACEMENT, content))
    return response
