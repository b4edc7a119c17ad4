"""Application factory: pages and API on the ports of an instance."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from formsvc import web
from formsvc.bootstrap import build_ports, setup_code
from formsvc.config import Settings, read_settings
from formsvc.secret_key import secret_key
from formsvc.usecases.context import Ports


def create_app(settings: Settings | None = None, *, ports: Ports | None = None) -> Flask:
    """Return the WSGI application; None reads the settings of the environment."""
    settings = settings or read_settings()
    ports = ports or build_ports(settings)
    app = Flask("formsvc.web")
    app.config.update(
        SECRET_KEY=secret_key(settings),
        DEMO=settings.demo,
        PUBLIC_URL=settings.public_url,
        SETUP_CODE=setup_code(settings),
        PICTURES=str(settings.cache / "pictures"),
        BABEL_DEFAULT_LOCALE=settings.language,
    )
    # a public address means a reverse proxy in front; without one the headers could be forged
    if settings.public_url:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]  # Flask's documented way
    # where no server started it before the first request, as under another WSGI server
    app.before_request(ports.definitions.watch)
    web.register(app, ports)
    return app
