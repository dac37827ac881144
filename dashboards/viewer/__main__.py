"""`python -m dashboards.viewer`: the boards in a browser."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import uvicorn

from dashboards.viewer.app import LOOPBACK_HOSTS, create_app
from sinks.address import Address
from sinks.reader import BoardsReader


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.viewer",
        description="Shows the boards in a browser. Each flag can be given by the environment, too.",
        epilog="example: python -m dashboards.viewer --clickhouse-url http://boards:@127.0.0.1:8123 --port 8600",
    )
    env = os.environ.get
    parser.add_argument("--clickhouse-url", default=env("CLICKHOUSE_URL", ""), help="CLICKHOUSE_URL; best the user "
                        "that may read the database boards only")  # fmt: skip
    parser.add_argument("--clickhouse-ca", default=env("CLICKHOUSE_CA", ""), help="CLICKHOUSE_CA; who signed its "
                        "certificate, a path")  # fmt: skip
    parser.add_argument("--host", default=env("FUNNELWATCH_VIEWER_HOST", "127.0.0.1"), help="FUNNELWATCH_VIEWER_HOST")
    parser.add_argument("--port", type=int, default=int(env("FUNNELWATCH_VIEWER_PORT", "8600")), help="FUNNELWATCH_"
                        "VIEWER_PORT")  # fmt: skip
    parser.add_argument("--crm-url", default=env("FUNNELWATCH_CRM_URL", ""), help="FUNNELWATCH_CRM_URL; a record's "
                        "page in the CRM with {id} in it")  # fmt: skip
    parser.add_argument("--refresh", type=float, default=float(env("FUNNELWATCH_VIEWER_REFRESH", "5")), help="seconds "
                        "between two looks, 0 for never; FUNNELWATCH_VIEWER_REFRESH")  # fmt: skip
    parser.add_argument("--allow-host", action="append", default=[], help="a further name under which it answers")
    given = parser.parse_args(argv)
    if not given.clickhouse_url:
        parser.error("--clickhouse-url or CLICKHOUSE_URL is needed")
    return given


def main(argv: Sequence[str] | None = None) -> None:
    given = arguments(argv)
    named = [name for name in os.environ.get("FUNNELWATCH_VIEWER_ALLOWED_HOSTS", "").split(",") if name]
    app = create_app(
        BoardsReader(Address(given.clickhouse_url, given.clickhouse_ca or None)),
        crm_url=given.crm_url,
        refresh_s=given.refresh,
        allowed_hosts=[*LOOPBACK_HOSTS, given.host, *given.allow_host, *named],
    )
    print(f"boards: http://{given.host}:{given.port}", flush=True)
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning", access_log=False, server_header=False)


if __name__ == "__main__":
    main()
