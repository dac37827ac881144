"""`funnelwatch viewer`: the boards in a browser, put together by the settings."""

from __future__ import annotations

import errno
import socket

import uvicorn

from dashboards.viewer.app import LOOPBACK_HOSTS, create_app
from deploy.settings import Settings, SettingsError
from sinks.reader import BoardsReader


def serve(settings: Settings) -> None:
    """Until SIGTERM or Ctrl-C. Raises SettingsError where the port is taken."""
    _refuse_taken(settings.viewer_host, settings.viewer_port)
    app = create_app(
        BoardsReader(settings.boards_address),
        crm_url=settings.crm_url or "",
        refresh_s=settings.viewer_refresh,
        allowed_hosts=[*LOOPBACK_HOSTS, settings.viewer_host, *settings.viewer_allowed_hosts],
    )
    uvicorn.run(
        app,
        host=settings.viewer_host,
        port=settings.viewer_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


def _refuse_taken(host: str, port: int) -> None:
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"FUNNELWATCH_VIEWER_PORT={port}: taken on {host} already; take another") from None
