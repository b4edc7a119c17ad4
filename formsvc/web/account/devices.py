"""Names of browsers and systems, from what browsers send of themselves."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

# the first mark that is found counts: most browsers also claim to be Chrome and Safari
_BROWSERS = (
    ("MicroMessenger", lazy_gettext("微信")),
    ("DingTalk", lazy_gettext("钉钉")),
    ("QQBrowser", lazy_gettext("QQ 浏览器")),
    ("QihooBrowser", lazy_gettext("360 浏览器")),
    ("360SE", lazy_gettext("360 浏览器")),
    ("HuaweiBrowser", lazy_gettext("华为浏览器")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", lazy_gettext("鸿蒙")),
    ("Android", lazy_gettext("安卓")),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Return browser and system in words, or the text if it names neither."""
    browser, system = (
        next((str(name) for mark, name in marks if mark in user_agent), "") for marks in (_BROWSERS, _SYSTEMS)
    )
    if browser and system:
        return str(_("%(browser)s（%(system)s）", browser=browser, system=system))
    return browser or system or user_agent or str(_("没有说明的程序"))
