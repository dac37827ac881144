"""The boards' own user on a real server: it can read the views of database `boards` and nothing else.

The views run with the rights of who migrated (SQL SECURITY DEFINER), so no grant on `facts` is needed. The embedded
engine knows no users; its HTTP process judges statements instead (deploy/local/clickhouse_guard.py).
"""

from __future__ import annotations

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.client import Address, SinkError, connect, one_line

# 2: reads only, yet may set limits per query, which Grafana's plugin does with every one.
READONLY = 2


def statements(user: str, password: str) -> list[str]:
    name = quote_identifier(user)
    secret = password.replace("\\", "\\\\").replace("'", "\\'")
    terms = f"{name} IDENTIFIED WITH sha256_password BY '{secret}' SETTINGS readonly = {READONLY}"
    return [
        f"CREATE USER IF NOT EXISTS {terms}",
        f"ALTER USER {terms}",
        f"GRANT SELECT ON boards.* TO {name}",
    ]


def grant_boards(address: Address | str, user: str, password: str) -> None:
    """Creates or updates `user`; who is in `address` needs the right to manage users. Raises SinkError."""
    client = connect(address)
    try:
        for statement in statements(user, password):
            client.command(statement)
    except ClickHouseError as error:
        raise SinkError(f"user {user}: {one_line(error)}") from error
    finally:
        client.close()
