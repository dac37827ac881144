"""`funnelwatch viewer`: the boards in a browser, put together by the settings."""

from __future__ import annotations

import uvicorn

from dashboards.viewer.app import LOOPBACK_HOSTS, create_app
from deploy.settings import Settings
from sinks.reader import BoardsReader


def serve(settings: Settings) -> None:
    """Until SIGTERM or Ctrl-C."""
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
